import type { LmsEnrollment } from './lms/enrollments.js';
import type { LmsApi } from './lms/lms-api.js';
import type { ReadCache } from './read-cache.js';
import type { Sourced } from './sourced.js';
import type { CallOptions } from './upstream/call.js';

/** The LMS user that a viewer is, with a token of theirs that is good now. */
export interface OwnUser {
  lmsUsername: string;
  accessToken: string;
}

/** Above it the service worker's calls are left to those who have none of their own. */
const scarce = 0.9;

/**
 * Reads a learner's own enrollments in their own name while the service worker's budget is scarce. Such an answer is for this
 * request alone: it is another user's view of the LMS, and without what has ended.
 *
 * @param findOwn - who the viewer is; asked only when it matters, without a call of the LMS
 * @returns answers by key; whatever is missing there is to be had in the usual way
 */
export async function readOwnEnrollments(
  usernames: readonly string[],
  {
    api,
    cache,
    findOwn,
    options,
  }: {
    api: LmsApi;
    cache: ReadCache<string, LmsEnrollment[]>;
    findOwn: () => Promise<OwnUser | undefined>;
    options: CallOptions;
  },
): Promise<Map<string, Sourced<LmsEnrollment[]>>> {
  if (api.scarcity('enrollment') < scarce) return new Map();
  const own = await findOwn().catch(() => undefined);
  const username = usernames.find((name) => name.toLowerCase() === own?.lmsUsername.toLowerCase());
  if (!own || username === undefined || cache.peek(username) !== undefined) return new Map();
  const [elsewhere] = await cache.readElsewhere([username]);
  if (elsewhere) return new Map();
  const asOf = api.clock();
  try {
    const rows = await api.ownEnrollments(own.lmsUsername, own.accessToken, options);
    return new Map([[username, { value: rows, asOf, stale: false, source: 'lms' }]]);
  } catch {
    // Their token may have ended, or their own throttle may be used up: the service worker is asked.
    return new Map();
  }
}
