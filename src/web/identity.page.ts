import { html } from 'ghtml';
import { type FormState, renderCheckbox, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';
import { renderAgreement } from './register.page.js';

export interface NewcomerPage extends Frame {
  form: FormState;
  /** What the provider is called. */
  provider: string;
  /** The address of a new account; undefined where none can be made of the sign-in alone. */
  email: string | undefined;
  loginHref: string;
  registerHref: string;
}

/** Somebody is back from their school, and nobody here yet: a new account, or one that they have. */
export function renderNewcomerPage(page: NewcomerPage): string {
  const { words, provider, email, form } = page;
  return renderPage(page, {
    title: words('Welcome from {provider}', { provider }),
    body: html`<div class="card">
<h1>${words('Welcome from {provider}', { provider })}</h1>
<p class="lead">${words('You have not signed in here by it before.')}</p>
!${email === undefined ? renderErrorSummary(form) : renderNewAccount(page, email)}
<h2>${words('If you have an account here')}</h2>
<p>${words('Sign in to it, and connect it. From then on you can sign in by your school.')}</p>
<p><a class="button quiet full" href="${page.loginHref}">${words('Sign in to my account')}</a></p>
!${email === undefined ? html`<h2>${words('If you have none')}</h2><p>${words('Create one with an e-mail address that you read, and connect it.')}</p><p><a class="button quiet full" href="${page.registerHref}">${words('Create an account')}</a></p>` : ''}
</div>`,
  });
}

function renderNewAccount({ words, site, form }: NewcomerPage, email: string): string {
  const { termsUrl, privacyUrl } = site;
  return html`<h2>${words('If you are new here')}</h2>
<p class="hint">!${words.html('Your account for {address}', { address: html`<strong>${email}</strong>` })}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'name', label: words('Full name'), autocomplete: 'name', hint: words('As it should appear on certificates.'), maxLength: 255 })}
!${renderTextField(form, {
    name: 'username',
    label: words('Username'),
    autocomplete: 'username',
    isOptional: true,
    maxLength: 30,
    hint: words(
      'What others see in courses. Leave it empty and we will make one from your name. It cannot be changed later.',
    ),
  })}
!${termsUrl ? renderCheckbox(form, { name: 'terms', label: renderAgreement(words, termsUrl, privacyUrl) }) : ''}
<button class="button full">${words('Create the account')}</button>
</form>
<hr>`;
}

interface ProvingPage extends Frame {
  form: FormState;
  provider: string;
  /** What the person shows once more; undefined when they signed in a moment ago. */
  needs: ProofNeeds | undefined;
}

/** Asks whether a sign-in shall be tied to the account: whose it is, is said before. */
export function renderConnectPage(page: ProvingPage & { username: string; who: string }): string {
  const { words, provider, username, who } = page;
  return renderProving(page, {
    title: words('Connect {provider}', { provider }),
    lead: words('You came from {provider} as {who}. Shall that sign you in to the account {username} from now on?', {
      provider,
      who,
      username,
    }),
    button: html`<button class="button" name="confirm" value="yes">${words('Connect')}</button>`,
  });
}

export function renderDisconnectPage(page: ProvingPage): string {
  const { words, provider } = page;
  return renderProving(page, {
    title: words('Remove {provider}', { provider }),
    lead: words(
      'You cannot sign in by it any more. What your school enrolled you in stays. Without a password, have one made by “Forgot password?” first.',
    ),
    button: html`<button class="button danger" name="confirm" value="yes">${words('Remove')}</button>`,
  });
}

function renderProving(
  page: ProvingPage,
  { title, lead, button }: { title: string; lead: string; button: string },
): string {
  const { words, form, needs } = page;
  return renderPage(page, {
    title,
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${title}</h1>
<p class="lead">${lead}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${needs ? renderProof(form, needs) : ''}
<div class="actions">!${button}<a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}
