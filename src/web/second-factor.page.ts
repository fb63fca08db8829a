import { html } from 'ghtml';
import { renderSVG } from 'uqr';
import type { Words } from '../words/words.js';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { renderPasskeyButton } from './passkey-button.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

type FormPage = Frame & { form: FormState };

const codeField = (words: Words) =>
  ({ name: 'code', label: words('Code from the app'), autocomplete: 'one-time-code', maxLength: 20 }) as const;

/** Begins the set-up of an app. */
export function renderSecondFactorOffPage(page: FormPage): string {
  const { words, form } = page;
  return renderPage(page, {
    title: words('Two-step sign-in'),
    body: html`<div class="card">
<h1>${words('Two-step sign-in')}</h1>
<p class="lead">!${words.html('After your password, a code from an app on your phone: whoever learns your password still cannot sign in. A {passkey} does the same, and more easily.', { passkey: html`<a href="/account/passkeys">${words('passkey')}</a>` })}</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/begin">
!${renderCsrf(form)}
!${renderProof(form, { hasApp: false, hasPasskeys: false }, { hasFocus: true })}
<div class="actions"><button class="button">${words('Set up an app')}</button><a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}

/** Shows the secret, as picture and as text, and asks for the first code. */
export function renderSecondFactorSetUpPage(page: FormPage & { uri: string; secret: string }): string {
  const { words, form, uri, secret } = page;
  return renderPage(page, {
    title: words('Set up an authenticator app'),
    body: html`<div class="card">
<h1>${words('Set up an authenticator app')}</h1>
<p class="lead">${words('Scan this with the app, then enter the code that it shows.')}</p>
!${renderErrorSummary(form)}
<div class="qr" role="img" aria-label="${words('QR code for the app; the key below says the same')}">!${renderSVG(uri, { border: 2 })}</div>
<p class="hint">!${words.html('Cannot scan it? Enter this key in the app: {key}', { key: html`<code>${(secret.match(/.{1,4}/g) ?? []).join(' ')}</code>` })}</p>
<form method="post" action="/account/two-step/confirm">
!${renderCsrf(form)}
!${renderTextField(form, { ...codeField(words), isCode: true, hasFocus: true })}
<div class="actions"><button class="button">${words('Turn on')}</button><a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}

/** The codes for the day when app and passkeys are gone; this page is their only appearance. */
export function renderRecoveryCodesPage(page: Frame & { codes: readonly string[] }): string {
  const { words, codes } = page;
  return renderPage(page, {
    title: words('Your recovery codes'),
    body: html`<div class="card">
<h1>${words('Your recovery codes')}</h1>
<p class="lead">${words('Two-step sign-in is on. Keep these codes where you find them without your phone: each signs you in once, after your password. They are not shown again.')}</p>
<ul class="codes">!${codes.map((one) => html`<li><code>${one}</code></li>`)}</ul>
<p><a class="button full" href="/account">${words('I have kept them')}</a></p>
</div>`,
  });
}

/** While it is on: what can be done about it, by whoever shows that they may. */
export function renderSecondFactorOnPage(page: FormPage & { needs: ProofNeeds; codesLeft: number }): string {
  const { words, form, needs, codesLeft } = page;
  const means = [
    ...(needs.hasApp ? [words('your authenticator app')] : []),
    ...(needs.hasPasskeys ? [words('your passkeys')] : []),
  ];
  return renderPage(page, {
    title: words('Two-step sign-in'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Two-step sign-in')}</h1>
<p class="lead">${words('It is on, by {means}. {count} recovery codes are left.', { means: words.list(means), count: codesLeft })}</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/change">
!${renderCsrf(form)}
!${renderProof(form, needs, { hasFocus: true })}
<div class="actions stack">
<button class="button" name="act" value="renew">${words('New recovery codes')}</button>
!${
      needs.hasApp
        ? html`<button class="button danger" name="act" value="remove">${needs.hasPasskeys ? words('Remove the app') : words('Turn off two-step sign-in')}</button>`
        : html`<button class="button quiet" name="act" value="begin">${words('Set up an app as well')}</button>`
    }
<a class="button quiet" href="/account/passkeys">${words('Passkeys')}</a>
<a class="button quiet" href="/account">${words('Cancel')}</a>
</div>
</form>
</div>`,
  });
}

/** Where the second step reads what it asks a passkey. */
export const secondStepOptionsPath = '/login/second-step/passkey-options';

/** At sign-in, after the password. */
export function renderSecondStepPage(page: FormPage & { needs: ProofNeeds }): string {
  const { words, form, needs } = page;
  const { hasApp, hasPasskeys } = needs;
  const field = hasApp
    ? { ...codeField(words), hint: words('No phone at hand? One of your recovery codes does as well.') }
    : {
        ...codeField(words),
        label: words('Recovery code'),
        hint: words('For the day when you have no passkey at hand.'),
      };
  return renderPage(page, {
    title: words('Second step'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Second step')}</h1>
<p class="lead">${leadOf(needs, words)}</p>
!${renderErrorSummary(form)}
!${
      hasPasskeys
        ? html`<form method="post">!${renderCsrf(form)}
!${renderPasskeyButton({ words, label: words('Use a passkey'), does: { useFrom: secondStepOptionsPath }, sendsForm: true, isQuiet: hasApp })}
</form>
<p class="note wait" data-without-passkeys>${words('A passkey needs JavaScript, and a browser that knows passkeys.')}</p>`
        : ''
    }
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { ...field, hasFocus: !hasPasskeys })}
<button class="button full!${hasPasskeys && !hasApp ? ' quiet' : ''}">${words('Sign in')}</button>
</form>
</div>
<p class="aside"><a href="/login">${words('Begin again')}</a></p>`,
  });
}

function leadOf({ hasApp, hasPasskeys }: ProofNeeds, words: Words): string {
  if (hasApp && hasPasskeys) return words('Use a passkey, or enter the code from your authenticator app.');
  return hasApp ? words('Enter the code from your authenticator app.') : words('Use one of your passkeys.');
}
