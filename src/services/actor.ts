/** Who stands behind an act, as history and audit keep it. Nobody set at all means the system itself. */
export interface Actor {
  accountId: string | null;
  /** The OAuth client in use, when the act came with a token. */
  clientId?: string | null;
  /** Network address of the caller. */
  address?: string | null;
}

/** Schedules, jobs and repairs act in nobody's name. */
export const systemActor: Actor = { accountId: null };
