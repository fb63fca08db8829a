import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A random string of letters and digits: what Django and the OAuth library make tokens, codes and states of. */
export function randomText(length: number): string {
  let result = '';
  for (let at = 0; at < length; at++) result += ALPHABET[randomInt(ALPHABET.length)];
  return result;
}

/** A value in the form of the LMS's safe session cookie: four parts, opaque to clients. */
export function newSessionId(): string {
  return `1|${randomText(32).toLowerCase()}|${randomText(12)}|${randomBytes(48).toString('base64url')}${randomText(75)}`;
}

export interface CookieAttributes {
  readonly maxAgeSeconds?: number;
  readonly httpOnly?: boolean;
  readonly sameSite?: 'Lax';
  /** Set when the LMS believes that it has another name than the browser uses. */
  readonly domain?: string | undefined;
}

/** One `Set-Cookie` value in the LMS's order: expires, HttpOnly, Max-Age, Path, SameSite. */
export function cookieLine(name: string, value: string, attributes: CookieAttributes, now: Date): string {
  const { maxAgeSeconds, httpOnly, sameSite, domain } = attributes;
  return [
    `${name}=${value}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAgeSeconds === undefined ? [] : [`expires=${new Date(now.getTime() + maxAgeSeconds * 1000).toUTCString()}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
    'Path=/',
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ].join('; ');
}

/** Deletes a cookie in the browser. */
export function deletedCookieLine(name: string, domain?: string): string {
  return `${name}=""; ${domain === undefined ? '' : `Domain=${domain}; `}expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/`;
}

/** The cookies of a request; the first one of a name wins. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at <= 0) continue;
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name))
      cookies.set(
        name,
        pair
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return cookies;
}
