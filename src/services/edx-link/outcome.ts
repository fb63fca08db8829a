import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import type { LmsFinding } from './find-in-lms.js';

/** How a try to create an LMS account ended, when it ended. */
export type CreationOutcome =
  | { state: 'LINKED'; cause: string; username: string; userId: number | undefined }
  | { state: 'CONFLICT' | 'REJECTED'; code: string; message: string; detail?: Record<string, unknown> };

/** What a look at the LMS means for an account that wants to exist there; `undefined` when the way is free. */
export function outcomeOfFinding(finding: Exclude<LmsFinding, { kind: 'nobody' }>): CreationOutcome;
export function outcomeOfFinding(finding: LmsFinding): CreationOutcome | undefined;
export function outcomeOfFinding(finding: LmsFinding): CreationOutcome | undefined {
  if (finding.kind === 'ours') return { state: 'LINKED', cause: 'found-in-lms', ...pickUser(finding) };
  if (finding.kind === 'nobody') return undefined;
  const detail = { edxUsername: finding.username };
  if (finding.linkedTo !== undefined)
    return {
      state: 'CONFLICT',
      code: 'email-linked-elsewhere',
      message: `The LMS user “${finding.username}” has this e-mail address and belongs to another account here, “${finding.linkedTo}”. Change the address of one of them, then ask for the edX account again.`,
      detail: { ...detail, remoteId: finding.linkedTo },
    };
  return {
    state: 'CONFLICT',
    code: 'email-taken',
    message: `The LMS user “${finding.username}” has this e-mail address and is not tied to this account. If it is yours, sign in to the LMS from here once: the LMS ties it by the address, and this link follows within half an hour, or at once when you ask for the edX account again. If it is not yours, change the address here.`,
    detail,
  };
}

/** The LMS refuses the address, and no user of it can be found: a retired user, or a second address of somebody. */
export const emailUnavailable: CreationOutcome = {
  state: 'CONFLICT',
  code: 'email-unavailable',
  message:
    'The LMS does not accept this e-mail address again: it belonged to a retired user, or is a second address of another one. Change the address, then ask for the edX account again.',
};

/** Two accounts cannot share an LMS user. */
export function lmsUserHeldElsewhere(username: string): CreationOutcome {
  return {
    state: 'CONFLICT',
    code: 'lms-user-linked-elsewhere',
    message: `The LMS user “${username}” is linked to another account here. Support must find out whose it is.`,
    detail: { edxUsername: username },
  };
}

/** The LMS has somebody under every name that was proposed. */
export function usernamesExhausted(tried: string[]): CreationOutcome {
  return {
    state: 'REJECTED',
    code: 'username-unavailable',
    message: `The LMS refused every username that was tried (${tried.join(', ')}). Ask for the edX account again to try others.`,
    detail: { tried },
  };
}

/** The LMS found fault with what the person entered. Only editing it helps. */
export function fieldsRefused(code: string, fields: Record<string, readonly string[]>): CreationOutcome {
  const reasons = Object.entries(fields).map(([field, messages]) => `${field}: ${messages.join(' ')}`);
  return {
    state: 'REJECTED',
    code,
    message: `The LMS refused the registration. ${reasons.join('; ')}. Correct the profile; the edX account is then asked for again.`,
    detail: { fields },
  };
}

/** The LMS is set up to refuse some registrations, e.g. by e-mail domain. */
export function refusedByPlugin(messages: readonly string[]): CreationOutcome {
  return {
    state: 'REJECTED',
    code: 'refused-by-plugin',
    message: `The LMS refused the registration: ${messages.join(' ')}`,
    detail: { messages },
  };
}

/** The LMS kept refusing in a way that says nothing about the account. */
export function attemptsExhausted(failure: UpstreamFailure): CreationOutcome {
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

function pickUser({ username, userId }: { username: string; userId: number | undefined }) {
  return { username, userId };
}
