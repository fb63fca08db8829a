import type { FaultMode } from '../../sandbox/lms/rows.js';
import type { LmsOperation } from '../../src/datasources/lms/operations.js';
import type { UnavailableCause } from '../../src/errors.js';

/**
 * What one call comes to. `answer`: what the LMS says is there. `refused`: the LMS said no to this call, which is an answer too,
 * and final until something changes. Anything else: there is none, and why.
 */
export type Outcome = 'answer' | 'refused' | UnavailableCause;

const usual: Record<FaultMode, Outcome> = {
  down: 'server-error',
  refused: 'unreachable',
  reset: 'unreachable',
  'lost-answer': 'unreachable',
  hang: 'timeout',
  slow: 'answer',
  costs: 'answer',
  html500: 'server-error',
  throttle: 'throttled',
  forbidden: 'credentials',
  truncate: 'bad-answer',
  'wrong-json': 'bad-answer',
  'wrong-types': 'bad-answer',
  'foreign-next': 'answer',
  endless: 'answer',
  stale: 'answer',
};

/** Lists that are read to their end: half of one is not passed off as the whole. */
const readToItsEnd = { 'foreign-next': 'bad-answer', endless: 'bad-answer' } as const;
/** Limits that the LMS words as 403. */
const limited = { forbidden: 'throttled' } as const;
/** A learner's own token does not open it: a new one is obtained. */
const tokenRefused = { forbidden: 'refused' } as const;
/** The status says all. */
const bodyIgnored = { 'wrong-types': 'answer' } as const;

const exceptions: Partial<Record<LmsOperation, Partial<Record<FaultMode, Outcome>>>> = {
  'enrollment.list': readToItsEnd,
  'grade.list': readToItsEnd,
  'program-enrollment.find': readToItsEnd,
  'program-course-enrollment.list': readToItsEnd,
  'program-enrollment.list': readToItsEnd,
  'program-grade.list': readToItsEnd,
  // A page of another host is the next page of ours, and was the last.
  'mapping.list': { endless: 'bad-answer' },
  'account.update': tokenRefused,
  'course-emails.change': tokenRefused,
  'account.me': tokenRefused,
  'account.fix-lti-user': bodyIgnored,
  'oauth.client_credentials': limited,
  'oauth.authorization_code': limited,
  'oauth.refresh_token': limited,
  'oauth.revoke': { ...limited, ...bodyIgnored },
  'registration.create': limited,
  'registration.validate': limited,
  'registration.describe': { forbidden: 'bad-answer' },
  heartbeat: { forbidden: 'bad-answer' },
  'provider.list': { forbidden: 'refused' },
  'retirement.request': { forbidden: 'refused' },
  'retirement.read': { forbidden: 'refused' },
  'retirement.deactivate': { forbidden: 'refused', ...bodyIgnored },
  'retirement.readiness': { forbidden: 'refused', ...bodyIgnored },
};

/** The decided outcome of a call that meets a fault at every try. */
export function decide(operation: LmsOperation, mode: FaultMode): Outcome {
  return exceptions[operation]?.[mode] ?? usual[mode];
}

/** Before the LMS has done anything: nothing can have happened. */
const before: ReadonlySet<Outcome> = new Set(['answer', 'refused', 'throttled', 'credentials']);

/** Whether a write that comes to this may be done all the same, so that it is looked at before it is repeated. */
export function mayBeDone(outcome: Outcome): boolean {
  return !before.has(outcome);
}
