import type { EntityManager } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';

const batchSize = 500;

/** Accounts of an hour ago whose LMS user never came into being, and whose job is gone. */
export async function addUnlinkedLearners(em: EntityManager, count: number): Promise<void> {
  const createdAt = new Date(Date.now() - 3_600_000);
  for (let start = 0; start < count; start += batchSize)
    await em.fork().transactional(async (tx) => {
      const accounts = Array.from({ length: Math.min(batchSize, count - start) }, (_, index) => {
        const username = `bench-${String(start + index).padStart(6, '0')}`;
        return tx.create(AccountEntity, {
          username,
          email: `${username}@bench.example`,
          name: `Learner ${start + index}`,
          emailVerifiedAt: createdAt,
          createdAt,
        });
      });
      await tx.flush();
      for (const { id: accountId } of accounts)
        tx.create(EdxLinkEntity, { accountId, state: 'PENDING', providerId: 'oa2-ol-oauth2', createdAt });
      await tx.flush();
    });
}
