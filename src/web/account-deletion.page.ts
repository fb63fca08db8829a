import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

type FormPage = Frame & { form: FormState };

/** Says what deletion means, and asks for proof that it is meant. */
export function renderDeleteAccountPage({
  site,
  person,
  form,
  waitDays,
  needs,
}: FormPage & { waitDays: number; needs: ProofNeeds }): string {
  return renderPage({
    site,
    person,
    title: 'Delete your account',
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>Delete your account</h1>
<p class="lead">Your account is closed ${waitDays === 0 ? 'at once' : html`in ${waitDays} days`}. Until then everything works, and you can change your mind.</p>
<p>On that day:</p>
<ul>
<li>you are signed out everywhere, and nobody can sign in with this account any more;</li>
<li>your account at the learning site is closed too, with your courses there;</li>
<li>your name, e-mail address, profile and sign-in data are erased. This cannot be undone.</li>
</ul>
<p class="hint">Your username is not given to anybody else. If you want to keep something, <a href="/account/data">get a copy of your data</a> first.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderProof(form, needs)}
<div class="actions"><button class="button danger">Delete my account</button><a class="button quiet" href="/account">Keep it</a></div>
</form>
</div>`,
  });
}

/** Reminds somebody of their request, with a way back; on their account page. */
export function renderDeletionNote({ csrfToken, day }: { csrfToken: string; day: string }): string {
  return html`<div class="note bad" role="status">
<p>This account will be deleted on <strong>${day}</strong>. Until then everything works.</p>
<form method="post" action="/account/delete/keep">!${renderCsrf({ csrfToken })}<button class="button small">Keep my account</button></form>
</div>`;
}

/** Where the mailed link leads: programs that look at links in mails change nothing, only the button does. */
export function renderKeepAccountPage({ site, form }: FormPage): string {
  return renderPage({
    site,
    title: 'Keep your account',
    body: html`<div class="card">
<h1>Keep your account</h1>
<p class="lead">The request to delete your account is taken back, and everything stays as it is.</p>
<form method="post">
!${renderCsrf(form)}
<button class="button full">Keep my account</button>
</form>
</div>`,
  });
}

/** After the link did what it was for. */
export function renderAccountKeptPage({ site }: Frame): string {
  return renderPage({
    site,
    title: 'Your account stays',
    body: html`<div class="card">
<h1>Your account stays</h1>
<p class="lead">It will not be deleted. If it was not you who asked for that, change your password now.</p>
<p><a class="button" href="/account">Go to your account</a></p>
</div>`,
  });
}
