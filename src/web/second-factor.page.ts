import { html } from 'ghtml';
import { renderSVG } from 'uqr';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

type FormPage = Frame & { form: FormState };

const password = {
  name: 'currentPassword',
  label: 'Current password',
  type: 'password',
  autocomplete: 'current-password',
} as const;
const code = { name: 'code', label: 'Code from the app', autocomplete: 'one-time-code', maxLength: 20 } as const;

/** Begins the set-up of an app. */
export function renderSecondFactorOffPage({ site, person, form }: FormPage): string {
  return renderPage({
    site,
    person,
    title: 'Two-step sign-in',
    body: html`<div class="card">
<h1>Two-step sign-in</h1>
<p class="lead">After your password, a code from an app on your phone: whoever learns your password still cannot sign in.</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/begin">
!${renderCsrf(form)}
!${renderTextField(form, { ...password, hasFocus: true })}
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

/** The codes for the day when the app is gone; this page is their only appearance. */
export function renderRecoveryCodesPage({ site, person, codes }: Frame & { codes: readonly string[] }): string {
  return renderPage({
    site,
    person,
    title: 'Your recovery codes',
    body: html`<div class="card">
<h1>Your recovery codes</h1>
<p class="lead">Two-step sign-in is on. Keep these codes where you find them without your phone: each signs you in once. They are not shown again.</p>
<ul class="codes">!${codes.map((one) => html`<li><code>${one}</code></li>`)}</ul>
<p><a class="button full" href="/account">I have kept them</a></p>
</div>`,
  });
}

/** While it is on: what can be done about it, with password and code. */
export function renderSecondFactorOnPage({ site, person, form, codesLeft }: FormPage & { codesLeft: number }): string {
  return renderPage({
    site,
    person,
    title: 'Two-step sign-in',
    body: html`<div class="card">
<h1>Two-step sign-in</h1>
<p class="lead">It is on. ${codesLeft} recovery codes are left.</p>
!${renderErrorSummary(form)}
<form method="post" action="/account/two-step/change">
!${renderCsrf(form)}
!${renderTextField(form, { ...password, hasFocus: true })}
!${renderTextField(form, { ...code, label: 'Code from the app, or a recovery code' })}
<div class="actions stack">
<button class="button" name="act" value="renew">New recovery codes</button>
<button class="button danger" name="act" value="remove">Turn off two-step sign-in</button>
<a class="button quiet" href="/account">Cancel</a>
</div>
</form>
</div>`,
  });
}

/** At sign-in, after the password. */
export function renderSecondStepPage({ site, form }: FormPage): string {
  return renderPage({
    site,
    title: 'Second step',
    body: html`<div class="card">
<h1>Second step</h1>
<p class="lead">Enter the code from your authenticator app.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { ...code, hasFocus: true, hint: 'No phone at hand? One of your recovery codes does as well.' })}
<button class="button full">Sign in</button>
</form>
</div>
<p class="aside"><a href="/login">Begin again</a></p>`,
  });
}
