import { html } from 'ghtml';
import type { Words } from '../words/words.js';
import { type FormState, renderCsrf, renderErrorSummary, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { renderPasskeyButton } from './passkey-button.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

export interface PasskeyView {
  id: string;
  name: string;
  detail: string;
  isSuspended: boolean;
}

/** All passkeys of a person. */
export function renderPasskeysPage(
  page: Frame & { passkeys: readonly PasskeyView[]; notice: string | undefined },
): string {
  const { words, passkeys, notice } = page;
  const rows = passkeys.map(
    ({
      id,
      name,
      detail,
      isSuspended,
    }) => html`<li><div><strong>${name}</strong>!${isSuspended ? html` <span class="tag bad">${words('Stopped')}</span>` : ''}<p class="hint">${detail}</p></div>
<a class="button quiet small" href="/account/passkeys/${id}">${words('Change')}<span class="visually-hidden"> ${name}</span></a></li>`,
  );
  return renderPage(page, {
    title: words('Passkeys'),
    body: html`<div class="card">
<h1>${words('Passkeys')}</h1>
!${notice ? html`<div class="note good" role="status"><p>${notice}</p></div>` : ''}
<p class="lead">${words('Sign in with your fingerprint, your face, the lock of your device or a security key. Nothing has to be typed, and nothing can be given away by mistake.')}</p>
!${passkeys.length > 0 ? html`<ul class="rows">!${rows}</ul>` : ''}
<p class="actions"><a class="button" href="/account/passkeys/new">${words('Add a passkey')}</a><a class="button quiet" href="/account">${words('Back')}</a></p>
</div>`,
  });
}

/** Before a new passkey: whoever adds one is asked who they are. */
export function renderPasskeyProofPage(page: Frame & { form: FormState; needs: ProofNeeds }): string {
  const { words, form, needs } = page;
  return renderPage(page, {
    title: words('Add a passkey'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Add a passkey')}</h1>
<p class="lead">${words('First show that it is you.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderProof(form, needs, { hasFocus: true })}
<div class="actions"><button class="button">${words('Continue')}</button><a class="button quiet" href="/account/passkeys">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}

/** Gives the new passkey a name, and has the browser make it. */
export function renderNewPasskeyPage(page: Frame & { form: FormState; options: unknown }): string {
  const { words, form, options } = page;
  return renderPage(page, {
    title: words('Name the new passkey'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Name the new passkey')}</h1>
<p class="lead">${words('Then your browser asks where to keep it: in this device, in a phone, or in a security key.')}</p>
!${renderErrorSummary(form)}
<div class="note wait" data-without-passkeys><p>${words('A passkey is made by your browser. This needs JavaScript, and a browser that knows passkeys.')}</p></div>
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { ...nameField(words), hasFocus: true })}
!${renderPasskeyButton({ words, label: words('Create the passkey'), does: { create: options }, sendsForm: true })}
</form>
<p class="aside"><a href="/account/passkeys">${words('Cancel')}</a></p>
</div>`,
  });
}

/** One passkey: its name, and the end of it. */
export function renderPasskeyPage(
  page: Frame & {
    passkey: PasskeyView;
    nameForm: FormState;
    removeForm: FormState;
    needs: ProofNeeds;
  },
): string {
  const { words, passkey, nameForm, removeForm, needs } = page;
  return renderPage(page, {
    title: words('Passkey {name}', { name: passkey.name }),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Passkey “{name}”', { name: passkey.name })}</h1>
<p class="lead">${passkey.detail}</p>
!${
      passkey.isSuspended
        ? html`<div class="note bad"><p>${words('It was used in a way that suggests a copy of it, so it opens nothing any more. Remove it, and add a new one.')}</p></div>`
        : ''
    }
!${renderErrorSummary(nameForm)}
<form method="post" action="/account/passkeys/${passkey.id}/name">
!${renderCsrf(nameForm)}
!${renderTextField(nameForm, nameField(words))}
<div class="actions"><button class="button">${words('Save')}</button><a class="button quiet" href="/account/passkeys">${words('Back')}</a></div>
</form>
</div>
<div class="card">
<h2>${words('Remove it')}</h2>
<p class="hint">${words('It signs you in no longer. Delete it in your device as well.')}</p>
!${renderErrorSummary(removeForm)}
<form method="post" action="/account/passkeys/${passkey.id}/remove">
!${renderCsrf(removeForm)}
!${renderProof(removeForm, needs)}
<button class="button danger">${words('Remove this passkey')}</button>
</form>
</div>`,
  });
}

const nameField = (words: Words) =>
  ({
    name: 'name',
    label: words('Name'),
    autocomplete: 'off',
    maxLength: 60,
    hint: html`${words('For you, to tell your passkeys apart.')}`,
  }) as const;
