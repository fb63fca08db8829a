import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueue } from '../../jobs/queue.js';

/** What is brought to the LMS, each in the way that the LMS takes it. */
export const pushKinds = ['profile', 'email'] as const;
export type PushKind = (typeof pushKinds)[number];

/** Has a job bring what an account has to the LMS, at `runAt` or now. There is one for each account and kind. */
export async function enqueuePush(
  em: EntityManager,
  accountId: string,
  kind: PushKind,
  { runAt, waits = 0, priority = 0 }: { runAt?: Date; waits?: number; priority?: number } = {},
): Promise<void> {
  const name = `push-${kind}` as const;
  const payload = { accountId, ...(waits > 0 && { waits }) };
  await enqueue(em, name, payload, { key: `${name}:${accountId}`, priority, ...(runAt && { runAt }) });
}
