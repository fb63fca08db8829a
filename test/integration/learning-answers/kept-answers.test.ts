import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AnswerKey, AnswerToKeep } from '../../../src/datasources/answer-store.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { databasePatience } from '../../../src/entities/database-outage.js';
import { type EdxLink, EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { createLogger } from '../../../src/logger.js';
import {
  createDatabaseAnswers,
  type DatabaseAnswers,
} from '../../../src/services/learning-answers/database-answers.js';
import { countStatements, type StatementCount } from '../../support/statement-count.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const asOf = new Date('2026-11-25T10:00:00Z');
const keyOf = (owner: string, kind: string): AnswerKey => ({ name: `${kind} of ${owner}`, owner });
const answerOf = (owner: string, kind: string, value: unknown = kind): AnswerToKeep => ({
  ...keyOf(owner, kind),
  value,
  asOf,
  ttlMs: 60_000,
});

let database: TestDatabase;
let orm: MikroORM;
let statements: StatementCount;
let answers: DatabaseAnswers;
/** Of another process. */
let elsewhere: DatabaseAnswers;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = createOrm({ url: database.url, poolSize: 4, patience: databasePatience });
  statements = countStatements();
});
afterAll(async () => {
  statements[Symbol.dispose]();
  await orm.close();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await orm.em.fork().execute('delete from learning_answer');
  const logger = createLogger('silent');
  [answers, elsewhere] = [0, 1].map(() => createDatabaseAnswers({ em: orm.em, logger })) as [
    DatabaseAnswers,
    DatabaseAnswers,
  ];
});

/** @returns the values by name, and how many statements they took */
async function find(...wanted: AnswerKey[]): Promise<{ values: Record<string, unknown>; took: number }> {
  statements.take();
  const found = await answers.find(wanted);
  const values = Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
  return { values, took: [...statements.take().values()].reduce((sum, count) => sum + count, 0) };
}

async function keep(...kept: AnswerToKeep[]): Promise<void> {
  for (const answer of kept) elsewhere.keep(answer);
  await elsewhere.settled();
}

test('what a page asks for in steps about a learner is read with the first, whether anything is kept or not', async () => {
  await keep(answerOf('ada', 'enrollments'), answerOf('ada', 'grade'), answerOf('bob', 'grade'));
  expect(await find(keyOf('ada', 'enrollments'))).toEqual({
    values: { 'enrollments of ada': 'enrollments' },
    took: 1,
  });
  expect(await find(keyOf('ada', 'grade'), keyOf('ada', 'certificates'))).toEqual({
    values: { 'grade of ada': 'grade' },
    took: 0,
  });
});

test('who asks again hears how it is now', async () => {
  expect(await find(keyOf('ada', 'enrollments'))).toEqual({ values: {}, took: 1 });
  expect(await find(keyOf('ada', 'grade'))).toEqual({ values: {}, took: 0 });
  await keep(answerOf('ada', 'enrollments'), answerOf('ada', 'grade'));
  expect((await find(keyOf('ada', 'enrollments'))).values).toEqual({ 'enrollments of ada': 'enrollments' });
  await keep({ ...answerOf('ada', 'enrollments', 'newer'), asOf: new Date(asOf.getTime() + 1) });
  expect(await find(keyOf('ada', 'enrollments'), keyOf('ada', 'grade'))).toEqual({
    values: { 'enrollments of ada': 'newer', 'grade of ada': 'grade' },
    took: 1,
  });
});

test('what is kept of the LMS user of an account is read before that user is known, once in a while', async () => {
  await keep(answerOf('ada', 'enrollments'), answerOf('ada', 'grade'));
  const em = orm.em.fork();
  const account = em.create(AccountEntity, { username: 'ada', email: 'ada@example.org', name: 'Ada' });
  const other = em.create(AccountEntity, { username: 'bob', email: 'bob@example.org', name: 'Bob' });
  await em.flush();
  em.create(EdxLinkEntity, {
    accountId: account.id,
    state: 'LINKED',
    providerId: 'oa2-ol-oauth2',
    edxUsername: 'Ada',
    remoteId: 'ada',
  });
  await em.flush();

  answers.foresee(account.id);
  answers.foresee(other.id);
  expect(await find(keyOf('ada', 'enrollments'))).toEqual({
    values: { 'enrollments of ada': 'enrollments' },
    took: 1,
  });
  answers.foresee(account.id);
  expect(await find(keyOf('ada', 'grade'), keyOf('ada', 'certificates'))).toEqual({
    values: { 'grade of ada': 'grade' },
    took: 0,
  });
  expect(await find(keyOf('bob', 'grade'))).toEqual({ values: {}, took: 1 });
});

test('of whom nothing is kept, as is known already, nothing is read', async () => {
  const edxLink = { edxUsername: 'Zoe' } as EdxLink;
  answers.foresee(randomUUID(), { edxLink, hasKeptAnswers: false });
  expect(await find(keyOf('zoe', 'enrollments'))).toEqual({ values: {}, took: 0 });
  await keep(answerOf('zoe', 'grade'));
  expect(await find(keyOf('zoe', 'enrollments'))).toEqual({ values: {}, took: 1 });
  expect((await find(keyOf('zoe', 'grade'))).values).toEqual({ 'grade of zoe': 'grade' });
});

test('what this process has outdated or forgotten meanwhile is read anew', async () => {
  await keep(answerOf('ada', 'grade'), answerOf('ada', 'certificates'));
  await find(keyOf('ada', 'enrollments'));
  const later = new Date(asOf.getTime() + 1);
  answers.outdate(keyOf('ada', 'grade'), later);
  answers.forget(keyOf('ada', 'certificates'), later);
  await answers.settled();
  const found = await answers.find([keyOf('ada', 'grade'), keyOf('ada', 'certificates')]);
  expect([...found]).toEqual([['grade of ada', { value: 'grade', asOf, isOutdated: true }]]);
});

test('of a list of learners, and of one with very many answers, only what is wanted is read', async () => {
  const many = Array.from({ length: 30 }, (_, at) => `learner${at}`);
  await keep(...many.flatMap((owner) => [answerOf(owner, 'enrollments'), answerOf(owner, 'grade')]));
  const list = await find(...many.map((owner) => keyOf(owner, 'enrollments')));
  expect([Object.keys(list.values).length, list.took]).toEqual([30, 1]);
  expect((await find(keyOf('learner3', 'grade'))).took).toBe(1);

  await keep(...Array.from({ length: 150 }, (_, at) => answerOf('eve', `grade ${at}`)));
  expect(await find(keyOf('eve', 'grade 140'), keyOf('eve', 'none'))).toEqual({
    values: { 'grade 140 of eve': 'grade 140' },
    took: 2,
  });
  expect((await find(keyOf('eve', 'grade 141'))).values).toEqual({ 'grade 141 of eve': 'grade 141' });
});
