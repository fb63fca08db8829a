import { afterAll, beforeAll, expect, test } from 'vitest';
import { askGraph, type GraphCaller } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../support/graph-site.js';

/** One part of the LMS that fails costs its own fields, for as long as the request has; and operators see which it is. */

let site: GraphSite;
let ada: GraphCaller;
let sam: GraphCaller;
beforeAll(async () => {
  const env = { UPSTREAM_TRY_TIMEOUT: '800', UPSTREAM_REQUEST_TIMEOUT: '2500' };
  site = await startGraphSite({ env });
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

interface Dashboard {
  viewer: {
    enrollments: {
      nodes: { courseRun: { title: string | null }; grade: { percent: number } | null; certificate: unknown }[];
    } | null;
  };
}
const dashboard =
  '{ viewer { enrollments { nodes { courseRun { title } grade { percent } certificate { status } } } } }';

interface Upstreams {
  upstreams: {
    breakers: { family: string; state: string }[];
    limiter: { budgets: { name: string; pausedForSeconds: number }[] };
  }[];
}
const upstreams = `{ upstreams { breaker breakerSince breakerReason
  breakers { family state since openedBy { operation code status at } lastFailure { operation code } nextProbeAt }
  limiter { used waiting budgets { name limit pausedForSeconds } } } }`;

test('grades that hang are null with an error each, when the time is over; all else is there', async () => {
  await site.lms.faults([{ match: '/api/grades/*', mode: 'hang' }]);
  const { status, data, errors } = await askGraph<Dashboard>(ada, dashboard);
  expect(status).toBe(200);
  const nodes = data?.viewer.enrollments?.nodes ?? [];
  expect(nodes).toHaveLength(5);
  for (const node of nodes) expect(node).toMatchObject({ courseRun: { title: expect.any(String) }, grade: null });
  expect(nodes.some(({ certificate }) => certificate !== null)).toBe(true);
  expect(errors?.map(({ path }) => path?.at(-1))).toEqual(Array(5).fill('grade'));
  for (const { extensions } of errors ?? [])
    expect(extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream: 'lms', retryable: true });
});

test('the breaker of grades alone is open, and says which call opened it and when it is tried again', async () => {
  await site.lms.faults([{ match: '/api/grades/*', mode: 'hang' }]);
  await askGraph(ada, dashboard);
  const { data } = await askGraph<Upstreams>(sam, upstreams);
  const [lms] = data?.upstreams ?? [];
  expect(lms).toMatchObject({
    breaker: 'OPEN',
    breakerReason: 'timeout',
    limiter: {
      used: expect.any(Number),
      waiting: 0,
      budgets: [
        { name: 'enrollment', limit: expect.any(Number), pausedForSeconds: 0 },
        { name: 'course-list', limit: expect.any(Number), pausedForSeconds: 0 },
      ],
    },
  });
  expect(lms?.breakers.find(({ family }) => family === 'grades')).toMatchObject({
    state: 'OPEN',
    since: expect.any(String),
    openedBy: { operation: 'grade.read', code: 'timeout', status: null, at: expect.any(String) },
    lastFailure: { operation: 'grade.read', code: 'timeout' },
    nextProbeAt: expect.any(String),
  });
  const others = lms?.breakers.filter(({ family }) => family !== 'grades') ?? [];
  expect(others.length).toBeGreaterThan(0);
  for (const breaker of others) expect(breaker).toMatchObject({ state: 'CLOSED', openedBy: null, nextProbeAt: null });
});

test('a throttle shows as a pause of its budget', async () => {
  await site.lms.faults([{ match: '/api/enrollment/*', mode: 'throttle', ms: 60_000 }]);
  await site.gateway.context.lms.api
    .readEnrollment('ada', 'course-v1:edX+DemoX+Demo_Course', { purpose: 'request' })
    .catch(() => {});
  const { data } = await askGraph<Upstreams>(sam, upstreams);
  const budgets = data?.upstreams[0]?.limiter.budgets ?? [];
  expect(budgets.find(({ name }) => name === 'enrollment')?.pausedForSeconds).toBeGreaterThan(30);
  expect(budgets.find(({ name }) => name === 'course-list')?.pausedForSeconds).toBe(0);
});

test('how the LMS is doing is not for learners', async () => {
  const { data, errors } = await askGraph(ada, upstreams);
  expect(data).toBeNull();
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
});
