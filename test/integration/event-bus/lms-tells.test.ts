import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { setScoresByHand } from '../../support/gradebook.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';
import { connect } from '../../support/graph-socket.js';
import { runCommand } from '../../support/run-command.js';
import { pullLever } from '../../support/sandbox-levers.js';

const demoRun = 'course-v1:edX+DemoX+Demo_Course';
const openRun = 'course-v1:DemoU+PHYS101+2026_T1';
const changed = `subscription { enrollmentChanged { enrollment { state mode courseRun { courseKey } } event { cause } } }`;
const dashboard = `{ viewer { enrollments(first: 50) { nodes {
  state mode courseRun { courseKey title } grade { percent } certificate { status } } } } }`;

interface Changed {
  enrollmentChanged: {
    enrollment: { state: string; mode: string | null; courseRun: { courseKey: string } };
    event: { cause: string } | null;
  };
}
interface Row {
  state: string;
  mode: string | null;
  courseRun: { courseKey: string; title: string };
  grade: { percent: number } | null;
  certificate: { status: string } | null;
}

let site: GraphSite;
let account: Account;
let ada: GraphCaller & { token: string };
beforeAll(async () => {
  site = await startGraphSite({ worker: true, eventBus: 'loopback' });
  account = await site.aPerson({ username: 'ada' });
  ada = await site.caller(account, 'learning:read learning:write');
});
afterAll(() => site[Symbol.asyncDispose]());

const lever = (path: string, body: unknown) =>
  pullLever(site.gateway.sandbox.lmsUrl, 'POST', path, body) as Promise<{ delivered: boolean }>;
const publish = (type: string, payload: unknown, delivery?: string) =>
  lever('events', { type: `org.openedx.learning.${type}`, payload, ...(delivery && { delivery }) });
const user = { pii: { username: 'ada' } };
const rowOf = async (courseKey: string) => {
  const { viewer } = await dataOf(askGraph<{ viewer: { enrollments: { nodes: Row[] } } }>(ada, dashboard));
  return viewer.enrollments.nodes.find((row) => row.courseRun.courseKey === courseKey);
};
/** Nothing is waited for but the event: what is cached would be good for much longer. */
const soon = { deadlineMs: 10_000 };
const follow = async <Result = Changed>(subscription = changed) => {
  const connection = connect({ url: site.url, connectionParams: { Authorization: `Bearer ${ada.token}` } });
  const subscribed = connection.subscribe<Result>(subscription);
  const next = subscribed.next();
  await eventually('the subscription is there', async () => {
    const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === 1;
  });
  return {
    next,
    async [Symbol.asyncDispose]() {
      await subscribed[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
};

test('a mode that is changed in the LMS reaches a subscriber and the next query', async () => {
  expect(await rowOf(demoRun)).toMatchObject({ state: 'ACTIVE' });
  await using followed = await follow();
  const told = await publish('course.enrollment.changed.v1', {
    enrollment: { user, course: { course_key: demoRun }, mode: 'honor' },
  });
  expect(told).toMatchObject({ delivered: true });
  expect((await followed.next).data?.enrollmentChanged).toEqual({
    enrollment: { state: 'ACTIVE', mode: 'honor', courseRun: { courseKey: demoRun } },
    event: { cause: 'announced-by-lms' },
  });
  expect(await rowOf(demoRun)).toMatchObject({ state: 'ACTIVE', mode: 'honor' });
});

test('an enrollment that the LMS made reaches a subscriber who knew nothing of it', async () => {
  await rowOf(openRun);
  await using followed = await follow();
  await publish('course.enrollment.created.v1', {
    enrollment: { user, course: { course_key: openRun }, mode: 'audit' },
  });
  expect((await followed.next).data?.enrollmentChanged.enrollment).toMatchObject({
    state: 'ACTIVE',
    courseRun: { courseKey: openRun },
  });
  expect(await rowOf(openRun)).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
});

test('what ends, is graded, withdrawn or renamed in the LMS is so in the next query', async () => {
  const id = site.gateway.sandbox.state.user('ada')?.id;
  expect((await rowOf(demoRun))?.courseRun.title).not.toBe('Renamed');
  await publish('course.unenrollment.completed.v1', { enrollment: { user, course: { course_key: openRun } } });
  await publish('course.persistent_grade_summary.changed.v1', {
    grade: { user_id: id, course: { course_key: demoRun }, percent_grade: 0.93, letter_grade: 'A' },
  });
  await publish('certificate.revoked.v1', {
    certificate: { user, course: { course_key: demoRun }, current_status: 'unavailable' },
  });
  await lever('events', {
    type: 'org.openedx.content_authoring.course.catalog_info.changed.v1',
    payload: { catalog_info: { course_key: demoRun, name: 'Renamed' } },
  });
  await eventually('the enrollment has ended', async () => (await rowOf(openRun))?.state === 'INACTIVE', soon);
  await eventually('the grade is there', async () => (await rowOf(demoRun))?.grade?.percent === 0.93, soon);
  await eventually('the certificate is gone', async () => (await rowOf(demoRun))?.certificate === null, soon);
  await eventually('it has its new name', async () => (await rowOf(demoRun))?.courseRun.title === 'Renamed', soon);
});

test('trap 33: events that come twice and in another order leave what the LMS has', async () => {
  const enrollment = (mode: string) => ({ enrollment: { user, course: { course_key: demoRun }, mode } });
  await publish('course.enrollment.changed.v1', enrollment('audit'), 'late');
  await publish('course.enrollment.changed.v1', enrollment('verified'), 'twice');
  await eventually('the last mode is there', async () => (await rowOf(demoRun))?.mode === 'verified', soon);
});

test('a message that cannot be read is parked, and those behind it are taken', async () => {
  const { parkedEvents } = site.gateway.context.services;
  const enrollment = (mode: string) => ({ enrollment: { user, course: { course_key: demoRun }, mode } });
  await publish('course.enrollment.changed.v1', enrollment('audit'), 'spoiled');
  await publish('course.enrollment.changed.v1', enrollment('honor'));
  await eventually('the second is taken', async () => (await rowOf(demoRun))?.mode === 'honor', soon);
  const { rows } = await parkedEvents.list({ size: 10 });
  expect(rows).toMatchObject([
    { topic: 'learning', reason: 'UNREADABLE', type: expect.stringContaining('enrollment.changed') },
  ]);
  const sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  const listed = '{ parkedEvents { totalCount nodes { id topic type reason detail } } }';
  const answer = await dataOf(askGraph<{ parkedEvents: { totalCount: number; nodes: { id: string }[] } }>(sam, listed));
  expect(answer.parkedEvents).toMatchObject({ totalCount: 1, nodes: [{ topic: 'learning', reason: 'UNREADABLE' }] });
  expect(JSON.stringify(answer)).not.toMatch(/ada@|lovelace/i);
  expect((await askGraph(ada, listed)).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });

  const replay = `mutation ($ids: [ID!]!) { replayParkedEvents(input: { ids: $ids }) { replayed userErrors { message } } }`;
  const ids = answer.parkedEvents.nodes.map(({ id }) => id);
  expect(await dataOf(askGraph(sam, replay, { ids }))).toEqual({
    replayParkedEvents: { replayed: [], userErrors: [] },
  });
  const databaseUrl = site.gateway.context.config.database.url;
  const command = await runCommand(['parked-events', '--replay-all', '--json'], { DATABASE_URL: databaseUrl });
  expect(command.status).toBe(1);
  expect(JSON.parse(command.stdout)).toMatchObject({ parkedEvents: [{ reason: 'UNREADABLE' }], replayed: [] });
});

test('trap 37: a mode change in the LMS rewrites the grade, which a subscriber and the next query see', async () => {
  const { sandbox, context } = site.gateway;
  const grade = { username: 'ada', courseKey: demoRun, letterGrade: 'A', passed: true };
  sandbox.state.putGrade({ ...grade, percent: 0.91, scorePercent: 0.52 });
  await publish('course.enrollment.changed.v1', {
    enrollment: { user, course: { course_key: demoRun }, mode: 'audit' },
  });
  await eventually('the grade is there', async () => (await rowOf(demoRun))?.grade?.percent === 0.91, soon);
  await using followed = await follow<{ gradeChanged: { grade: { percent: number } } }>(
    'subscription { gradeChanged { grade { percent } courseRun { courseKey } } }',
  );
  const wish = { username: 'ada', courseKey: demoRun, mode: 'verified', isActive: true };
  expect(await context.lms.api.postEnrollment(wish, { purpose: 'job' })).toMatchObject({ kind: 'enrolled' });
  expect((await followed.next).data).toEqual({
    gradeChanged: { grade: { percent: 0.52 }, courseRun: { courseKey: demoRun } },
  });
  expect(await rowOf(demoRun)).toMatchObject({ mode: 'verified', grade: { percent: 0.52 } });
});

test('a score that an instructor sets by hand reaches a subscriber', async () => {
  const { sandbox } = site.gateway;
  await using followed = await follow<{ gradeChanged: { grade: { percent: number } } }>(
    'subscription { gradeChanged { grade { percent } courseRun { courseKey } } }',
  );
  const usageKey = 'block-v1:edX+DemoX+Demo_Course+type@sequential+block@seq2';
  const userId = sandbox.state.user('ada')?.id ?? 0;
  const scores = [{ usageKey, earned: 2, possible: 2 }];
  await setScoresByHand(sandbox.lmsUrl, { courseKey: demoRun, userId, scores });
  const percent = sandbox.state.grade('ada', demoRun)?.percent;
  expect(percent).toBeGreaterThan(0.52);
  expect((await followed.next).data).toEqual({
    gradeChanged: { grade: { percent }, courseRun: { courseKey: demoRun } },
  });
});

test('an enrollment here makes the LMS tell of it, and that is no news', async () => {
  await askGraph(ada, `mutation { enrollInCourse(input: { courseKey: "${openRun}" }) { enrollment { id } } }`);
  await eventually('it is active', async () => (await rowOf(openRun))?.state === 'ACTIVE', soon);
  const { services, orm } = site.gateway.context;
  await eventually('what the LMS told is followed', async () => {
    const [left] = await orm.em.fork().execute<{ count: number }[]>('select count(*)::int as count from learning_hint');
    return left?.count === 0;
  });
  const row = await services.enrollments.findFor(account.id, openRun);
  const history = await services.enrollments.history([row?.id ?? '']);
  expect(history.at(-1)?.cause).not.toBe('announced-by-lms');
});
