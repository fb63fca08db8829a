import { html } from 'ghtml';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { renderPasskeyButton } from './passkey-button.js';
import { passkeyScriptPath } from './passkey-script.js';

export interface LoginPage extends Frame {
  form: FormState;
  /** The client that asked for the sign-in, when one did. */
  clientName?: string | undefined;
  /** Good news from the step before, e.g. that the password was changed. */
  notice?: string | undefined;
  registerHref: string;
  resetHref: string;
  /** The request of the client goes back refused; only while a client waits. */
  mayCancel?: boolean;
}

/** Where the sign-in page reads what it asks a passkey. */
export const signInOptionsPath = '/login/passkey-options';

/**
 * One step: identifier and password, or a passkey. The forms have no action, so they go to the address that the page has.
 */
export function renderLoginPage(page: LoginPage): string {
  const { site, person, form, clientName } = page;
  return renderPage({
    site,
    person,
    title: 'Sign in',
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>Sign in</h1>
<p class="lead">!${clientName ? html`to continue to <strong>${clientName}</strong>` : html`to your ${site.name} account`}</p>
!${page.notice ? html`<div class="note good" role="status"><p>${page.notice}</p></div>` : ''}
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'identifier', label: 'E-mail address or username', autocomplete: 'username webauthn', hasFocus: true, maxLength: 254 })}
!${renderTextField(form, {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'current-password',
      aside: html`<a href="${page.resetHref}">Forgot password?</a>`,
    })}
<button class="button full">Sign in</button>
</form>
<form method="post">
!${renderCsrf(form)}
!${renderPasskeyButton({ label: 'Sign in with a passkey', does: { useFrom: signInOptionsPath }, sendsForm: true, hasAutofill: true, isQuiet: true })}
</form>
!${page.mayCancel ? html`<form method="post" action="?cancel">!${renderCsrf(form)}<p class="aside"><button class="link">Cancel and go back</button></p></form>` : ''}
</div>
<p class="aside">New here? <a href="${page.registerHref}">Create an account</a></p>`,
  });
}
