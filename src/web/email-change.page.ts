import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

type FormPage = Frame & { form: FormState };

/** Asks for the new address, and for the password once more. */
export function renderEmailChangePage({ site, person, form }: FormPage): string {
  return renderPage({
    site,
    person,
    title: 'Change e-mail address',
    body: html`<div class="card">
<h1>Change e-mail address</h1>
<p class="lead">We send a code to the new address, and a note to the present one.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: 'New e-mail address', type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
!${renderTextField(form, { name: 'currentPassword', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
<div class="actions"><button class="button">Send the code</button><a class="button quiet" href="/account">Cancel</a></div>
</form>
</div>`,
  });
}

/** Asks for the code from the mail; the link in it does as well. */
export function renderEmailCodePage({ site, person, form, email }: FormPage & { email: string }): string {
  return renderPage({
    site,
    person,
    title: 'Check your mail',
    body: html`<div class="card">
<h1>Check your mail</h1>
<p class="lead">We sent a mail to <strong>${email}</strong>. Enter the code from it, or open the link in it.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'code', label: 'Six-digit code', autocomplete: 'one-time-code', isCode: true, hasFocus: true, maxLength: 12 })}
<div class="actions"><button class="button">Change the address</button><a class="button quiet" href="/account/email">Begin again</a></div>
</form>
</div>`,
  });
}

/** Where a mailed link leads: programs that look at links in mails change nothing, only the button does. */
export function renderEmailLinkPage({
  site,
  form,
  title,
  message,
  button,
}: FormPage & { title: string; message: string; button: string }): string {
  return renderPage({
    site,
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
export function renderEmailDonePage({ site, title, message }: Frame & { title: string; message: string }): string {
  return renderPage({
    site,
    title,
    body: html`<div class="card">
<h1>${title}</h1>
<p class="lead">${message}</p>
<p><a class="button" href="/account">Go to your account</a></p>
</div>`,
  });
}
