import type { UnavailableCause } from '../errors.js';

/**
 * A committed fact that other parts, and other processes, may want to know. Carries ids only. With `lmsUsername` (and
 * `remoteId`, the account's name at the LMS) the caches of all processes drop what they hold of that learner.
 */
export type Change =
  | { topic: 'account'; accountId: string }
  | { topic: 'edx-link'; accountId: string; edxLinkId: string; lmsUsername?: string; remoteId?: string }
  | { topic: 'enrollment'; accountId: string; enrollmentId: string; courseKey: string; lmsUsername?: string }
  | { topic: 'grade'; accountId: string; courseKey: string; lmsUsername: string }
  | { topic: 'certificates'; accountId: string; lmsUsername: string }
  /** The LMS was told of to have something new of a learner in a course run: what is cached of it is void, everywhere. */
  | { topic: 'lms-learner'; lmsUsername: string; courseKey: string }
  | { topic: 'operation'; operationId: string }
  /** With keys, also what is cached of these runs is void. */
  | { topic: 'course-runs'; courseKeys?: readonly string[] }
  | { topic: 'oauth-client'; clientId: string }
  | { topic: 'signing-keys' }
  /** Calls that an upstream counts for a service user, made by one process: the others count them too. */
  | { topic: 'calls-spent'; serviceUser: string; calls: number; by: string }
  /** A breaker of the process `by` moved: how the whole upstream is doing there now. */
  | {
      topic: 'upstream';
      upstream: string;
      by: string;
      breaker: 'closed' | 'half-open' | 'open';
      since?: string;
      why?: UnavailableCause;
    }
  | { topic: 'access'; ended: readonly AccessFact[] | 'many' };

/**
 * What lets a token open something, for as long as it stands: the stored token itself (by what is stored in place of its
 * value), its grant, the session that it hangs on, its account. The database tells of the first three by triggers, whoever
 * ended them and how.
 */
export type AccessFact = `${'token' | 'grant' | 'session' | 'account'}:${string}`;

export const changeChannel = 'portico_change';
