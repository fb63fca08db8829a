import type { Call, Caller } from '../http/call.js';
import { ApiError } from '../http/errors.js';
import type { AuthProfile } from '../http/view.js';
import { isMisconfigured, type Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';
import { findSession } from './sessions.js';

/** What `X-Edx-Api-Key` must be. */
export const API_KEY = 'portico-edx-api-key';

const INVALID_TOKEN = new ApiError(401, 'Invalid token.');

/**
 * Finds out who is calling, in the order of a view's authenticators.
 *
 * @returns null for an anonymous call, also when a credential was sent that this profile does not read
 * @throws ApiError 401 for a credential that is read and bad, 403 for a browser call without its CSRF token
 */
export async function authenticate(lms: Lms, call: Call, profile: AuthProfile): Promise<Caller | null> {
  if (profile === 'P0') return null;
  const [scheme, ...rest] = call.header('authorization').trim().split(/\s+/);
  switch (scheme?.toLowerCase()) {
    case 'jwt':
      return jwtCaller(lms, call, tokenOf(rest));
    case 'bearer':
      if (profile === 'P1' || profile === 'P4') return bearerCaller(lms, call, tokenOf(rest), profile === 'P1');
      break;
  }
  return profile === 'P4' || profile === 'P5' ? null : ((await cookieCaller(lms, call)) ?? sessionCaller(lms, call));
}

function tokenOf(words: readonly string[]): string {
  if (words.length === 0) throw bearerError('token_not_provided', 'Invalid token header. No credentials provided.');
  if (words.length > 1)
    throw bearerError('token_malformed', 'Invalid token header. Token string should not contain spaces.');
  return words[0] ?? '';
}

function bearerError(code: string, message: string): ApiError {
  return new ApiError(401, { error_code: code, developer_message: message });
}

async function jwtCaller(lms: Lms, call: Call, token: string): Promise<Caller> {
  const claims = await lms.keys.verify(token, jwtIssuer(lms), call.now);
  if (claims === null || isExpiredBySwitch(lms, Number(claims.iat) * 1000)) throw INVALID_TOKEN;
  const username = claims.preferred_username ?? claims.username;
  if (typeof username !== 'string') throw new ApiError(401, 'JWT must include a preferred_username or username claim!');
  const user = asLmsSees(lms, lms.state.user(username) ?? createNamelessUser(lms, username, call.now));
  return {
    user,
    via: 'jwt',
    isRestricted: claims.is_restricted === true,
    scopes: textList(claims.scopes),
    filters: textList(claims.filters),
  };
}

function bearerCaller(lms: Lms, call: Call, token: string, areInactiveAllowed: boolean): Caller {
  const row = lms.state.accessTokens.get(token);
  if (row === undefined)
    throw bearerError('token_nonexistent', 'The provided access token does not match any valid tokens.');
  if (row.expiresAt <= call.now.toISOString() || isExpiredBySwitch(lms, Date.parse(row.issuedAt))) {
    throw bearerError('token_expired', 'The provided access token has expired and is no longer valid.');
  }
  const user = lms.state.user(row.username);
  if (user === undefined)
    throw bearerError('token_nonexistent', 'The provided access token does not match any valid tokens.');
  if (!user.isActive && !areInactiveAllowed)
    throw bearerError('user_not_active', `User inactive or deleted: ${user.username}`);
  const isOwner = [...lms.state.applications.values()].some((application) => application.owner === user.username);
  if (user.passwordHash === null && !isOwner)
    throw bearerError('user_is_disabled', `User disabled by admin: ${user.username}`);
  return { user: asLmsSees(lms, user), via: 'bearer', isRestricted: false, scopes: row.scopes, filters: [] };
}

/** The JWT of the two login cookies; a bad one is ignored, not refused. */
async function cookieCaller(lms: Lms, call: Call): Promise<Caller | null> {
  const payload = call.cookies.get('edx-jwt-cookie-header-payload');
  const signature = call.cookies.get('edx-jwt-cookie-signature');
  if (!payload || !signature) return null;
  const claims = await lms.keys.verify(`${payload}.${signature}`, jwtIssuer(lms), call.now);
  const user = typeof claims?.preferred_username === 'string' ? lms.state.user(claims.preferred_username) : undefined;
  if (claims === null || user === undefined) return null;
  requireCsrfToken(call);
  const hasSession = findSession(lms, call)?.username === user.username;
  return {
    user: asLmsSees(lms, user),
    via: hasSession ? 'session' : 'jwt-cookie',
    isRestricted: false,
    scopes: textList(claims.scopes),
    filters: [],
  };
}

function sessionCaller(lms: Lms, call: Call): Caller | null {
  const username = findSession(lms, call)?.username;
  const user = username ? lms.state.user(username) : undefined;
  if (user === undefined) {
    // A session that the LMS no longer knows is taken from the browser.
    if (call.cookies.has('sessionid')) call.deleteCookie('sessionid');
    return null;
  }
  requireCsrfToken(call);
  return { user: asLmsSees(lms, user), via: 'session', isRestricted: false, scopes: [], filters: [] };
}

function requireCsrfToken(call: Call): void {
  if (!call.isUnsafe) return;
  const cookie = call.cookies.get('csrftoken');
  if (cookie === undefined) throw new ApiError(403, 'CSRF Failed: CSRF cookie not set.');
  const sent = call.header('x-csrftoken');
  if (sent === '') throw new ApiError(403, 'CSRF Failed: CSRF token missing.');
  if (sent !== cookie) throw new ApiError(403, "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect.");
}

/** The `iss` claim of the LMS's tokens. */
export function jwtIssuer(lms: Lms): string {
  return `${lms.rootUrl()}/oauth2`;
}

/** With `worker-not-staff` the service worker has lost its staff flag, whatever the table says. */
export function asLmsSees(lms: Lms, user: LmsUser): LmsUser {
  return user.username === lms.credentials.worker.username && isMisconfigured(lms, 'worker-not-staff')
    ? { ...user, isStaff: false, isSuperuser: false }
    : user;
}

/** With `token-expired` every token from before the switch has expired. */
function isExpiredBySwitch(lms: Lms, issuedAtMs: number): boolean {
  const { tokensExpireBefore } = lms.state.settings;
  // Whole seconds, because that is what a JWT says.
  return tokensExpireBefore !== null && issuedAtMs < Math.floor(Date.parse(tokensExpireBefore) / 1000) * 1000;
}

/** A valid JWT naming an unknown user makes the LMS create that user, without a profile. */
function createNamelessUser(lms: Lms, username: string, now: Date): LmsUser {
  const user: LmsUser = {
    id: lms.state.nextId('user'),
    username,
    email: '',
    passwordHash: null,
    isActive: true,
    isStaff: false,
    isSuperuser: false,
    dateJoined: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    lastLogin: null,
    activationKey: null,
    profile: null,
  };
  lms.state.putUser(user);
  return user;
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
