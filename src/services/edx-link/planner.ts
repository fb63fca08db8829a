import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { type Actor, systemActor } from '../actor.js';
import { deactivateLink, reactivateLink } from './account-status.js';
import { planEdxLink, resumeLink } from './plan.js';
import { lockLink } from './transition.js';

/** What whoever creates or changes an account needs of edX links. */
export interface EdxLinkPlanner {
  /**
   * Gives a new account its link and the job that creates its LMS account; inside the account's transaction, after its insert.
   *
   * @param options.isWanted - false leaves the link alone until somebody asks for it
   */
  plan(em: EntityManager, account: Account, actor?: Actor, options?: { isWanted?: boolean }): Promise<EdxLink>;
  /**
   * Has a link that rests be tried again since the account changed, which may be what stood against it; inside the
   * transaction of the change. Does nothing to a link that is on its way or there.
   */
  reconsider(em: EntityManager, accountId: string, actor: Actor): Promise<void>;
  /** Has the link rest with its account; inside the transaction that switches the account off. May be repeated. */
  deactivate(em: EntityManager, accountId: string, actor: Actor): Promise<void>;
  /** Has the link come back with its account; inside the transaction that switches the account on. May be repeated. */
  reactivate(em: EntityManager, accountId: string, actor: Actor): Promise<void>;
}

export function createEdxLinkPlanner({
  config,
  clock,
}: {
  config: Pick<Config['lms'], 'backend'>;
  clock: Clock;
}): EdxLinkPlanner {
  const providerId = `oa2-${config.backend}`;
  return {
    plan: (em, account, actor = systemActor, options = {}) =>
      planEdxLink(em, account, { providerId, actor, now: clock(), ...options }),
    async reconsider(em, accountId, actor) {
      const link = await lockLink(em, accountId);
      if (link) await resumeLink(em, link, { actor, cause: 'account-changed', now: clock() });
    },
    deactivate: (em, accountId, actor) => deactivateLink(em, accountId, { actor, now: clock() }),
    reactivate: (em, accountId, actor) => reactivateLink(em, accountId, { actor, now: clock() }),
  };
}
