const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MOST_CHARACTERS = 255;
const TRUE = ['t', 'y', 'yes', 'true', 'on', '1'];
const FALSE = ['f', 'n', 'no', 'false', 'off', '0', '0.0'];

/** What the LMS's serializer makes of a field: a value, or why it is refused. Absent optional fields have neither. */
export type Field<T> = { readonly value: T } | { readonly error: string };

/** A text field: numbers become text, and what surrounds it is trimmed. */
export function textField(value: unknown): Field<string> {
  if (value === undefined) return { error: 'This field is required.' };
  if (value === null) return { error: 'This field may not be null.' };
  if (typeof value !== 'string' && typeof value !== 'number') return { error: 'Not a valid string.' };
  const text = String(value).trim();
  if (text === '') return { error: 'This field may not be blank.' };
  if (text.length > MOST_CHARACTERS)
    return { error: `Ensure this field has no more than ${MOST_CHARACTERS} characters.` };
  return { value: text };
}

export function uuidField(value: unknown): Field<string> {
  if (value === undefined) return { error: 'This field is required.' };
  if (value === null) return { error: 'This field may not be null.' };
  const digits = String(value).replaceAll('-', '').toLowerCase();
  if (typeof value !== 'string' || !UUID.test(value)) return { error: 'Must be a valid UUID.' };
  return { value: digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

/** A flag that may be left out, and may be spelled in any of the ways that Django REST framework knows. */
export function flagField(value: unknown): Field<boolean | undefined> {
  if (value === undefined) return { value: undefined };
  if (value === null) return { error: 'This field may not be null.' };
  const word = ['string', 'number', 'boolean'].includes(typeof value) ? String(value).toLowerCase() : '';
  if (TRUE.includes(word)) return { value: true };
  if (FALSE.includes(word)) return { value: false };
  return { error: 'Must be a valid boolean.' };
}
