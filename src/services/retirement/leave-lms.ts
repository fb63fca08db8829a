import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import type { RetirementStepOutcome } from '../../entities/retirement.entity.js';
import { findMapped } from '../edx-link/find-in-lms.js';

export type LeaveLmsApi = Pick<
  LmsApi,
  | 'mayRetire'
  | 'retirementState'
  | 'requestRetirement'
  | 'deactivateUser'
  | 'accountsByUsername'
  | 'accountByEmail'
  | 'mappings'
  | 'enrollmentsOf'
  | 'postEnrollment'
>;

/** How a person left the LMS, in words for staff. */
export interface Leaving {
  outcome: RetirementStepOutcome;
  /** Stable word, for the history of the link. */
  cause: string;
  reason: string;
}

/**
 * Ends what a person has at the LMS, as far as the LMS lets Portico: best by its own retirement, which erases them there; else
 * by taking their password and their courses. What only its operators can do is said. May be repeated, also after an answer
 * that was lost: it looks before it asks.
 *
 * @throws UpstreamUnavailableError, UpstreamRejectedError - then nothing is decided
 */
export async function leaveLms(api: LeaveLmsApi, username: string, options: CallOptions): Promise<Leaving> {
  const isRetiring = await requestRetirement(api, username, options);
  if (isRetiring === 'requested') return retirementQueued(username);
  if (isRetiring === 'gone') return alreadyGone(username);
  const isDeactivated = api.mayRetire && (await api.deactivateUser(username, options)) === 'deactivated';
  const refused = await unenrollEverywhere(api, username, options);
  return leftToDo(username, { isDeactivated, refused });
}

/** An LMS user of this account, one who may be or may have been, or nobody. */
export type OwnLmsUser =
  | { kind: 'own'; username: string }
  | { kind: 'doubtful'; username: string }
  | { kind: 'nobody' };

/**
 * The LMS user that an account is tied to: proven by the mapping, or by the link for one that is being retired already, since
 * that unties it. Whoever merely has the same e-mail address, or is tied to somebody else by now, is `doubtful`.
 */
export async function findOwnLmsUser(
  api: LeaveLmsApi,
  account: Account,
  link: EdxLink | null,
  options: CallOptions,
): Promise<OwnLmsUser> {
  const tied = await findMapped(api, account.username, options);
  if (tied) return { kind: 'own', username: tied.username };
  const username = link?.edxUsername ?? undefined;
  if (username !== undefined) {
    const isTiedElsewhere = (await api.mappings({ usernames: [username] }, options)).length > 0;
    return { kind: link?.state === 'CONFLICT' || isTiedElsewhere ? 'doubtful' : 'own', username };
  }
  const stranger = link?.state === 'CONFLICT' ? await api.accountByEmail(account.email, options) : undefined;
  return stranger ? { kind: 'doubtful', username: stranger.username } : { kind: 'nobody' };
}

async function requestRetirement(
  api: LeaveLmsApi,
  username: string,
  options: CallOptions,
): Promise<'requested' | 'gone' | 'impossible'> {
  if (!api.mayRetire) return 'impossible';
  const before = await api.retirementState(username, options);
  if (before === 'not-allowed') return 'impossible';
  if (before !== 'none') return 'requested';
  const answer = await api.requestRetirement(username, options);
  if (answer === 'requested') return 'requested';
  // A user whose retirement is complete has another name.
  if ((await api.accountsByUsername([username], options)).length === 0) return 'gone';
  return 'impossible';
}

/** @returns course runs that the LMS did not let go of */
async function unenrollEverywhere(api: LeaveLmsApi, username: string, options: CallOptions): Promise<string[]> {
  const refused: string[] = [];
  for (const { courseKey } of await api.enrollmentsOf(username, options)) {
    const answer = await api.postEnrollment({ username, courseKey, isActive: false }, options);
    if (answer.kind === 'refused') refused.push(courseKey);
  }
  return refused;
}

/** For what the LMS refuses in a way that asking again does not change. */
export function refusedByLms(username: string, message: string): Leaving {
  return {
    outcome: 'LEFT_TO_DO',
    cause: 'retirement-refused-by-lms',
    reason: `${message} Retire its user “${username}” there.`,
  };
}

/** For an account that has nobody at the LMS. */
export const nobodyThere: Leaving = {
  outcome: 'NOT_NEEDED',
  cause: 'retired-without-lms-user',
  reason: 'No LMS user was tied to this account.',
};

/** For an LMS user of whom only a person can tell whether they are the one who left. */
export function leftAlone(username: string): Leaving {
  return {
    outcome: 'LEFT_TO_DO',
    cause: 'doubtful-lms-user-left-alone',
    reason: `The LMS user “${username}” is not tied to this account, or to another one by now, and was left alone. If they are the same person, retire “${username}” in the LMS.`,
  };
}

function retirementQueued(username: string): Leaving {
  return {
    outcome: 'DONE',
    cause: 'retirement-queued-in-lms',
    reason: `The LMS has queued the retirement of its user “${username}”: they are untied and cannot sign in. Its own pipeline erases the rest.`,
  };
}

function alreadyGone(username: string): Leaving {
  return {
    outcome: 'DONE',
    cause: 'gone-from-lms',
    reason: `The LMS has no user “${username}” any more.`,
  };
}

function leftToDo(
  username: string,
  { isDeactivated, refused }: { isDeactivated: boolean; refused: string[] },
): Leaving {
  const done = isDeactivated
    ? 'deactivated (no password, no single sign-on) and unenrolled'
    : 'unenrolled; single sign-on from here has ended with the account';
  const courses = refused.length > 0 ? ` It did not let go of ${refused.join(', ')}.` : '';
  return {
    outcome: 'LEFT_TO_DO',
    cause: isDeactivated ? 'deactivated-in-lms' : 'unenrolled-in-lms',
    reason: `The LMS did not let Portico retire its user “${username}”, who was ${done}.${courses} Name and e-mail address are still there: retire “${username}” in the LMS, and set OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID so that it is done from here (the LMS needs ENABLE_BULK_USER_RETIREMENT and its retirement states).`,
  };
}
