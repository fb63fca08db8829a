import type { Config } from '../../config/config.js';
import { ForbiddenError } from '../../errors.js';
import type { Actor } from '../actor.js';

export type EnrollmentPolicy = Config['enrollment'];

/**
 * Decides what an actor may ask for. The one place for it: mutations, commands, jobs and webhooks all come through here, by the
 * enrollment service.
 *
 * @returns whether the LMS is told to enroll in spite of a closed window
 * @throws {@link ForbiddenError} for a mode that learners may not choose, and for force that the policy does not allow
 */
export function decideForce(
  policy: EnrollmentPolicy,
  actor: Actor,
  { mode, force }: { mode?: string | undefined; force?: boolean | undefined },
): boolean {
  requireMode(policy, actor, mode);
  if (policy.force === 'always') return true;
  if (!force) return false;
  if (policy.force === 'never') throw new ForbiddenError('Enrolling where enrolling is closed is switched off here.');
  requireAuthority(actor, 'Only STAFF may enroll where enrolling is closed.');
  return true;
}

/** @throws {@link ForbiddenError} */
export function requireMode(policy: EnrollmentPolicy, actor: Actor, mode: string | undefined): void {
  if (mode !== undefined && !policy.freeModes.includes(mode))
    requireAuthority(actor, `The mode ${mode} is given by STAFF only.`);
}

/** Passes STAFF, and Portico's own commands and jobs. @throws {@link ForbiddenError} */
export function requireAuthority(actor: Actor, message: string): void {
  const isSystem = actor.accountId === null && !actor.clientId;
  if (!isSystem && !actor.roles?.has('STAFF')) throw new ForbiddenError(message);
}

/** Modes to try one after the other, where one is not offered: what is wanted first. */
export function modesToTry(policy: EnrollmentPolicy, mode: string | undefined): readonly (string | undefined)[] {
  return mode === undefined ? [undefined] : [mode, ...(policy.modeFallbacks.get(mode) ?? [])];
}
