import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

type FormPage = Frame & { form: FormState };

/** Asks for the new address, and for proof that it is the person. */
export function renderEmailChangePage(page: FormPage & { needs: ProofNeeds }): string {
  const { words, form, needs } = page;
  return renderPage(page, {
    title: words('Change e-mail address'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Change e-mail address')}</h1>
<p class="lead">${words('We send a code to the new address, and a note to the present one.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: words('New e-mail address'), type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
!${renderProof(form, needs)}
<div class="actions"><button class="button">${words('Send the code')}</button><a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}

/** Asks for the code from the mail; the link in it does as well. */
export function renderEmailCodePage(page: FormPage & { email: string }): string {
  const { words, form, email } = page;
  return renderPage(page, {
    title: words('Check your mail'),
    body: html`<div class="card">
<h1>${words('Check your mail')}</h1>
<p class="lead">!${words.html('We sent a mail to {address}. Enter the code from it, or open the link in it.', { address: html`<strong>${email}</strong>` })}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'code', label: words('Six-digit code'), autocomplete: 'one-time-code', isCode: true, hasFocus: true, maxLength: 12 })}
<div class="actions"><button class="button">${words('Change the address')}</button><a class="button quiet" href="/account/email">${words('Begin again')}</a></div>
</form>
</div>`,
  });
}

/** Where a mailed link leads: programs that look at links in mails change nothing, only the button does. */
export function renderEmailLinkPage(page: FormPage & { title: string; message: string; button: string }): string {
  const { form, title, message, button } = page;
  return renderPage(page, {
    title,
    body: html`<div class="card">
<h1>${title}</h1>
<p class="lead">${message}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
<button class="button full">${button}</button>
</form>
</div>`,
  });
}

/** After a link did what it was for. */
export function renderEmailDonePage(page: Frame & { title: string; message: string }): string {
  const { words, title, message } = page;
  return renderPage(page, {
    title,
    body: html`<div class="card">
<h1>${title}</h1>
<p class="lead">${message}</p>
<p><a class="button" href="/account">${words('Go to your account')}</a></p>
</div>`,
  });
}
