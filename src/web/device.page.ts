import { html } from 'ghtml';
import { renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

export interface DeviceForm {
  action: string;
  /** Proves that the form came from a page of ours. */
  token: string;
  userCode: string;
}

/** Asks for the code that a device shows. */
export function renderDeviceCodePage(page: Frame & { form: DeviceForm; refusal?: string | undefined }): string {
  const { words, form, refusal } = page;
  const errors = refusal ? [{ field: 'user_code', message: refusal }] : [];
  const state = { csrfToken: form.token, values: { user_code: form.userCode }, errors, words };
  return renderPage(page, {
    title: words('Connect a device'),
    body: html`<div class="card">
<h1>${words('Connect a device')}</h1>
<p class="lead">${words('Enter the code that the device shows.')}</p>
!${renderErrorSummary(state)}
<form method="post" action="${form.action}">
<input type="hidden" name="xsrf" value="${form.token}">
!${renderTextField(state, { name: 'user_code', label: words('Code'), autocomplete: 'off', hasFocus: true, maxLength: 20, hint: words('Eight letters; capitals and hyphens make no difference.') })}
<button class="button full">${words('Continue')}</button>
</form>
</div>`,
  });
}

/** Asks whether the device with this code is the person's own: somebody else may have sent it. */
export function renderDeviceConfirmPage(page: Frame & { form: DeviceForm; clientName: string }): string {
  const { words, form, clientName } = page;
  return renderPage(page, {
    title: words('Is this your device?'),
    body: html`<div class="card">
<h1>${words('Is this your device?')}</h1>
<p class="lead">!${words.html('{client} on a device wants to use your account. The device must show this code:', { client: html`<q>${clientName}</q>` })}</p>
<p class="lead"><strong>${form.userCode}</strong></p>
<p>${words('Continue only if the device is in front of you and you began this yourself. If somebody sent you the code, stop here.')}</p>
<form method="post" action="${form.action}">
<input type="hidden" name="xsrf" value="${form.token}">
<input type="hidden" name="user_code" value="${form.userCode}">
<div class="actions stack">
<button class="button" name="confirm" value="yes">${words('Continue')}</button>
<button class="button quiet" name="abort" value="yes">${words('Stop')}</button>
</div>
</form>
</div>`,
  });
}

export function renderDeviceDonePage(page: Frame & { clientName: string }): string {
  const { words, clientName } = page;
  return renderPage(page, {
    title: words('The device is connected'),
    body: html`<div class="card">
<h1>${words('The device is connected')}</h1>
<p class="lead">!${words.html('{client} goes on there in a moment. You can close this page.', { client: html`<q>${clientName}</q>` })}</p>
<p><a class="button quiet" href="/account">${words('Go to your account')}</a></p>
</div>`,
  });
}
