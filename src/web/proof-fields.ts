import { type FormState, renderTextField } from './form.js';

/** Password, and the second factor from whoever has one: for what would be worst in the wrong hands. */
export function renderProofFields(form: FormState, { needsCode }: { needsCode: boolean }): string {
  const password = renderTextField(form, {
    name: 'currentPassword',
    label: 'Current password',
    type: 'password',
    autocomplete: 'current-password',
  });
  if (!needsCode) return password;
  const code = renderTextField(form, {
    name: 'code',
    label: 'Code from the app, or a recovery code',
    autocomplete: 'one-time-code',
    maxLength: 20,
  });
  return `${password}\n${code}`;
}
