import { expect, test } from 'vitest';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { staffScope, startGraphSite } from '../../support/graph-site.js';

const dashboard = `{ viewer { username edx { state drift lmsUser { email freshness { stale } } }
  enrollments { freshness { stale } nodes { state confirmedByLms courseRun { courseKey title freshness { stale } } grade { percent freshness { stale } } certificate { status } } } } }`;
interface Seen {
  viewer: {
    username: string;
    edx: { state: string; drift: string[] | null };
    enrollments: {
      freshness: { stale: boolean } | null;
      nodes: {
        courseRun: { courseKey: string; title: string | null; freshness: { stale: boolean } | null };
        grade: { percent: number; freshness: { stale: boolean } } | null;
      }[];
    } | null;
  };
}
// Every fault of every part of a page: test/resilience/graph.test.ts.

/** Short, so that an upstream that hangs does not hang the test. */
const impatient = { UPSTREAM_TRY_TIMEOUT: '300', UPSTREAM_REQUEST_TIMEOUT: '900' };
const ask = (caller: GraphCaller) => askGraph<Seen>(caller, dashboard);

test('one part of the LMS that fails leaves the others', async () => {
  await using site = await startGraphSite({ env: impatient });
  const ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  await site.lms.faults([{ match: '/api/grades/*', mode: 'down', times: 1000 }]);
  const { data, errors } = await ask(ada);
  const nodes = data?.viewer.enrollments?.nodes ?? [];
  expect(nodes).toHaveLength(5);
  expect(nodes.every((node) => node.courseRun.title && node.grade === null)).toBe(true);
  expect(errors?.map((error) => error.path?.at(-1))).toEqual(Array(5).fill('grade'));
});

test('what was seen before stays, marked stale, without errors; extensions say why', async () => {
  await using site = await startGraphSite({ env: impatient });
  const ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  const before = await ask(ada);
  expect(before.errors).toBeUndefined();
  await site.lms.faults([{ match: '/api/*', mode: 'down', times: 1000 }]);
  const { reads } = site.gateway.context.lms;
  for (const { courseRun } of before.data?.viewer.enrollments?.nodes ?? []) {
    reads.invalidate({ grade: { username: 'ada', courseKey: courseRun.courseKey }, courseRun: courseRun.courseKey });
  }
  reads.invalidate({ enrollmentsOf: 'ada' });
  const after = await ask(ada);
  expect(after.errors).toBeUndefined();
  const nodes = after.data?.viewer.enrollments?.nodes ?? [];
  expect(nodes).toHaveLength(5);
  expect(after.data?.viewer.enrollments?.freshness?.stale).toBe(true);
  expect(nodes.every((node) => node.grade?.freshness.stale && node.courseRun.freshness?.stale)).toBe(true);
  expect(after.extensions?.upstreams).toContainEqual({
    upstream: 'lms',
    code: 'server-error',
    since: expect.any(String),
  });
});

test('a process that has just started knows the enrollments and titles that were stored before', async () => {
  await using site = await startGraphSite({ env: impatient });
  const person = await site.aPerson({ username: 'ada' });
  const ada = await site.caller(person, 'learning:read');
  const { services } = site.gateway.context;
  const asOf = new Date();
  await services.courseRuns.sync();
  const rows = await site.gateway.context.lms.api.enrollmentsOf('ada', { purpose: 'job' });
  await services.enrollments.recordSeen([{ accountId: person.id, lmsUsername: 'ada', rows, asOf }]);
  await site.lms.faults([{ match: '/api/*', mode: 'down', times: 1000 }]);
  const { data, errors, extensions } = await askGraph<Seen>(
    ada,
    '{ viewer { enrollments { freshness { stale } nodes { courseRun { courseKey title freshness { stale } } } } } }',
  );
  expect(errors).toBeUndefined();
  expect(data?.viewer.enrollments?.nodes).toHaveLength(5);
  expect(data?.viewer.enrollments?.freshness?.stale).toBe(true);
  expect(data?.viewer.enrollments?.nodes.every((node) => node.courseRun.title && node.courseRun.freshness?.stale)).toBe(
    true,
  );
  expect(extensions?.upstreams).toHaveLength(1);
});

test('an account without an LMS user has its wishes only, and costs the LMS no call', async () => {
  await using site = await startGraphSite();
  const grace = await site.caller(
    await site.aPerson({ username: 'grace', isLinked: false }),
    'learning:read learning:write',
  );
  await askGraph(
    grace,
    'mutation { enrollInCourse(input: { courseKey: "course-v1:edX+E2E-101+course" }) { enrollment { id } } }',
  );
  await site.lms.forgetRequests();
  const { data, errors } = await askGraph<Seen>(
    grace,
    '{ viewer { certificates { status } edx { drift lmsUser { email } mapping { remoteId } } enrollments { nodes { state grade { percent } certificate { status } } } } }',
  );
  expect(errors).toBeUndefined();
  expect(data?.viewer).toMatchObject({
    certificates: [],
    edx: { drift: [], lmsUser: null, mapping: null },
    enrollments: { nodes: [{ state: 'PENDING', grade: null, certificate: null }] },
  });
  expect(await site.lms.requests()).toEqual([]);
});

test('how the LMS and Discovery are doing is for staff to see', async () => {
  await using site = await startGraphSite({ env: impatient });
  const sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await askGraph(sam, '{ viewer { edx { lmsUser { email } } } }');
  const { data } = await askGraph(
    sam,
    '{ upstreams { name breaker recentCalls errorRate latency { p50Ms } tokenExpiresAt } }',
  );
  expect(data).toMatchObject({
    upstreams: [
      {
        name: 'lms',
        breaker: 'CLOSED',
        errorRate: 0,
        latency: { p50Ms: expect.any(Number) },
        tokenExpiresAt: expect.any(String),
      },
      { name: 'discovery', breaker: 'CLOSED', recentCalls: 0 },
    ],
  });
});
