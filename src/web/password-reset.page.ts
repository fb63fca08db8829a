import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

/** Asks where to send the link. */
export function renderResetRequestPage(page: Frame & { form: FormState }): string {
  const { words, form } = page;
  return renderPage(page, {
    title: words('Forgot your password?'),
    body: html`<div class="card">
<h1>${words('Forgot your password?')}</h1>
<p class="lead">${words('We will send you a link to choose a new one.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: words('E-mail address'), type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
<button class="button full">${words('Send the link')}</button>
</form>
</div>
<p class="aside"><a href="/login">${words('Back to sign in')}</a></p>`,
  });
}

/** Says the same whether there is such an account or not. */
export function renderResetSentPage(page: Frame): string {
  const { words } = page;
  return renderPage(page, {
    title: words('Check your mail'),
    body: html`<div class="card">
<h1>${words('Check your mail')}</h1>
<p class="lead">${words('If there is an account with this e-mail address, a mail with a link is on its way to it. The link works for half an hour.')}</p>
<p class="hint">!${words.html('No mail? Look in the spam folder, or {again}: it may be registered under another address.', { again: html`<a href="/password/reset">${words('try again')}</a>` })}</p>
</div>`,
  });
}

/** The mailed link leads here. */
export function renderResetChoosePage(page: Frame & { form: FormState; passwordMinLength: number }): string {
  const { words, form, passwordMinLength } = page;
  return renderPage(page, {
    title: words('Choose a new password'),
    body: html`<div class="card">
<h1>${words('Choose a new password')}</h1>
<p class="lead">${words('This signs you out everywhere.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, {
      name: 'password',
      label: words('New password'),
      type: 'password',
      autocomplete: 'new-password',
      hasFocus: true,
      maxLength: 256,
      hint: html`${words('At least {count} characters. A few words that do not belong together are best.', { count: passwordMinLength })}`,
    })}
<button class="button full">${words('Save the password')}</button>
</form>
</div>`,
  });
}
