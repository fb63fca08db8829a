import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueue } from '../../jobs/queue.js';

/** Has the job that obtains a learner's API token run at `runAt`, or now. There is one per account. */
export async function enqueueProvision(
  em: EntityManager,
  accountId: string,
  { runAt, waits = 0, isAnew = false }: { runAt?: Date; waits?: number; isAnew?: boolean } = {},
): Promise<void> {
  await enqueue(
    em,
    'obtain-edx-api-token',
    { accountId, ...(isAnew && { isAnew }), ...(waits > 0 && { waits }) },
    // Nobody waits for it as long as accounts do for themselves.
    { key: `edx-api-token:${accountId}`, priority: 5, ...(runAt && { runAt }) },
  );
}
