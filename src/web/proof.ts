import { html } from 'ghtml';
import { type FormState, renderTextField } from './form.js';
import { renderPasskeyButton } from './passkey-button.js';

/** What a person can show beside the password; nothing when their password is enough. */
export interface ProofNeeds {
  hasApp: boolean;
  hasPasskeys: boolean;
}

/** Where a form with {@link renderProof} reads what the browser asks a passkey. */
export const proofOptionsPath = '/account/passkeys/options';

/** The fields in which somebody who is signed in shows once more who they are. */
export function renderProof(
  form: FormState,
  { hasApp, hasPasskeys }: ProofNeeds,
  { hasFocus = false }: { hasFocus?: boolean } = {},
): string {
  const { words } = form;
  const password = renderTextField(form, {
    name: 'currentPassword',
    label: words('Current password'),
    type: 'password',
    autocomplete: 'current-password',
    hasFocus,
  });
  if (!hasApp && !hasPasskeys) return password;
  return html`!${password}
!${renderTextField(form, {
    name: 'code',
    label: hasApp ? words('Code from the app, or a recovery code') : words('Recovery code'),
    autocomplete: 'one-time-code',
    maxLength: 20,
  })}
!${hasPasskeys ? html`<div class="field">!${renderPasskeyButton({ words, label: words('Use a passkey'), does: { useFrom: proofOptionsPath }, isQuiet: true })}</div>` : ''}`;
}
