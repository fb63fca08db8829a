import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { CourseRunEntity } from '../../src/entities/course-run.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { EnrollmentEntity } from '../../src/entities/enrollment.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { prepareRead, prepareReadByKeys } from '../../src/entities/prepared-rows.js';
import { runPrepared } from '../../src/entities/prepared-statement.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const failure = { upstream: 'LMS', code: 'unreachable', message: 'away', retryable: true, at: '2026-01-02T03:04:05Z' };
const at = new Date('2026-01-02T03:04:05.678Z');

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = createOrm({ url: database.url, poolSize: 2 });
  const em = orm.em.fork();
  const account = em.create(AccountEntity, { username: 'alice', email: 'alice@example.org', name: 'Alice' });
  await em.persist(account).flush();
  const [accountId, courseKey] = [account.id, 'course-v1:A+B+C'];
  em.create(EdxLinkEntity, {
    accountId,
    state: 'LINKED',
    edxUsername: 'Alice',
    edxUserId: 7,
    providerId: 'oa2-ol-oauth2',
    lastError: failure,
    linkedAt: at,
    apiAccessToken: 'sealed',
  });
  em.create(EnrollmentEntity, {
    accountId,
    courseKey,
    lmsUsername: 'Alice',
    mode: 'audit',
    state: 'ACTIVE',
    confirmedAt: at,
    lastError: failure,
    receivesEmails: false,
  });
  em.create(CourseRunEntity, {
    courseKey,
    title: 'A course',
    org: 'A',
    number: 'B',
    start: at,
    asOf: at,
    modes: [{ slug: 'audit', name: 'Audit', minPrice: 0, currency: 'usd', expiresAt: null }],
  });
  await em.flush();
});
afterAll(async () => {
  await orm.close();
  await database[Symbol.asyncDispose]();
});

test('a row is the same, read by a prepared statement or by the mapper: edX links, enrollments, course runs', async () => {
  const links = prepareRead(EdxLinkEntity, { name: 'link_rows', rest: 'order by id' });
  const enrollments = prepareRead(EnrollmentEntity, { name: 'enrollment_rows', rest: 'order by id' });
  const runs = prepareRead(CourseRunEntity, { name: 'run_rows', rest: 'order by id' });
  const em = orm.em.fork();
  const mapped = [
    ...(await em.find(EdxLinkEntity, {})),
    ...(await em.find(EnrollmentEntity, {})),
    ...(await em.find(CourseRunEntity, {})),
  ];
  const read = [...(await links(orm.em)), ...(await enrollments(orm.em)), ...(await runs(orm.em))];
  expect(mapped).toHaveLength(3);
  expect(read).toEqual(mapped.map((row) => ({ ...row })));
});

test('what is lazy stays in the database', async () => {
  const read = prepareRead(EdxLinkEntity, { name: 'lazy_rows', rest: 'where account_id = any($1::uuid[])' });
  const { accountId } = await orm.em.fork().findOneOrFail(EdxLinkEntity, { edxUsername: 'Alice' });
  const [row] = await read(orm.em, [accountId]);
  expect(row).toMatchObject({ accountId, edxUsername: 'Alice', linkedAt: at });
  expect(row).not.toHaveProperty('apiAccessToken');
  expect(await read(orm.em, [])).toEqual([]);
});

test('rows are looked up by their keys, each once, by a plan that is made once for each connection', async () => {
  const one = createOrm({ url: database.url, poolSize: 1 });
  try {
    const em = one.em.fork();
    const name = 'links_of_accounts';
    const read = prepareReadByKeys(EdxLinkEntity, { name, column: 'account_id', type: 'uuid', order: 'order by id' });
    const { accountId } = await em.findOneOrFail(EdxLinkEntity, { edxUsername: 'Alice' });
    const nobody = '00000000-0000-7000-8000-000000000000';
    expect(await read(em, [])).toEqual([]);
    for (let i = 0; i < 10; i++) {
      const rows = await read(em, [accountId, nobody, accountId]);
      expect(rows.map((row) => row.edxUsername)).toEqual(['Alice']);
    }
    const text = `select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements
      where name = '${name}'`;
    // PostgreSQL makes five with the values in view before it compares.
    expect(await runPrepared(em, { name: 'plans', text }, [])).toEqual([{ custom: 5, generic: 5 }]);
  } finally {
    await one.close();
  }
});
