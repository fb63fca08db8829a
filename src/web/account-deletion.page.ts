import { html } from 'ghtml';
import type { Words } from '../words/words.js';
import { type FormState, renderCsrf, renderErrorSummary } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

type FormPage = Frame & { form: FormState };

/** Says what deletion means, and asks for proof that it is meant. */
export function renderDeleteAccountPage(page: FormPage & { waitDays: number; needs: ProofNeeds }): string {
  const { words, form, waitDays, needs } = page;
  return renderPage(page, {
    title: words('Delete your account'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Delete your account')}</h1>
<p class="lead">${waitDays === 0 ? words('Your account is closed at once.') : words('Your account is closed in {count} days. Until then everything works, and you can change your mind.', { count: waitDays })}</p>
<p>${words('On that day:')}</p>
<ul>
<li>${words('you are signed out everywhere, and nobody can sign in with this account any more;')}</li>
<li>${words('your account at the learning site is closed too, with your courses there;')}</li>
<li>${words('your name, e-mail address, profile and sign-in data are erased. This cannot be undone.')}</li>
</ul>
<p class="hint">!${words.html('Your username is not given to anybody else. If you want to keep something, {copy} first.', { copy: html`<a href="/account/data">${words('get a copy of your data')}</a>` })}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderProof(form, needs)}
<div class="actions"><button class="button danger">${words('Delete my account')}</button><a class="button quiet" href="/account">${words('Keep it')}</a></div>
</form>
</div>`,
  });
}

/** Reminds somebody of their request, with a way back; on their account page. */
export function renderDeletionNote({
  csrfToken,
  words,
  day,
}: {
  csrfToken: string;
  words: Words;
  day: string;
}): string {
  return html`<div class="note bad" role="status">
<p>!${words.html('This account will be deleted on {day}. Until then everything works.', { day: html`<strong>${day}</strong>` })}</p>
<form method="post" action="/account/delete/keep">!${renderCsrf({ csrfToken })}<button class="button small">${words('Keep my account')}</button></form>
</div>`;
}

/** Where the mailed link leads: programs that look at links in mails change nothing, only the button does. */
export function renderKeepAccountPage(page: FormPage): string {
  const { words, form } = page;
  return renderPage(page, {
    title: words('Keep your account'),
    body: html`<div class="card">
<h1>${words('Keep your account')}</h1>
<p class="lead">${words('The request to delete your account is taken back, and everything stays as it is.')}</p>
<form method="post">
!${renderCsrf(form)}
<button class="button full">${words('Keep my account')}</button>
</form>
</div>`,
  });
}

/** After the link did what it was for. */
export function renderAccountKeptPage(page: Frame): string {
  const { words } = page;
  return renderPage(page, {
    title: words('Your account stays'),
    body: html`<div class="card">
<h1>${words('Your account stays')}</h1>
<p class="lead">${words('It will not be deleted. If it was not you who asked for that, change your password now.')}</p>
<p><a class="button" href="/account">${words('Go to your account')}</a></p>
</div>`,
  });
}
