export type QueryValue = string | number | readonly string[] | undefined;

/**
 * A query string with its question mark. Lists are joined by raw commas and `:` stays raw: both are legal in a query, and
 * course keys are long enough as they are. `+` becomes `%2B`, since a raw one is read as a space.
 *
 * @throws Error for an empty list: to many upstreams an empty filter means no filter
 */
export function queryString(parameters: Record<string, QueryValue>): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values = Array.isArray(value) ? value : [String(value)];
    if (values.length === 0) throw new Error(`the query parameter ${name} has no values`);
    return [`${name}=${values.map(encodeQueryValue).join(',')}`];
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Encodes a value of a query; colons stay, since course keys are full of them and lines are short. */
export function encodeQueryValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

/** Bytes that a value takes in a list of a query string, its comma included. */
export function queryBytes(value: string): number {
  return encodeQueryValue(value).length + 1;
}

/** One segment of a path; dots alone are encoded too, since they would mean the folder above. */
export function encodePathSegment(value: string): string {
  return /^\.+$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value);
}

/** A course key in a path: deprecated keys hold slashes, which stay. */
export function encodeCoursePath(courseKey: string): string {
  return courseKey.split('/').map(encodePathSegment).join('/').replaceAll('%3A', ':');
}
