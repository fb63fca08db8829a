import type { EdxLinkState } from '../../entities/edx-link.entity.js';

/**
 * Every step that a link may take, and when it takes it. What is not here cannot happen: not by a mutation, a job, a command or
 * two of them at once.
 */
export const linkTransitions = {
  NOT_LINKED: {
    PENDING: 'somebody asks for an LMS account',
    LINKED: 'an import finds the LMS account tied already',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  PENDING: {
    CREATING: 'a registration is about to be sent',
    LINKED: 'the LMS account is there already, and tied or adopted',
    CONFLICT: 'another LMS account stands in the way',
    REJECTED: 'the LMS refuses for a reason that a person must remove',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  CREATING: {
    PENDING: 'the LMS certainly did not do it, and is asked again later',
    LINKED: 'the LMS made the account, or had made it',
    CONFLICT: 'another LMS account stands in the way',
    REJECTED: 'the LMS refuses for a reason that a person must remove',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  LINKED: {
    MISSING_UPSTREAM: 'a look at the LMS finds no such account any more',
    CONFLICT: 'the LMS account is there but no longer tied',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  CONFLICT: {
    PENDING: 'somebody resolves it, or what stood in the way has changed',
    LINKED: 'a look at the LMS finds it resolved',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  REJECTED: {
    PENDING: 'somebody asks again, or the account has changed',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  MISSING_UPSTREAM: {
    PENDING: 'the LMS account is made again',
    NOT_LINKED: 'support unlinks',
    DEACTIVATED: 'the account is switched off, or retired',
  },
  DEACTIVATED: {
    PENDING: 'the account is switched on again: the LMS is looked at first',
    NOT_LINKED: 'the account is switched on again, and nobody had asked for an LMS account',
  },
} as const satisfies Record<EdxLinkState, Partial<Record<EdxLinkState, string>>>;

/** Whether a link may go from one state to another. Staying is no step. */
export function mayFollow(from: EdxLinkState, to: EdxLinkState): boolean {
  return Object.hasOwn(linkTransitions[from], to);
}

/** States in which nothing happens to a link until somebody acts. */
export const restingStates = ['NOT_LINKED', 'CONFLICT', 'REJECTED', 'MISSING_UPSTREAM'] as const;

/** Whether a link waits for somebody to act. */
export function isResting(state: EdxLinkState): boolean {
  return restingStates.some((resting) => resting === state);
}

/** Whether the job of the link has something to do, so that an outcome is awaited. */
export function isUnderWay(state: EdxLinkState): boolean {
  return state === 'PENDING' || state === 'CREATING';
}
