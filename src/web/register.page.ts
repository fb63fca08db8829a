import { html } from 'ghtml';
import type { Words } from '../words/words.js';
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
function renderSteps(done: 1 | 2 | 3, words: Words): string {
  const bars = [1, 2, 3].map((step) => html`<li!${step <= done ? ' class="done"' : ''}></li>`);
  return html`<p class="visually-hidden">${words('Step {done} of {all}', { done, all: 3 })}</p><ol class="steps" aria-hidden="true">!${bars}</ol>`;
}

/** Step 1: the e-mail address. */
export function renderRegisterPage(page: Frame & { form: FormState; loginHref: string }): string {
  const { words, form, loginHref } = page;
  return renderPage(page, {
    title: words('Create an account'),
    body: html`<div class="card">
!${renderSteps(1, words)}
<h1>${words('Create an account')}</h1>
<p class="lead">${words('We will send you a code to make sure that the address is yours.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'email', label: words('E-mail address'), type: 'email', autocomplete: 'email', hasFocus: true, maxLength: 254 })}
<button class="button full">${words('Send the code')}</button>
</form>
</div>
<p class="aside">${words('Already registered?')} <a href="${loginHref}">${words('Sign in')}</a></p>`,
  });
}

/** Step 2: the code from the mail; the link in it does as well. */
export function renderConfirmPage(page: Frame & { form: FormState; email: string; wasSentAgain: boolean }): string {
  const { words, form, email, wasSentAgain } = page;
  return renderPage(page, {
    title: words('Check your mail'),
    body: html`<div class="card">
!${renderSteps(2, words)}
<h1>${words('Check your mail')}</h1>
<p class="lead">!${words.html('We sent a mail to {address}. Enter the code from it, or open the link in it.', { address: html`<strong>${email}</strong>` })}</p>
!${wasSentAgain ? html`<div class="note good" role="status"><p>${words('We sent another mail. Only the code in the newest one works.')}</p></div>` : ''}
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'code', label: words('Six-digit code'), autocomplete: 'one-time-code', isCode: true, hasFocus: true, maxLength: 12 })}
<button class="button full">${words('Continue')}</button>
</form>
</div>
<form method="post" action="/register/resend" class="aside">
!${renderCsrf(form)}
<p class="aside">!${words.html('No mail? Look in the spam folder, {again} or {other}.', { again: html`<button class="link">${words('send it again')}</button>`, other: html`<a href="/register">${words('use another address')}</a>` })}</p>
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
  const { site, words, form, email, countries } = page;
  return renderPage(page, {
    title: words('About you'),
    body: html`<div class="card">
!${renderSteps(3, words)}
<h1>${words('About you')}</h1>
<p class="lead">!${words.html('Your account for {address}', { address: html`<strong>${email}</strong>` })}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
<input type="hidden" name="email" value="${email}" autocomplete="email">
!${renderTextField(form, { name: 'name', label: words('Full name'), autocomplete: 'name', hint: words('As it should appear on certificates.'), hasFocus: true, maxLength: 255 })}
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
!${renderTextField(form, {
      name: 'password',
      label: words('Password'),
      type: 'password',
      autocomplete: 'new-password',
      maxLength: 256,
      hint: html`${words('At least {count} characters. A few words that do not belong together are best.', { count: page.passwordMinLength })}`,
    })}
!${renderSelect(form, { name: 'country', label: words('Country'), autocomplete: 'country', options: countries })}
!${site.termsUrl ? renderCheckbox(form, { name: 'terms', label: renderAgreement(words, site.termsUrl, site.privacyUrl) }) : ''}
<button class="button full">${words('Create the account')}</button>
</form>
</div>`,
  });
}

/** The words beside the box in which somebody agrees to the terms; HTML. */
export function renderAgreement(words: Words, termsUrl: string, privacyUrl: string | undefined): string {
  const terms = html`<a href="${termsUrl}">${words('terms')}</a>`;
  if (!privacyUrl) return words.html('I agree to the {terms}', { terms });
  const privacy = html`<a href="${privacyUrl}">${words('privacy notice')}</a>`;
  return words.html('I agree to the {terms} and have read the {privacy}', { terms, privacy });
}

export interface WelcomePage extends Frame {
  username: string;
  continueHref: string;
}

/** After the last step, when the account at the LMS takes longer than a moment and a client waits for the person. */
export function renderWelcomePage(page: WelcomePage): string {
  const { words, username, continueHref } = page;
  return renderPage(page, {
    title: words('Welcome'),
    body: html`<div class="card">
<h1>${words('Welcome!')}</h1>
<p class="lead">!${words.html('Your account is ready. Your username is {username}.', { username: html`<strong>${username}</strong>` })}</p>
<div class="note wait" role="status"><p>${words('Your account at the learning site takes longer than usual. It follows by itself, and there is nothing left for you to do. Continue now, or sign in there a little later.')}</p></div>
<p><a class="button" href="${continueHref}">${words('Continue')}</a></p>
</div>`,
  });
}
