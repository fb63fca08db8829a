import { html } from 'ghtml';
import type { Words } from '../words/words.js';

interface PasskeyButton {
  words: Words;
  label: string;
  /** Makes a passkey by these options, or uses one by options that are read when it is pressed, as a form is sent. */
  does: { create: unknown } | { useFrom: string };
  /** Sends the form with the answer; otherwise the person does. */
  sendsForm?: boolean;
  /** The browser also offers passkeys at the field whose `autocomplete` ends in `webauthn`. */
  hasAutofill?: boolean;
  isQuiet?: boolean;
}

/**
 * A button for a passkey, with the hidden field `passkey` for the answer; inside a form, on a page with the script. Without
 * script, or in a browser that knows no passkeys, nothing is shown.
 */
export function renderPasskeyButton(button: PasskeyButton): string {
  const { words, label, does, sendsForm = false, hasAutofill = false, isQuiet = false } = button;
  const options =
    'create' in does
      ? html`data-passkey="create" data-options="${JSON.stringify(does.create)}"`
      : html`data-passkey="use" data-options-href="${does.useFrom}"`;
  return html`<input type="hidden" name="passkey" value="">
<button type="button" class="button full!${isQuiet ? ' quiet' : ''}" hidden !${options}!${sendsForm ? ' data-then="submit"' : ''}!${hasAutofill ? ' data-autofill' : ''}>${label}</button>
<p class="hint" role="status" hidden data-passkey-status data-failed="${words('That did not work, or was stopped. Try again.')}" data-ready="${words('Your passkey is ready: go on below.')}"></p>`;
}
