import type { EntityManager } from '@mikro-orm/postgresql';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { systemActor } from '../actor.js';
import { lockLink, recordStep } from '../edx-link/transition.js';
import type { PushKind } from './plan.js';

/**
 * Stores at the edX link what became of bringing a change to the LMS. A failure of another kind is left alone.
 *
 * @param kind - what was brought; its failures have codes that begin with it, e.g. `profile-refused`
 * @param follow - what else belongs to the transaction
 */
export async function recordPush(
  em: EntityManager,
  accountId: string,
  { kind, failure, now }: { kind: PushKind; failure: UpstreamFailure | null; now: Date },
  follow?: (tx: EntityManager) => Promise<void>,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const link = await lockLink(tx, accountId);
    if (!link) return;
    const isNews = link.lastError?.code !== failure?.code;
    if (failure || link.lastError?.code.startsWith(`${kind}-`)) link.lastError = failure;
    await tx.flush();
    const cause = failure?.code ?? `${kind}-pushed`;
    if (isNews || !failure) await recordStep(tx, link, link.state, { actor: systemActor, cause }, now);
    await follow?.(tx);
  });
}
