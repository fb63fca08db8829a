import { html } from 'ghtml';
import type { Words } from '../words/words.js';

/** What stands against a form: at a field, or at the form as a whole. */
export interface FormError {
  field?: string | undefined;
  message: string;
}

/** A form as it is shown again: with what was typed, and with what stands against it. */
export interface FormState {
  /** Proves that the form came from a page of ours; goes back in a hidden field. */
  csrfToken: string;
  values: Readonly<Record<string, string>>;
  errors: readonly FormError[];
  words: Words;
}

export interface TextField {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  /** Value of the `autocomplete` attribute, so that browsers and password managers know what goes in. */
  autocomplete: string;
  /** HTML made with the escaping tag. */
  hint?: string;
  isOptional?: boolean;
  hasFocus?: boolean;
  maxLength?: number;
  /** Shown beside the label, and reached after the field; HTML made with the escaping tag. */
  aside?: string;
  isCode?: boolean;
}

export function renderCsrf({ csrfToken }: Pick<FormState, 'csrfToken'>): string {
  return html`<input type="hidden" name="_csrf" value="${csrfToken}">`;
}

/** The errors of a form in one place, each leading to its field. Takes the focus, so that it is read out first. */
export function renderErrorSummary({ errors, words }: Pick<FormState, 'errors' | 'words'>): string {
  if (errors.length === 0) return '';
  const items = errors.map(({ field, message }) =>
    field ? html`<li><a href="#${field}">${message}</a></li>` : html`<li>${message}</li>`,
  );
  const only = errors.length === 1 ? errors[0] : undefined;
  const content = only && !only.field ? html`<p>${only.message}</p>` : html`<ul>!${items}</ul>`;
  return html`<div class="note bad" role="alert" tabindex="-1" autofocus><h2>${words('Please check this')}</h2>!${content}</div>`;
}

export function renderTextField(state: FormState, field: TextField): string {
  const { name, type = 'text', hint, isOptional = false, isCode = false } = field;
  const error = errorAt(state, name);
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const isVerbatim = type !== 'text' || /username|one-time-code/.test(field.autocomplete);
  return html`<div class="field!${field.aside ? ' with-aside' : ''}">
<label for="${name}">${field.label}!${isOptional ? renderOptional(state) : ''}</label>
<input id="${name}" name="${name}" type="${type}" value="${type === 'password' ? '' : (state.values[name] ?? '')}" autocomplete="${field.autocomplete}"!${[
    isOptional ? '' : ' required',
    field.maxLength ? html` maxlength="${field.maxLength}"` : '',
    isVerbatim ? ' autocapitalize="none" spellcheck="false"' : '',
    isCode ? ' class="code" inputmode="numeric"' : '',
    field.hasFocus && state.errors.length === 0 ? ' autofocus' : '',
    describedBy ? html` aria-describedby="${describedBy}"` : '',
    error ? ' aria-invalid="true"' : '',
  ]}>
!${field.aside ? html`<span class="aside-of-label">!${field.aside}</span>` : ''}
!${hint ? html`<p class="hint" id="${name}-hint">!${hint}</p>` : ''}
!${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
</div>`;
}

export function renderSelect(
  state: FormState,
  field: { name: string; label: string; autocomplete: string; options: readonly { value: string; label: string }[] },
): string {
  const { name, label, autocomplete, options } = field;
  const error = errorAt(state, name);
  const chosen = state.values[name] ?? '';
  return html`<div class="field">
<label for="${name}">${label}!${renderOptional(state)}</label>
<select id="${name}" name="${name}" autocomplete="${autocomplete}"!${error ? html` aria-invalid="true" aria-describedby="${name}-error"` : ''}>
<option value="">${state.words('Prefer not to say')}</option>
!${options.map(({ value, label: text }) => html`<option value="${value}"!${value === chosen ? ' selected' : ''}>${text}</option>`)}
</select>
!${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
</div>`;
}

/** @param label - HTML made with the escaping tag */
export function renderCheckbox(state: FormState, { name, label }: { name: string; label: string }): string {
  const error = errorAt(state, name);
  return html`<div class="field check">
<input type="checkbox" id="${name}" name="${name}" value="yes" required!${state.values[name] ? ' checked' : ''}!${error ? html` aria-invalid="true" aria-describedby="${name}-error"` : ''}>
<label for="${name}">!${label}</label>
!${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
</div>`;
}

function renderOptional({ words }: FormState): string {
  return html` <span class="optional">${words('(optional)')}</span>`;
}

function errorAt(state: FormState, name: string): string | undefined {
  return state.errors.find((error) => error.field === name)?.message;
}
