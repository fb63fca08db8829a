const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** How long everything lives, in seconds. */
export interface Lifetimes {
  accessToken: number;
  authorizationCode: number;
  clientCredentials: number;
  /** How long a device waits for its person. */
  deviceCode: number;
  idToken: number;
  /** How long a person may take to sign in and decide. */
  interaction: number;
  refreshToken: number;
  /** Longer than any chain of refresh tokens: a token whose grant has ended opens nothing. */
  grant: number;
  /** A session ends when nobody used it for this long … */
  sessionIdle: number;
  /** … and this long after the sign-in in any case. */
  sessionAbsolute: number;
  headlessSession: number;
}

export const defaultLifetimes: Lifetimes = {
  accessToken: hour,
  authorizationCode: minute,
  clientCredentials: hour,
  deviceCode: 10 * minute,
  idToken: hour,
  interaction: hour,
  refreshToken: 30 * day,
  grant: 400 * day,
  sessionIdle: 14 * day,
  sessionAbsolute: 30 * day,
  headlessSession: 5 * minute,
};

/** How exactly the last use of a session is known, and its end moved. */
export const lastSeenGrainSeconds = 5 * 60;

/**
 * @param signedInAt - when the person signed in, in seconds since the epoch; `undefined` before that
 * @returns seconds that a session has left when it is used now
 */
export function sessionSecondsLeft(lifetimes: Lifetimes, signedInAt: number | undefined, now: Date): number {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const untilAbsoluteEnd = (signedInAt ?? nowSeconds) + lifetimes.sessionAbsolute - nowSeconds;
  return Math.max(1, Math.min(lifetimes.sessionIdle, untilAbsoluteEnd));
}
