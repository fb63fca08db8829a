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
  /** Where people of organizations sign in themselves. */
  providers: readonly { label: string; href: string }[];
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
  const { site, words, form, clientName } = page;
  return renderPage(page, {
    title: words('Sign in'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Sign in')}</h1>
<p class="lead">!${clientName ? words.html('to continue to {client}', { client: html`<strong>${clientName}</strong>` }) : html`${words('to your {site} account', { site: site.name })}`}</p>
!${page.notice ? html`<div class="note good" role="status"><p>${page.notice}</p></div>` : ''}
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'identifier', label: words('E-mail address or username'), autocomplete: 'username webauthn', hasFocus: true, maxLength: 254 })}
!${renderTextField(form, {
      name: 'password',
      label: words('Password'),
      type: 'password',
      autocomplete: 'current-password',
      aside: html`<a href="${page.resetHref}">${words('Forgot password?')}</a>`,
    })}
<button class="button full">${words('Sign in')}</button>
</form>
<form method="post">
!${renderCsrf(form)}
!${renderPasskeyButton({ words, label: words('Sign in with a passkey'), does: { useFrom: signInOptionsPath }, sendsForm: true, hasAutofill: true, isQuiet: true })}
</form>
!${renderProviders(page)}
!${page.mayCancel ? html`<form method="post" action="?cancel">!${renderCsrf(form)}<p class="aside"><button class="link">${words('Cancel and go back')}</button></p></form>` : ''}
</div>
<p class="aside">${words('New here?')} <a href="${page.registerHref}">${words('Create an account')}</a></p>`,
  });
}

function renderProviders({ providers, words }: LoginPage): string {
  if (providers.length === 0) return '';
  const links = providers.map(
    ({ label, href }) =>
      html`<a class="button quiet full" href="${href}">${words('Sign in with {provider}', { provider: label })}</a>`,
  );
  return html`<div class="providers">!${links}</div>`;
}
