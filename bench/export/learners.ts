import type { EntityManager } from '@mikro-orm/postgresql';

/** Accounts of the learners whom the sandbox's seed makes, linked to them. */
export async function addLearners(em: EntityManager, count: number): Promise<void> {
  await em.fork().transactional(async (tx) => {
    await tx.execute(
      `insert into account (id, created_at, updated_at, username, email, name)
       select gen_random_uuid(), now(), now(), name, name || '@example.org', 'Learner ' || name
       from (select 'learner' || lpad(number::text, 5, '0') as name from generate_series(1, ?::int) as number) as learner`,
      [count],
    );
    await tx.execute(
      `insert into edx_link (id, created_at, updated_at, account_id, state, state_since, provider_id, edx_username, remote_id, linked_at)
       select gen_random_uuid(), now(), now(), id, 'LINKED', now(), 'oa2-ol-oauth2', username, username, now()
       from account where username like 'learner%'`,
    );
  });
}
