/** A pattern for `ilike` that finds a text anywhere; nothing in it is a wildcard. */
export function containing(text: string): string {
  // NUL cannot be part of a text in PostgreSQL, which would be an error and not an empty answer.
  return `%${text
    .trim()
    .replaceAll('\0', '')
    .replace(/[\\%_]/g, '\\$&')}%`;
}
