import type { EntityManager } from '@mikro-orm/postgresql';

/** An account with a user in the LMS. */
export interface Learner {
  accountId: string;
  lmsUsername: string;
}

/** A page of the learners that are in the LMS, by account, of some accounts or of all. */
export async function findLearners(
  em: EntityManager,
  { accountIds, after, size }: { accountIds: readonly string[] | undefined; after: string | undefined; size: number },
): Promise<Learner[]> {
  const rows = await em.fork().execute<{ account_id: string; edx_username: string }[]>(
    `select account_id, edx_username from edx_link
     where state = 'LINKED' and edx_username is not null
       and (?::uuid is null or account_id > ?::uuid)
       and (?::text is null or account_id = any(string_to_array(?, ',')::uuid[]))
     order by account_id limit ?`,
    [after ?? null, after ?? null, accountIds?.join(',') ?? null, accountIds?.join(',') ?? null, size],
  );
  return rows.map(toLearner);
}

/** Whose these LMS users are; users who are nobody's here are left out. */
export async function findLearnersByUsername(em: EntityManager, usernames: readonly string[]): Promise<Learner[]> {
  if (usernames.length === 0) return [];
  const rows = await em.fork().execute<{ account_id: string; edx_username: string }[]>(
    `select account_id, edx_username from edx_link
     where state = 'LINKED' and lower(edx_username) in (select lower(name) from jsonb_array_elements_text(?::jsonb) name)`,
    [JSON.stringify(usernames)],
  );
  return rows.map(toLearner);
}

function toLearner(row: { account_id: string; edx_username: string }): Learner {
  return { accountId: row.account_id, lmsUsername: row.edx_username };
}
