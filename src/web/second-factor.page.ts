import { html } from 'ghtml';
import { renderSVG } from 'uqr';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { renderPasskeyButton } from './passkey-button.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

type FormPage = Frame & { form: FormState };

const code = { name: 'code', label: 'Code from the app', autocomplete: 'one-time-code', maxLength: 20 } as const;

/** Begins the set-up of an app. */
export function renderSecondFactorOffPage({ site, person, form }: FormPage): string {
  return renderPage({
    site,
    person,
    title: 'Two-step sign-in',
    body: html`<div class="card">
<h1>Two-step sign-in</h1>
<p class="lead">After your password, a code from an app on your phone: whoever learns your password still cannot sign in. A <a href="/account/passkeys">passkey</a> does the same, and more easily.</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/begin">
!${renderCsrf(form)}
!${renderProof(form, { hasApp: false, hasPasskeys: false }, { hasFocus: true })}
<div class="actions"><button class="button">Set up an app</button><a class="button quiet" href="/account">Cancel</a></div>
</form>
</div>`,
  });
}

/** Shows the secret, as picture and as text, and asks for the first code. */
export function renderSecondFactorSetUpPage({
  site,
  person,
  form,
  uri,
  secret,
}: FormPage & { uri: string; secret: string }): string {
  return renderPage({
    site,
    person,
    title: 'Set up an authenticator app',
    body: html`<div class="card">
<h1>Set up an authenticator app</h1>
<p class="lead">Scan this with the app, then enter the code that it shows.</p>
!${renderErrorSummary(form)}
<div class="qr" role="img" aria-label="QR code for the app; the key below says the same">!${renderSVG(uri, { border: 2 })}</div>
<p class="hint">Cannot scan it? Enter this key in the app: <code>${(secret.match(/.{1,4}/g) ?? []).join(' ')}</code></p>
<form method="post" action="/account/two-step/confirm">
!${renderCsrf(form)}
!${renderTextField(form, { ...code, isCode: true, hasFocus: true })}
<div class="actions"><button class="button">Turn on</button><a class="button quiet" href="/account">Cancel</a></div>
</form>
</div>`,
  });
}

/** The codes for the day when app and passkeys are gone; this page is their only appearance. */
export function renderRecoveryCodesPage({ site, person, codes }: Frame & { codes: readonly string[] }): string {
  return renderPage({
    site,
    person,
    title: 'Your recovery codes',
    body: html`<div class="card">
<h1>Your recovery codes</h1>
<p class="lead">Two-step sign-in is on. Keep these codes where you find them without your phone: each signs you in once, after your password. They are not shown again.</p>
<ul class="codes">!${codes.map((one) => html`<li><code>${one}</code></li>`)}</ul>
<p><a class="button full" href="/account">I have kept them</a></p>
</div>`,
  });
}

/** While it is on: what can be done about it, by whoever shows that they may. */
export function renderSecondFactorOnPage({
  site,
  person,
  form,
  needs,
  codesLeft,
}: FormPage & { needs: ProofNeeds; codesLeft: number }): string {
  const means = [needs.hasApp && 'your authenticator app', needs.hasPasskeys && 'your passkeys'].filter(Boolean);
  return renderPage({
    site,
    person,
    title: 'Two-step sign-in',
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>Two-step sign-in</h1>
<p class="lead">It is on, by ${means.join(' and ')}. ${codesLeft} recovery codes are left.</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/change">
!${renderCsrf(form)}
!${renderProof(form, needs, { hasFocus: true })}
<div class="actions stack">
<button class="button" name="act" value="renew">New recovery codes</button>
!${
      needs.hasApp
        ? html`<button class="button danger" name="act" value="remove">!${needs.hasPasskeys ? 'Remove the app' : 'Turn off two-step sign-in'}</button>`
        : html`<button class="button quiet" name="act" value="begin">Set up an app as well</button>`
    }
<a class="button quiet" href="/account/passkeys">Passkeys</a>
<a class="button quiet" href="/account">Cancel</a>
</div>
</form>
</div>`,
  });
}

/** Where the second step reads what it asks a passkey. */
export const secondStepOptionsPath = '/login/second-step/passkey-options';

/** At sign-in, after the password. */
export function renderSecondStepPage({ site, form, needs }: FormPage & { needs: ProofNeeds }): string {
  const { hasApp, hasPasskeys } = needs;
  const field = hasApp
    ? { ...code, hint: 'No phone at hand? One of your recovery codes does as well.' }
    : { ...code, label: 'Recovery code', hint: 'For the day when you have no passkey at hand.' };
  return renderPage({
    site,
    title: 'Second step',
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>Second step</h1>
<p class="lead">${leadOf(needs)}</p>
!${renderErrorSummary(form)}
!${
      hasPasskeys
        ? html`<form method="post">!${renderCsrf(form)}
!${renderPasskeyButton({ label: 'Use a passkey', does: { useFrom: secondStepOptionsPath }, sendsForm: true, isQuiet: hasApp })}
</form>
<p class="note wait" data-without-passkeys>A passkey needs JavaScript, and a browser that knows passkeys.</p>`
        : ''
    }
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { ...field, hasFocus: !hasPasskeys })}
<button class="button full!${hasPasskeys && !hasApp ? ' quiet' : ''}">Sign in</button>
</form>
</div>
<p class="aside"><a href="/login">Begin again</a></p>`,
  });
}

function leadOf({ hasApp, hasPasskeys }: ProofNeeds): string {
  if (hasApp && hasPasskeys) return 'Use a passkey, or enter the code from your authenticator app.';
  return hasApp ? 'Enter the code from your authenticator app.' : 'Use one of your passkeys.';
}
