import type { EdxLink } from '../../entities/edx-link.entity.js';

export const linkRemedies = [
  'ADOPT',
  'RELEASE_OTHER',
  'START_ANEW',
  'CHANGE_EMAIL',
  'CORRECT_PROFILE',
  'TRY_AGAIN',
] as const;
export type LinkRemedy = (typeof linkRemedies)[number];

/** Reasons against which something else helps than asking once more. */
const byCode = new Map<string, LinkRemedy>([
  ['email-taken', 'ADOPT'],
  ['unlinked-upstream', 'ADOPT'],
  ['email-taken-no-adoption', 'CHANGE_EMAIL'],
  ['email-linked-elsewhere', 'CHANGE_EMAIL'],
  ['email-unavailable', 'CHANGE_EMAIL'],
  ['adoption-refused', 'CHANGE_EMAIL'],
  ['email-refused', 'CHANGE_EMAIL'],
  ['lms-user-linked-elsewhere', 'RELEASE_OTHER'],
  ['lms-user-taken-over', 'START_ANEW'],
  ['validation-error', 'CORRECT_PROFILE'],
  ['invalid-country', 'CORRECT_PROFILE'],
]);

/** @returns the one thing that a person can do about a link in CONFLICT or REJECTED; `undefined` for any other */
export function remedyOf({ state, lastError }: Pick<EdxLink, 'state' | 'lastError'>): LinkRemedy | undefined {
  if (state !== 'CONFLICT' && state !== 'REJECTED') return undefined;
  return byCode.get(lastError?.code ?? '') ?? 'TRY_AGAIN';
}
