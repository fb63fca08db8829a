import { html } from 'ghtml';
import { type FormState, renderCsrf } from './form.js';
import { type Frame, renderPage } from './layout.js';

export interface ConsentPage extends Frame {
  form: FormState;
  clientName: string;
  /** What the list of permissions is about. */
  lead: string;
  /** What the client asks for, in words. */
  permissions: readonly string[];
  /** What it is held to. */
  limits: readonly string[];
}

/** Asks whether a client may do what it wants to. */
export function renderConsentPage(page: ConsentPage): string {
  const { words, form, clientName, lead, permissions, limits } = page;
  return renderPage(page, {
    title: words('Allow access'),
    body: html`<div class="card">
<h1>!${words.html('Allow {client} to use your account?', { client: html`<q>${clientName}</q>` })}</h1>
<p class="lead">${lead}</p>
<ul class="scopes">!${permissions.map((permission) => html`<li>${permission}</li>`)}</ul>
!${limits.map((limit) => html`<p>${limit}</p>`)}
<form method="post">
!${renderCsrf(form)}
<div class="actions stack">
<button class="button" name="decision" value="allow">${words('Allow')}</button>
<button class="button quiet" name="decision" value="deny">${words('Do not allow')}</button>
</div>
</form>
<p class="hint">${words('You can take this back at any time on your account page.')}</p>
</div>`,
  });
}
