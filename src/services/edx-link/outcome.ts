import type { LmsToken } from '../../datasources/lms/token-endpoint.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import type { OwnLmsUser, Stranger } from './find-in-lms.js';

/** How a try to create an LMS account ended, when it ended. */
export type CreationOutcome = LinkedOutcome | RefusedOutcome;

export interface LinkedOutcome {
  state: 'LINKED';
  cause: string;
  username: string;
  userId: number | undefined;
  /** Where the way there gave one. */
  token?: LmsToken;
}

export interface RefusedOutcome {
  state: 'CONFLICT' | 'REJECTED';
  /** Stable word; decides what is offered against it. */
  code: string;
  message: string;
  /** The LMS user in the way. */
  contestedUsername?: string;
  detail?: Record<string, unknown>;
}

/** The mapping of the LMS says so: proof. */
export function foundInLms({ username, userId }: OwnLmsUser): LinkedOutcome {
  return { state: 'LINKED', cause: 'found-in-lms', username, userId };
}

/** An LMS user stands in the way, and may be had for the asking or not at all. */
export function contested(
  stranger: Stranger,
  obstacle: 'tied' | 'policy' | 'inactive' | 'unconfirmed' | undefined,
): RefusedOutcome {
  const { username, linkedTo } = stranger;
  const who =
    stranger.by === 'earlier-link'
      ? `The LMS user “${username}” is no longer tied to this account.`
      : `The LMS user “${username}” has this e-mail address and is not tied to this account.`;
  const conflict = (code: string, message: string, detail = {}): RefusedOutcome => ({
    state: 'CONFLICT',
    code,
    message,
    contestedUsername: username,
    detail: { edxUsername: username, ...detail },
  });
  if (linkedTo !== undefined && stranger.by === 'earlier-link')
    return conflict(
      'lms-user-taken-over',
      `The LMS user “${username}”, who was this account's, is tied to “${linkedTo}” by now. Support must find out whose they are; if they are not this account's, it can start anew with another LMS user.`,
      { remoteId: linkedTo },
    );
  if (linkedTo !== undefined)
    return conflict(
      'email-linked-elsewhere',
      `The LMS user “${username}” has this e-mail address and belongs to another account here, “${linkedTo}”. Change the address of one of them, then ask for the edX account again.`,
      { remoteId: linkedTo },
    );
  if (obstacle === 'policy')
    return conflict(
      'email-taken-no-adoption',
      `${who} This school does not give LMS users to accounts: change the address here, or let the LMS's operators change it there.`,
    );
  if (obstacle === 'inactive')
    return conflict(
      'lms-user-inactive',
      `${who} The LMS ties active users only: activate “${username}” there by the link in the mail that it sent, then try again.`,
    );
  if (obstacle === 'unconfirmed')
    return conflict('email-unconfirmed', `${who} Confirm the e-mail address here first, then try again.`);
  return conflict(
    stranger.by === 'earlier-link' ? 'unlinked-upstream' : 'email-taken',
    `${who} If it is yours, adopt it, or sign in to the LMS from here once: the LMS ties it by the address. If it is not yours, change the address here.`,
  );
}

/** The LMS did not tie the user whom somebody asked for. */
export function adoptionRefused(username: string): RefusedOutcome {
  return {
    state: 'CONFLICT',
    code: 'adoption-refused',
    message: `The LMS did not tie its user “${username}” to this account: it does so only for one active user with the same e-mail address. Change the address of one of them.`,
    contestedUsername: username,
    detail: { edxUsername: username },
  };
}

/** The LMS refuses the address, and no user of it can be found: a retired user, or a second address of somebody. */
export const emailUnavailable: RefusedOutcome = {
  state: 'CONFLICT',
  code: 'email-unavailable',
  message:
    'The LMS does not accept this e-mail address again: it belonged to a retired user, or is a second address of another one. Change the address, then ask for the edX account again.',
};

/** Two accounts cannot share an LMS user. */
export function lmsUserHeldElsewhere(username: string): RefusedOutcome {
  return {
    state: 'CONFLICT',
    code: 'lms-user-linked-elsewhere',
    message: `The LMS user “${username}” is linked to another account here, although the LMS ties it to this one. Support must find out whose it is, and may take it from the other.`,
    contestedUsername: username,
    detail: { edxUsername: username },
  };
}

/** The LMS has somebody under every name that was proposed. */
export function usernamesExhausted(tried: string[]): RefusedOutcome {
  return {
    state: 'REJECTED',
    code: 'username-unavailable',
    message: `The LMS refused every username that was tried (${tried.join(', ')}). Ask for the edX account again to try others.`,
    detail: { tried },
  };
}

/** The LMS found fault with what the person entered. Only editing it helps. */
export function fieldsRefused(code: string, fields: Record<string, readonly string[]>): RefusedOutcome {
  const reasons = Object.entries(fields).map(([field, messages]) => `${field}: ${messages.join(' ')}`);
  const isAboutEmail = Object.keys(fields).every((field) => field === 'email');
  return {
    state: 'REJECTED',
    code: isAboutEmail && reasons.length > 0 ? 'email-refused' : code,
    message: `The LMS refused the registration. ${reasons.join('; ')}. Correct the profile; the edX account is then asked for again.`,
    detail: { fields },
  };
}

/** The LMS is set up to refuse some registrations, e.g. by e-mail domain. */
export function refusedByPlugin(messages: readonly string[]): RefusedOutcome {
  return {
    state: 'REJECTED',
    code: 'refused-by-plugin',
    message: `The LMS refused the registration: ${messages.join(' ')}`,
    detail: { messages },
  };
}

/** The LMS kept refusing in a way that says nothing about the account. */
export function attemptsExhausted(failure: UpstreamFailure): RefusedOutcome {
  return {
    state: 'REJECTED',
    code: failure.code,
    message: `${failure.message} It was tried several times. Ask for the edX account again once the reason is known.`,
  };
}

/** The failure to store for an outcome that is none of success. */
export function failureOf(outcome: CreationOutcome, at: Date): UpstreamFailure | null {
  if (outcome.state === 'LINKED') return null;
  return {
    upstream: 'lms',
    code: outcome.code,
    message: outcome.message,
    retryable: false,
    at: at.toISOString(),
  };
}
