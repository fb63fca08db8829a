import type { Role } from '../access/viewer.js';

/** Who stands behind an act, as history and audit keep it. Nobody set at all means the system itself. */
export interface Actor {
  accountId: string | null;
  /** The OAuth client in use, when the act came with a token. */
  clientId?: string | null;
  /** Network address of the caller. */
  address?: string | null;
  /** What the actor may beyond their own affairs, for rules that a service decides. */
  roles?: ReadonlySet<Role>;
}

/** Schedules, jobs and repairs act in nobody's name. */
export const systemActor: Actor = { accountId: null };

/** Whose idempotency keys these are: one person through one client. */
export function callerOf(actor: Actor): string {
  return [actor.accountId, actor.clientId].filter(Boolean).join('@') || 'system';
}
