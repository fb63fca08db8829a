import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Priority } from '../../../src/datasources/upstream/call.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { pullLever } from '../../support/sandbox-levers.js';
import { startGateway } from '../../support/start-gateway.js';

const course = 'course-v1:Seed+C00001+2026';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
  await pullLever(site.gateway.sandbox.lmsUrl, 'PUT', 'settings', { throttles: true });
  await site.lms.seed({ users: 200, courses: 2, enrollmentsPerUser: 1, seed: 3 });
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(() => site.lms.heal());

const learner = (number: number) => `learner${String(number).padStart(5, '0')}`;

/** A worker of a minute ago: nothing spent, neither here nor at the LMS. */
async function aNewMinute() {
  await pullLever(site.gateway.sandbox.lmsUrl, 'PUT', 'settings', { throttles: false });
  await pullLever(site.gateway.sandbox.lmsUrl, 'PUT', 'settings', { throttles: true });
  return startGateway({ env: { OPENEDX_API_BASE_URL: site.gateway.sandbox.lmsUrl } });
}

test('a page of 200 learners that is read one by one leaves viewers and sign-ups their calls, and the LMS refuses none', async () => {
  await using gateway = await aNewMinute();
  const { api } = gateway.context.lms;
  await site.lms.forgetRequests();
  const read = (number: number, priority: Priority) =>
    api.readEnrollment(learner(number), course, { purpose: 'request', priority });
  const page = await Promise.allSettled(Array.from({ length: 200 }, (_, at) => read(at + 1, 'staff')));
  const done = page.filter(({ status }) => status === 'fulfilled').length;
  expect(done).toBe(103);
  const viewers = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => read(at + 1, 'viewer')));
  expect(viewers.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
  const signUps = await Promise.allSettled(Array.from({ length: 5 }, (_, at) => read(at + 1, 'sign-up')));
  expect(signUps.map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'));
  const calls = await site.lms.requests();
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
});

test('the same page asked of the graph’s loaders takes a few calls', async () => {
  await using gateway = await aNewMinute();
  await site.lms.forgetRequests();
  const loaders = gateway.context.lms.reads.forRequest({ purpose: 'request', priority: 'staff' });
  const pages = await Promise.all(Array.from({ length: 200 }, (_, at) => loaders.enrollmentsOf.load(learner(at + 1))));
  expect(pages.every(({ value }) => value.length === 1)).toBe(true);
  expect(await site.lms.count(/enrollment\/v1\/enrollments/)).toBe(2);
  expect(gateway.context.lms.client.scarcity('enrollment')).toBeLessThan(0.05);
});

test('an upstream that is too slow costs its own fields only, within the time of the request', async () => {
  await using gateway = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: {
      OPENEDX_API_BASE_URL: site.gateway.sandbox.lmsUrl,
      UPSTREAM_REQUEST_TIMEOUT: '1500',
      UPSTREAM_TRY_TIMEOUT: '1000',
    },
  });
  await site.lms.faults([{ match: '/api/grades/*', mode: 'hang' }]);
  const loaders = gateway.context.lms.reads.forRequest({ purpose: 'request', priority: 'viewer' });
  const [enrollments, grade, run] = await Promise.allSettled([
    loaders.enrollmentsOf.load(learner(1)),
    loaders.grade.load({ username: learner(1), courseKey: course }),
    loaders.courseRun.load(course),
  ]);
  expect([enrollments.status, grade.status, run.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(grade).toMatchObject({ reason: { why: 'timeout' } });
});
