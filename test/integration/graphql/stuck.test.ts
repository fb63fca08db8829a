import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EdxLink, EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from '../../../src/entities/enrollment.entity.js';
import { type Operation, OperationEntity } from '../../../src/entities/operation.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { whereLinks } from '../../../src/services/edx-link/filter.js';
import { whereEnrollments } from '../../../src/services/enrollment/filter.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

const hourMs = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hourMs);
const failure = (code: string) => ({
  upstream: 'lms',
  code,
  message: code,
  retryable: false,
  at: ago(1).toISOString(),
});

let site: GraphSite;
let sam: GraphCaller;
beforeAll(async () => {
  site = await startGraphSite();
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await aLink('taken', { state: 'CONFLICT', stateSince: ago(50), lastError: failure('email-taken') });
  await aLink('refused', { state: 'REJECTED', stateSince: ago(2), lastError: failure('bad-name'), attempts: 5 });
  await aLink('gone', { state: 'MISSING_UPSTREAM', stateSince: ago(2) });
  await aLink('slow', { state: 'PENDING', stateSince: ago(3), lastError: failure('unreachable') });
  await aLink('fresh', { state: 'PENDING', stateSince: ago(0.5), lastError: failure('unreachable') });
  await aLink('unheard', { state: 'LINKED', edxUsername: 'unheard', lastError: failure('profile-refused') });
  await aLink('unheard-yet', {
    state: 'LINKED',
    edxUsername: 'unheard-yet',
    lastError: { ...failure('profile-waits'), retryable: true },
  });
  await aLink('well', { state: 'LINKED', stateSince: ago(100), edxUsername: 'well' });
});
afterAll(() => site[Symbol.asyncDispose]());

async function aLink(username: string, values: Partial<EdxLink>): Promise<void> {
  const { id } = await site.aPerson({ username, isLinked: false });
  await site.gateway.context.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: id }, values);
}

const linksWith = async (filter: string, args = ''): Promise<string[]> => {
  const { edxLinks } = await dataOf(
    askGraph<{ edxLinks: { nodes: { account: { username: string } }[] } }>(
      sam,
      `{ edxLinks(filter: {${filter}} ${args}) { nodes { account { username } } } }`,
    ),
  );
  return edxLinks.nodes.map(({ account }) => account.username);
};

test('links that are stuck are found, with why and since when', async () => {
  expect(await linksWith('stuck: true')).toEqual(['taken', 'refused', 'gone', 'slow', 'unheard']);
  expect(await linksWith('stuck: false')).toEqual(['sam', 'fresh', 'unheard-yet', 'well']);
  expect(await linksWith('reasons: ["email-taken", "bad-name"]')).toEqual(['taken', 'refused']);
  expect(await linksWith('reasons: ["unreachable"], stuck: true')).toEqual(['slow']);
  expect(await linksWith(`unchangedSince: "${ago(24).toISOString()}", stuck: true`)).toEqual(['taken']);
  expect(await linksWith('minAttempts: 5')).toEqual(['refused']);
  const first = await dataOf(
    askGraph<{ edxLinks: { totalCount: number; pageInfo: { endCursor: string } } }>(
      sam,
      '{ edxLinks(filter: { stuck: true }, first: 3) { totalCount pageInfo { endCursor } } }',
    ),
  );
  expect(first.edxLinks.totalCount).toBe(5);
  expect(await linksWith('stuck: true', `, after: "${first.edxLinks.pageInfo.endCursor}"`)).toEqual([
    'slow',
    'unheard',
  ]);
});

test('enrollments that are stuck are found among all, and among those of one account', async () => {
  const { id: accountId } = await site.aPerson({ username: 'pia', isLinked: false });
  const em = site.gateway.context.orm.em.fork();
  const anEnrollment = async (run: string, { intentSince, ...values }: Partial<Enrollment>) => {
    const row = em.create(EnrollmentEntity, {
      accountId,
      courseKey: `course-v1:DemoU+${run}+2026`,
      lmsUsername: 'pia',
      state: 'ACTIVE',
      ...values,
    });
    await em.flush();
    if (intentSince) await em.nativeUpdate(EnrollmentEntity, { id: row.id }, { intentSince });
  };
  await anEnrollment('CLOSED', {
    state: 'REJECTED',
    failedIntent: 'ENROLL',
    lastError: failure('enrollment-closed'),
    attempts: 1,
  });
  await anEnrollment('SLOW', { state: 'PENDING', intent: 'ENROLL', intentSince: ago(2) });
  await anEnrollment('LEAVING', { state: 'ACTIVE', intent: 'UNENROLL', intentSince: ago(30), stateSince: ago(99) });
  await anEnrollment('FRESH', { state: 'PENDING', intent: 'ENROLL', intentSince: ago(0.1) });
  await anEnrollment('NO-MAILS', { receivesEmails: false, emailsError: failure('refused-404') });
  await anEnrollment('STAYED', { failedMoveId: randomUUID() });
  await anEnrollment('WELL', { state: 'ACTIVE' });

  const shape = 'nodes { courseRun { courseKey } }';
  const runsOf = async (filter: string) => {
    const { enrollments, account } = await dataOf(
      askGraph<Record<string, { nodes: { courseRun: { courseKey: string } }[] }>>(
        sam,
        `{ enrollments(filter: {${filter}}) { ${shape} } account(by: { username: "pia" }) { enrollments(filter: {${filter}}) { ${shape} } } }`,
      ),
    );
    const names = (list?: { nodes: { courseRun: { courseKey: string } }[] }) =>
      (list?.nodes ?? []).map(({ courseRun }) => courseRun.courseKey.split('+')[1]).sort();
    const ofAccount = account as unknown as { enrollments: NonNullable<typeof enrollments> };
    expect(names(ofAccount.enrollments)).toEqual(names(enrollments));
    return names(enrollments);
  };
  expect(await runsOf('stuck: true')).toEqual(['CLOSED', 'LEAVING', 'NO-MAILS', 'SLOW', 'STAYED']);
  expect(await runsOf('stuck: false')).toEqual(['FRESH', 'WELL']);
  expect(await runsOf('reasons: ["enrollment-closed"]')).toEqual(['CLOSED']);
  expect(await runsOf('minAttempts: 1')).toEqual(['CLOSED']);
  expect(await runsOf(`unchangedSince: "${ago(24).toISOString()}"`)).toEqual(['LEAVING']);
});

test('since when is kept by the database, whatever changes a state', async () => {
  const { id: accountId } = await site.aPerson({ username: 'per', isLinked: false });
  const em = site.gateway.context.orm.em.fork();
  const old = ago(10);
  await em.nativeUpdate(EdxLinkEntity, { accountId }, { stateSince: old });
  await em.execute('update edx_link set attempts = 3 where account_id = ?', [accountId]);
  expect((await em.findOneOrFail(EdxLinkEntity, { accountId })).stateSince).toEqual(old);
  await em.execute(`update edx_link set state = 'CREATING' where account_id = ?`, [accountId]);
  em.clear();
  expect((await em.findOneOrFail(EdxLinkEntity, { accountId })).stateSince.getTime()).toBeGreaterThan(ago(1).getTime());
});

test('each of these lists has an index to walk along', async () => {
  const { em } = site.gateway.context.orm;
  const indexOf = (query: { getQuery(): string; getParams(): readonly unknown[] }) =>
    em.fork().transactional(async (tx) => {
      for (const other of ['seqscan', 'sort', 'bitmapscan']) await tx.execute(`set local enable_${other} = off`);
      const plan = await tx.execute<Record<string, string>[]>(`explain ${query.getQuery()}`, [...query.getParams()]);
      return /using (\w+)/.exec(plan.map((row) => row['QUERY PLAN']).join('\n'))?.[1];
    });
  /** The query builder knows conditions by a type of its own. */
  const plain = (where: unknown): Record<string, unknown> => Object.fromEntries(Object.entries(Object(where)));
  const now = new Date();
  const ofLinks = (filter: Parameters<typeof whereLinks>[0]) =>
    indexOf(
      em
        .fork()
        .qb(EdxLinkEntity)
        .where(plain(whereLinks(filter, now)))
        .orderBy({ id: 'asc' })
        .limit(21),
    );
  const ofEnrollments = (filter: Parameters<typeof whereEnrollments>[0]) =>
    indexOf(
      em
        .fork()
        .qb(EnrollmentEntity)
        .where(plain(whereEnrollments(filter, now)))
        .orderBy({ id: 'asc' })
        .limit(21),
    );
  expect(await ofLinks({ isStuck: true })).toBe('edx_link_unsettled');
  expect(await ofLinks({ states: ['CONFLICT'] })).toBe('edx_link_state');
  expect(await ofLinks({ reasons: ['email-taken'] })).toBe('edx_link_reason');
  expect(await ofEnrollments({ isStuck: true })).toBe('enrollment_unsettled');
  expect(await ofEnrollments({ states: ['PENDING'] })).toBe('enrollment_state');
  expect(await ofEnrollments({ reasons: ['enrollment-closed'] })).toBe('enrollment_reason');
});

test('operations that wait for an upstream, or do not come on, are found', async () => {
  const em = site.gateway.context.orm.em.fork();
  const anOperation = async (values: Partial<Operation>) => {
    const { updatedAt, ...others } = values;
    const row = em.create(OperationEntity, { kind: 'REPAIR_EDX_LINKS', input: {}, state: 'RUNNING', ...others });
    await em.flush();
    if (updatedAt) await em.nativeUpdate(OperationEntity, { id: row.id }, { updatedAt });
    return toGlobalId('Operation', row.id);
  };
  const waiting = await anOperation({ waits: 3, failure: failure('unreachable') });
  const slow = await anOperation({ updatedAt: ago(2) });
  const fresh = await anOperation({});
  const over = await anOperation({
    state: 'FAILED',
    finishedAt: ago(9),
    updatedAt: ago(9),
    failure: failure('credentials'),
  });
  const operationsWith = async (filter: string) => {
    const answer = askGraph<{ operations: { nodes: { id: string }[] } }>(
      sam,
      `{ operations(filter: {${filter}}) { nodes { id } } }`,
    );
    return (await dataOf(answer)).operations.nodes.map(({ id }) => id);
  };
  expect(await operationsWith('stuck: true')).toEqual([slow, waiting]);
  expect(await operationsWith('stuck: false')).toEqual([over, fresh]);
  expect(await operationsWith('reasons: ["credentials"]')).toEqual([over]);
  expect(await operationsWith(`unchangedSince: "${ago(1).toISOString()}", states: [RUNNING]`)).toEqual([slow]);
});
