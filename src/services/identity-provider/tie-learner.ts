import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import {
  type IdentityProvider,
  IdentityProviderEntity,
  type LinkedIdentity,
  LinkedIdentityEntity,
} from '../../entities/identity-provider.entity.js';
import { LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import { ConflictError, InvalidInputError, UpstreamRejectedError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import type { AuditService } from '../audit/audit.service.js';
import type { LearnerTies } from '../learner-link/learner-ties.js';
import { isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';

/**
 * Body of the job `tie-learner`: ties the learner whose key a provider said to the account, here and at the LMS. Once for each key
 * and LMS user, so that what a person unties afterwards stays untied. An outage of the LMS is waited for.
 */
export type TieLearner = (identityId: string, run?: { waits?: number }) => Promise<void>;

/** Ends what an identity was tied as, when that was refused: it is not asked for again. */
export const refusedMark = '\nrefused';

/** Has the learner of an identity tied, in the transaction that learns its key. */
export async function enqueueTie(
  em: EntityManager,
  identityId: string,
  { runAt, waits = 0 }: { runAt?: Date; waits?: number } = {},
): Promise<void> {
  const payload = { identityId, ...(waits > 0 && { waits }) };
  await enqueue(em, 'tie-learner', payload, { key: `tie-learner:${identityId}`, ...(runAt && { runAt }) });
}

export function createTieLearner({
  orm,
  learnerTies,
  audit,
  clock,
}: {
  orm: MikroORM;
  learnerTies: Pick<LearnerTies, 'tie'>;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
}): TieLearner {
  const tie = async (identity: LinkedIdentity, externalKey: string, { organizationId, slug }: IdentityProvider) => {
    const { accountId } = identity;
    const em = orm.em.fork();
    const edx = await em.findOne(EdxLinkEntity, { accountId, state: 'LINKED' });
    const tiedAs = tiedAsOf(externalKey, edx?.edxUsername);
    if (identity.tiedAs === tiedAs || identity.tiedAs === tiedAs + refusedMark) return;
    let outcome = '';
    if (identity.tiedAs?.startsWith(tiedAsOf(externalKey, '')) && !(await isTied(em, organizationId, accountId)))
      return;
    try {
      await learnerTies.tie({ organizationId, externalKey, accountId, isRelink: false }, { accountId });
    } catch (error) {
      // Said to the person at sign-in; here it is too late for that.
      const isRefused =
        error instanceof ConflictError || error instanceof InvalidInputError || error instanceof UpstreamRejectedError;
      if (!isRefused) throw error;
      outcome = refusedMark;
      const detail = { provider: slug, reason: error.message };
      const actor = { accountId };
      await audit.record({ action: 'identity.key-refused', outcome: 'refused', actor, subjectId: accountId, detail });
    }
    await orm.em
      .fork()
      .nativeUpdate(LinkedIdentityEntity, { id: identity.id, externalKey }, { tiedAs: tiedAs + outcome });
  };

  return async (identityId, { waits = 0 } = {}) => {
    const em = orm.em.fork();
    const identity = await em.findOne(LinkedIdentityEntity, { id: identityId });
    const provider = identity && (await em.findOne(IdentityProviderEntity, { id: identity.providerId }));
    if (!provider || identity.externalKey == null) return;
    try {
      await tie(identity, identity.externalKey, provider);
    } catch (error) {
      if (!isUpstreamTrouble(error)) throw error;
      const runAt = new Date(clock().getTime() + pauseBeforeRetryMs(error, waits));
      await enqueueTie(orm.em.fork(), identityId, { runAt, waits: waits + 1 });
    }
  };
}

/** A key holds no line break. */
function tiedAsOf(externalKey: string, lmsUsername: string | null | undefined): string {
  return `${externalKey.toLowerCase()}\n${lmsUsername?.toLowerCase() ?? ''}`;
}

async function isTied(em: EntityManager, organizationId: string, accountId: string): Promise<boolean> {
  return (await em.count(LearnerLinkEntity, { organizationId, accountId, state: 'LINKED' })) > 0;
}
