import { expect, test } from 'vitest';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { enqueue } from '../../src/jobs/queue.js';
import { createTestDatabase } from '../support/test-database.js';

test('a row and its job are committed together or not at all', async () => {
  await using database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    const em = orm.em.fork();
    const account = em.create(AccountEntity, { username: 'alice', email: 'alice@example.org', name: 'Alice' });
    const attempt = em.transactional(async (tx) => {
      await tx.persist(account).flush();
      await enqueue(tx, 'create-edx-account', { accountId: account.id });
      throw new Error('changed my mind');
    });
    await expect(attempt).rejects.toThrow('changed my mind');
    const count = async () => (await orm.em.fork().execute('select 1 from graphile_worker.jobs')).length;
    expect(await count()).toBe(0);
    expect(await orm.em.fork().count(AccountEntity)).toBe(0);

    await orm.em.fork().transactional(async (tx) => {
      const again = tx.create(AccountEntity, { username: 'alice', email: 'alice@example.org', name: 'Alice' });
      await tx.persist(again).flush();
      await enqueue(tx, 'create-edx-account', { accountId: again.id }, { key: 'k' });
    });
    expect(await count()).toBe(1);
    const stored = await orm.em.fork().findOneOrFail(AccountEntity, { username: 'alice' });
    expect(stored.status).toBe('ACTIVE');
    expect(stored.roles).toEqual([]);
    expect(stored.profile).toEqual({});
    expect(stored.createdAt).toBeInstanceOf(Date);
  } finally {
    await orm.close();
  }
});
