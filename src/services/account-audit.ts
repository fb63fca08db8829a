import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.js';

/** One security-relevant act on an account. Never holds a password, token, code or e-mail address. */
interface AccountAct {
  action: 'sign-in' | 'account.created' | 'account.changed' | 'account.email-confirmed' | 'account.password-changed';
  /** `success`, or a stable word for the failure. */
  outcome: string;
  actor: Actor;
  /** The account it happened to; the actor when left out, null when nobody has the identifier that was tried. */
  subjectId?: string | null;
  detail?: Record<string, unknown>;
}

/** Where acts on accounts are kept; the audit service is one. */
export interface AccountAudit {
  /** @param tx - the transaction of the act: both are kept or neither is */
  record(act: AccountAct, tx?: EntityManager): Promise<void>;
}
