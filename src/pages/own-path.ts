/**
 * Where a person goes on after a form, if it is a place of ours: anything else would make our sign-in page a stepping stone
 * to a foreign one.
 *
 * @param next - a path, or a URL under `publicUrl`; taken from the address, so anything at all
 * @returns path and query to redirect to, or `undefined`
 */
export function parseOwnPath(next: unknown, publicUrl: string): string | undefined {
  if (typeof next !== 'string' || next.length > 8_000 || !URL.canParse(next, publicUrl)) return undefined;
  const url = new URL(next, publicUrl);
  // `//host` at the beginning would be another host to a browser.
  if (url.origin !== new URL(publicUrl).origin || url.pathname.startsWith('//')) return undefined;
  return url.pathname + url.search;
}

/** Adds `next` to a path of ours, when there is one. */
export function withNext(path: string, next: string | undefined): string {
  return next === undefined ? path : `${path}?next=${encodeURIComponent(next)}`;
}
