import type { Call } from '../http/call.js';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';
import { jwtIssuer } from './authenticate.js';
import { JWT_LIFETIME_SECONDS, jwtClaims } from './jwt.js';
import { SESSION_SECONDS } from './sessions.js';

const LOGIN_COOKIES = [
  'edxloggedin',
  'edx-user-info',
  'edx-jwt-cookie-header-payload',
  'edx-jwt-cookie-signature',
] as const;

/**
 * Sets the four cookies that tell other services of the site who is signed in.
 *
 * @param maxAgeSeconds - of the two that are not JWTs
 */
export async function setLoginCookies(
  lms: Lms,
  call: Call,
  user: LmsUser,
  maxAgeSeconds = SESSION_SECONDS,
): Promise<void> {
  call.setCookie('edxloggedin', 'true', { maxAgeSeconds });
  call.setCookie('edx-user-info', quoteCookie(userInfo(call, user)), { maxAgeSeconds });
  await setJwtCookies(lms, call, user);
}

/** Renews only the two JWT cookies. */
export async function setJwtCookies(lms: Lms, call: Call, user: LmsUser): Promise<void> {
  const claims = jwtClaims({
    user,
    scopes: ['user_id', 'email', 'profile'],
    filters: ['user:me'],
    isRestricted: false,
    grantType: 'password',
    issuer: jwtIssuer(lms),
    now: call.now,
  });
  const [header, payload, signature] = (await lms.keys.sign(claims, 'RS512')).split('.');
  call.setCookie('edx-jwt-cookie-header-payload', `${header}.${payload}`, { maxAgeSeconds: JWT_LIFETIME_SECONDS });
  call.setCookie('edx-jwt-cookie-signature', signature ?? '', { maxAgeSeconds: JWT_LIFETIME_SECONDS, httpOnly: true });
}

export function hasLoginCookies(call: Call): boolean {
  return LOGIN_COOKIES.every((name) => call.cookies.has(name));
}

export function deleteLoginCookies(call: Call): void {
  for (const name of LOGIN_COOKIES) call.deleteCookie(name);
}

function userInfo(call: Call, user: LmsUser): string {
  const image = (pixels: number): string => `${call.origin}/static/images/profiles/default_${pixels}.png`;
  return JSON.stringify({
    version: 1,
    username: user.username,
    email: user.email,
    header_urls: {
      logout: `${call.origin}/logout`,
      // Relative to the request's own path, as the LMS builds it.
      account_settings: `${call.origin}${call.rawPath}`,
      learner_profile: `${call.origin}/u/${user.username}`,
    },
    user_image_urls: { full: image(500), large: image(120), medium: image(50), small: image(30) },
  });
}

/** A cookie value in the quoted form of Python's cookie library, with octal escapes. */
function quoteCookie(value: string): string {
  const escaped = value
    .replace(/[\\"]/g, '\\$&')
    .replace(/[,;\p{Cc}]|\P{ASCII}/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    );
  return `"${escaped}"`;
}
