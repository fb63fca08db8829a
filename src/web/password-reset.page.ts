import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

/** Asks where to send the link. */
export function renderResetRequestPage({ site, form }: Frame & { form: FormState }): string {
  return renderPage({
    site,
    title: 'Forgot your password?',
    body: html`<div class="card">
<h1>Forgot your password?</h1>
<p class="lead">We will send you a link to choose a new one.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
<button class="button full">Send the link</button>
</form>
</div>
<p class="aside"><a href="/login">Back to sign in</a></p>`,
  });
}

/** Says the same whether there is such an account or not. */
export function renderResetSentPage({ site }: Frame): string {
  return renderPage({
    site,
    title: 'Check your mail',
    body: html`<div class="card">
<h1>Check your mail</h1>
<p class="lead">If there is an account with this e-mail address, a mail with a link is on its way to it. The link works for half an hour.</p>
<p class="hint">No mail? Look in the spam folder, or <a href="/password/reset">try again</a>: it may be registered under another address.</p>
</div>`,
  });
}

/** The mailed link leads here. */
export function renderResetChoosePage({
  site,
  form,
  passwordMinLength,
}: Frame & { form: FormState; passwordMinLength: number }): string {
  return renderPage({
    site,
    title: 'Choose a new password',
    body: html`<div class="card">
<h1>Choose a new password</h1>
<p class="lead">This signs you out everywhere.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, {
      name: 'password',
      label: 'New password',
      type: 'password',
      autocomplete: 'new-password',
      hasFocus: true,
      maxLength: 256,
      hint: html`At least ${passwordMinLength} characters. A few words that do not belong together are best.`,
    })}
<button class="button full">Save the password</button>
</form>
</div>`,
  });
}
