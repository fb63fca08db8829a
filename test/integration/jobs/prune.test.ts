import { expect, test } from 'vitest';
import { createOrm } from '../../../src/entities/orm.js';
import { createPruneService } from '../../../src/services/prune.service.js';
import { createTestDatabase } from '../../support/test-database.js';

test('what has expired is deleted, what is still of use stays', async () => {
  await using database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    const em = orm.em.fork();
    const registration = (name: string, expires: string) =>
      em.execute(
        `insert into registration (id, created_at, updated_at, email, token_hash, link_hash, code_hash, expires_at)
         values (gen_random_uuid(), now(), now(), ?, ?, ?, 'c', now() + ?::interval)`,
        [`${name}@example.org`, `t-${name}`, `l-${name}`, expires],
      );
    const key = (name: string, age: string) =>
      em.execute(
        `insert into idempotency_key (caller_id, operation, key, input_hash, result_id, created_at)
         values ('a', 'enrollInCourse', ?, 'h', gen_random_uuid(), now() - ?::interval)`,
        [name, age],
      );
    await registration('old', '-2 days');
    await registration('late', '-1 hour');
    await registration('new', '1 hour');
    for (const [name, expires] of [
      ['old', '-1 second'],
      ['new', '1 minute'],
    ])
      await em.execute(
        `insert into passkey_challenge (id, created_at, updated_at, challenge, purpose, browser_hash, expires_at)
         values (gen_random_uuid(), now(), now(), ?, 'sign-in', 'b', now() + ?::interval)`,
        [name, expires],
      );
    await key('old', '8 days');
    await key('new', '6 days');
    // A job that planned itself again while it ran, a job that failed for good, and one that waits.
    for (const name of ['superseded', 'failed', 'waiting'])
      await em.execute('select graphile_worker.add_job(?, max_attempts => 3)', [name]);
    await em.execute(`alter table graphile_worker._private_jobs disable trigger user`);
    await em.execute(
      `update graphile_worker._private_jobs job set attempts = 3, updated_at = now() - interval '2 hours',
         last_error = case when task.identifier = 'failed' then 'why' end
       from graphile_worker._private_tasks task where task.id = job.task_id and task.identifier <> 'waiting'`,
    );
    const prune = createPruneService({
      operationsKeptDays: 90,
      em: orm.em,
      clock: () => new Date(),
      pruneOAuth: async () => 7,
    });
    expect(await prune.run()).toMatchObject({
      oauth: 7,
      registration: 1,
      passkey_challenge: 1,
      idempotency_key: 1,
      'graphile_worker._private_jobs': 1,
    });
    const names = async (sql: string) => (await em.execute<{ name: string }[]>(sql)).map(({ name }) => name);
    expect(await names('select email as name from registration order by 1')).toEqual([
      'late@example.org',
      'new@example.org',
    ]);
    expect(await names('select key as name from idempotency_key')).toEqual(['new']);
    expect(await names('select task_identifier as name from graphile_worker.jobs order by 1')).toEqual([
      'failed',
      'waiting',
    ]);
  } finally {
    await orm.close();
  }
});
