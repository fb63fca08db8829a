import { html } from 'ghtml';
import {
  type FormState,
  renderCheckbox,
  renderCsrf,
  renderErrorSummary,
  renderSelect,
  renderTextField,
} from './form.js';
import { type Frame, renderPage } from './layout.js';

/** How far a person is: e-mail address, confirmation, details. */
function renderSteps(done: 1 | 2 | 3): string {
  const bars = [1, 2, 3].map((step) => html`<li!${step <= done ? ' class="done"' : ''}></li>`);
  return html`<p class="visually-hidden">Step ${done} of 3</p><ol class="steps" aria-hidden="true">!${bars}</ol>`;
}

/** Step 1: the e-mail address. */
export function renderRegisterPage({ site, form, loginHref }: Frame & { form: FormState; loginHref: string }): string {
  return renderPage({
    site,
    title: 'Create an account',
    body: html`<div class="card">
!${renderSteps(1)}
<h1>Create an account</h1>
<p class="lead">We will send you a code to make sure that the address is yours.</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
<button class="button full">Send the code</button>
</form>
</div>
<p class="aside">Already registered? <a href="${loginHref}">Sign in</a></p>`,
  });
}

/** Step 2: the code from the mail; the link in it does as well. */
export function renderConfirmPage({
  site,
  form,
  email,
  wasSentAgain,
}: Frame & { form: FormState; email: string; wasSentAgain: boolean }): string {
  return renderPage({
    site,
    title: 'Check your mail',
    body: html`<div class="card">
!${renderSteps(2)}
<h1>Check your mail</h1>
<p class="lead">We sent a mail to <strong>${email}</strong>. Enter the code from it, or open the link in it.</p>
!${wasSentAgain ? html`<div class="note good" role="status"><p>We sent another mail. Only the code in the newest one works.</p></div>` : ''}
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'code', label: 'Six-digit code', autocomplete: 'one-time-code', isCode: true, hasFocus: true, maxLength: 12 })}
<button class="button full">Continue</button>
</form>
</div>
<form method="post" action="/register/resend" class="aside">
!${renderCsrf(form)}
<p class="aside">No mail? Look in the spam folder, <button class="link">send it again</button> or <a href="/register">use another address</a>.</p>
</form>`,
  });
}

export interface RegisterDetailsPage extends Frame {
  form: FormState;
  email: string;
  countries: readonly { value: string; label: string }[];
  passwordMinLength: number;
}

/** Step 3: who the person is. */
export function renderRegisterDetailsPage(page: RegisterDetailsPage): string {
  const { site, form, email, countries } = page;
  return renderPage({
    site,
    title: 'About you',
    body: html`<div class="card">
!${renderSteps(3)}
<h1>About you</h1>
<p class="lead">Your account for <strong>${email}</strong></p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
<input type="hidden" name="email" value="${email}" autocomplete="email">
!${renderTextField(form, { name: 'name', label: 'Full name', autocomplete: 'name', hint: 'As it should appear on certificates.', hasFocus: true, maxLength: 255 })}
!${renderTextField(form, {
      name: 'username',
      label: 'Username',
      autocomplete: 'username',
      isOptional: true,
      maxLength: 30,
      hint: 'What others see in courses. Leave it empty and we will make one from your name. It cannot be changed later.',
    })}
!${renderTextField(form, {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'new-password',
      maxLength: 256,
      hint: html`At least ${page.passwordMinLength} characters. A few words that do not belong together are best.`,
    })}
!${renderSelect(form, { name: 'country', label: 'Country', autocomplete: 'country', options: countries })}
!${site.termsUrl ? renderCheckbox(form, { name: 'terms', label: renderAgreement(site.termsUrl, site.privacyUrl) }) : ''}
<button class="button full">Create the account</button>
</form>
</div>`,
  });
}

function renderAgreement(termsUrl: string, privacyUrl: string | undefined): string {
  const privacy = privacyUrl ? html` and have read the <a href="${privacyUrl}">privacy notice</a>` : '';
  return html`I agree to the <a href="${termsUrl}">terms</a>!${privacy}`;
}

export interface WelcomePage extends Frame {
  username: string;
  continueHref: string;
}

/** After the last step, when the account at the LMS takes longer than a moment and a client waits for the person. */
export function renderWelcomePage({ site, person, username, continueHref }: WelcomePage): string {
  return renderPage({
    site,
    person,
    title: 'Welcome',
    body: html`<div class="card">
<h1>Welcome!</h1>
<p class="lead">Your account is ready. Your username is <strong>${username}</strong>.</p>
<div class="note wait" role="status"><p>Your account at the learning site takes longer than usual. It follows by itself, and there is nothing left for you to do. Continue now, or sign in there a little later.</p></div>
<p><a class="button" href="${continueHref}">Continue</a></p>
</div>`,
  });
}
