import type { EntityManager } from '@mikro-orm/postgresql';

/** An account that lacks its LMS user, or its API token there. */
export interface FaultyAccount {
  linkId: string;
  accountId: string;
  username: string;
}

/** Who counts as faulty: active, old enough that the ordinary jobs had their turn, and not waiting for somebody to act. */
const faulty = `account.status = 'ACTIVE' and account.created_at < ?
  and (link.state in ('PENDING', 'CREATING', 'MISSING_UPSTREAM')
    or link.state = 'LINKED' and link.api_refresh_token is null)`;

/** One page of the faulty accounts, in the order of their links. */
export function findFaulty(
  em: EntityManager,
  { before, after, size }: { before: Date; after: string | undefined; size: number },
): Promise<FaultyAccount[]> {
  return em.execute<FaultyAccount[]>(
    `select link.id as "linkId", account.id as "accountId", account.username
     from edx_link link join account on account.id = link.account_id
     where ${faulty} and link.id > ?::uuid order by link.id limit ?`,
    [before, after ?? '00000000-0000-0000-0000-000000000000', size],
  );
}

export async function countFaulty(em: EntityManager, before: Date): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from edx_link link join account on account.id = link.account_id where ${faulty}`,
    [before],
  );
  return row?.count ?? 0;
}
