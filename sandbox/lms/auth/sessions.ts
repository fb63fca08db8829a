import type { Call } from '../http/call.js';
import { newSessionId } from '../http/cookies.js';
import type { Lms } from '../lms.js';
import type { LmsSession, LmsUser } from '../rows.js';

export const SESSION_SECONDS = 14 * 24 * 3600;

/** The browser session of a call, if its cookie names one that has not ended. */
export function findSession(lms: Lms, call: Call): LmsSession | null {
  const session = lms.state.sessions.get(call.cookies.get('sessionid') ?? '');
  return session !== undefined && session.expiresAt > call.now.toISOString() ? session : null;
}

/** The person who is signed in with this browser. */
export function sessionUser(lms: Lms, call: Call): LmsUser | null {
  const username = findSession(lms, call)?.username;
  return username === undefined || username === null ? null : (lms.state.user(username) ?? null);
}

/** Changes the browser's session, or starts one, and sets its cookie. */
export function updateSession(lms: Lms, call: Call, change: Partial<Omit<LmsSession, 'id' | 'expiresAt'>>): LmsSession {
  const found = findSession(lms, call);
  const session: LmsSession = {
    id: found?.id ?? newSessionId(),
    username: found?.username ?? null,
    social: found?.social ?? null,
    message: found?.message ?? null,
    ...change,
    expiresAt: new Date(call.now.getTime() + SESSION_SECONDS * 1000).toISOString(),
  };
  lms.state.sessions.set(session.id, session);
  setSessionCookie(call, session.id);
  return session;
}

/** How long the browser keeps a sign-in with a password. */
export const PASSWORD_SESSION_SECONDS = 28 * 24 * 3600;

/**
 * Signs a person in: under a new session id, so that an id known from before is worth nothing.
 *
 * @param keepSeconds - how long the browser keeps the cookie; null until it is closed
 */
export function signIn(lms: Lms, call: Call, user: LmsUser, keepSeconds: number | null = SESSION_SECONDS): void {
  const before = call.cookies.get('sessionid');
  if (before !== undefined) lms.state.sessions.delete(before);
  const session: LmsSession = {
    id: newSessionId(),
    username: user.username,
    social: null,
    message: null,
    expiresAt: new Date(call.now.getTime() + (keepSeconds ?? SESSION_SECONDS) * 1000).toISOString(),
  };
  lms.state.sessions.set(session.id, session);
  lms.state.putUser({
    ...(lms.state.user(user.username) ?? user),
    lastLogin: call.now.toISOString().replace('Z', '000Z'),
  });
  setSessionCookie(call, session.id, keepSeconds);
}

function setSessionCookie(call: Call, id: string, keepSeconds: number | null = SESSION_SECONDS): void {
  const age = keepSeconds === null ? {} : { maxAgeSeconds: keepSeconds };
  call.setCookie('sessionid', id, { ...age, httpOnly: true, sameSite: 'Lax' });
}
