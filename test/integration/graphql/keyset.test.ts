import { expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { findPage } from '../../../src/services/keyset.js';
import { createTestDatabase } from '../../support/test-database.js';

test('pages of a stored list follow each other forwards and backwards without gap or repeat', async () => {
  await using database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    const em = orm.em.fork();
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await em.persist(em.create(AccountEntity, { username: name, email: `${name}@example.org`, name })).flush();

    const first = await findPage(em, AccountEntity, {}, { size: 2 });
    const next = await findPage(em, AccountEntity, {}, { size: 3, after: String(first.rows[1]?.id) });
    expect(first.rows.map((row) => row.username)).toEqual(['a', 'b']);
    expect(first).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
    expect(next.rows.map((row) => row.username)).toEqual(['c', 'd', 'e']);
    expect(next).toMatchObject({ hasPreviousPage: true, hasNextPage: false });

    const last = await findPage(em, AccountEntity, {}, { size: 2, fromEnd: true });
    const before = await findPage(em, AccountEntity, {}, { size: 2, fromEnd: true, before: String(last.rows[0]?.id) });
    expect(last.rows.map((row) => row.username)).toEqual(['d', 'e']);
    expect(last).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    expect(before.rows.map((row) => row.username)).toEqual(['b', 'c']);
    expect(before).toMatchObject({ hasPreviousPage: true, hasNextPage: true });

    const filtered = await findPage(em, AccountEntity, { username: { $in: ['b', 'd'] } }, { size: 1 });
    expect(filtered.rows.map((row) => row.username)).toEqual(['b']);
    expect(await filtered.count()).toBe(2);
  } finally {
    await orm.close();
  }
});
