import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.js';

/** One security-relevant act on an account. Never holds a password, token, code or e-mail address. */
export interface AccountAct {
  action: string;
  /** `success`, or a stable word for the failure. */
  outcome: string;
  actor: Actor;
  /** The account it happened to; null when nobody has the identifier that was tried. */
  subjectId: string | null;
  detail?: Record<string, unknown>;
}

/** Where acts are kept: in the transaction of `em`, so that no act is without its event and none is recorded that was undone. */
export interface AccountAudit {
  record(em: EntityManager, act: AccountAct): Promise<void>;
}
