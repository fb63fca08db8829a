import { afterAll, beforeAll, expect, test } from 'vitest';
import { UpstreamUnavailableError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import type { SandboxRequest } from '../../support/sandbox-levers.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

const request = { purpose: 'request' } as const;

let site: GraphSite;
/** Beside it, as a second process would be: same database, same LMS. */
let second: Gateway;
beforeAll(async () => {
  site = await startGraphSite();
  const { lmsUrl } = site.gateway.sandbox;
  second = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: { OPENEDX_API_BASE_URL: lmsUrl },
  });
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test('calls that one process makes of the LMS’s shared budget count in the other', async () => {
  const used = () => second.context.lms.client.status().limiter.used;
  const before = used();
  const { api, client } = site.gateway.context.lms;
  await api.listEnrollments({ usernames: ['ada'] }, request);
  await api.listEnrollments({ usernames: ['ada'] }, request);
  await eventually('the other process counts them', async () => used() === before + 2);
  expect(client.status().limiter.used).toBe(2);
  await second.context.lms.api.listEnrollments({ usernames: ['ada'] }, request);
  await eventually('this one counts the other’s', async () => client.status().limiter.used === 3);
});

const course = 'course-v1:edX+DemoX+Demo_Course';
const calls = async () => (await site.lms.requests()).map(({ path, query }: SandboxRequest) => `${path}?${query}`);
const stored = async () => {
  await site.gateway.context.lms.answers.settled();
  await second.context.lms.answers.settled();
};

test('enrollments, grades and certificates that one process has read cost the other no call', async () => {
  const seenBy = async ({ context }: Gateway) => {
    const loaders = context.lms.reads.forRequest(request);
    return Promise.all([
      loaders.enrollmentsOf.load('ada'),
      loaders.grade.load({ username: 'Ada', courseKey: course }),
      loaders.certificatesOf.load('ada'),
    ]);
  };
  const first = await seenBy(site.gateway);
  await stored();
  await site.lms.forgetRequests();
  expect(await seenBy(second)).toEqual(first);
  expect(await calls()).toEqual([]);
  expect(first[0].value.length).toBeGreaterThan(4);
});

test('a write of ours makes every process read again', async () => {
  await site.gateway.context.lms.reads.forRequest(request).enrollmentsOf.load('ada');
  await stored();
  await site.lms.forgetRequests();
  second.context.lms.reads.invalidate({ enrollmentsOf: 'ADA' });
  await stored();
  const rows = await site.gateway.context.orm.em
    .fork()
    .execute<{ outdated: boolean }[]>(
      `select outdated_at is not null as outdated from learning_answer where lms_username = 'ada' and name like '%enrollmentsOf%'`,
    );
  expect(rows).toEqual([{ outdated: true }]);
  await second.context.lms.reads.forRequest(request).enrollmentsOf.load('ada');
  expect(await calls()).toHaveLength(1);
});

test('with LMS_READ_CACHE=off each request asks the LMS itself, whatever is kept, and nothing of it is kept', async () => {
  await using uncached = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: { OPENEDX_API_BASE_URL: site.gateway.sandbox.lmsUrl, LMS_READ_CACHE: 'off' },
  });
  const readAll = async () => {
    const loaders = uncached.context.lms.reads.forRequest(request);
    await Promise.all([
      loaders.enrollmentsOf.load('ada'),
      loaders.enrollmentsOf.load('ADA'),
      loaders.grade.load({ username: 'ada', courseKey: course }),
      loaders.certificatesOf.load('ada'),
    ]);
  };
  const kept = async () => {
    await uncached.context.lms.answers.settled();
    await uncached.context.lms.memory.settled();
    return site.gateway.context.orm.em
      .fork()
      .execute(
        'select name, as_of::text from learning_answer union all select course_key, as_of::text from course_grade',
      );
  };
  await site.gateway.context.lms.reads.forRequest(request).enrollmentsOf.load('ada');
  await stored();
  const before = await kept();
  await site.lms.forgetRequests();
  await readAll();
  await readAll();
  expect((await calls()).filter((call) => call.startsWith('/api/'))).toHaveLength(6);
  expect(await kept()).toEqual(before);

  await site.lms.faults([{ match: '/api/*', mode: 'down' }]);
  const { enrollmentsOf } = uncached.context.lms.reads.forRequest(request);
  await expect(enrollmentsOf.load('ada')).rejects.toThrow(UpstreamUnavailableError);
  await site.lms.heal();
});

test('a process that starts while the LMS is away answers what was last seen, with its age and without an error', async () => {
  const before = await site.gateway.context.lms.reads.forRequest(request).enrollmentsOf.load('ada');
  await stored();
  await site.lms.faults([{ match: '/api/*', mode: 'down' }]);
  const { orm } = site.gateway.context;
  await orm.em.fork().execute(`update learning_answer set as_of = as_of - interval '6 hours', outdated_at = now()`);
  await using late = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: { OPENEDX_API_BASE_URL: site.gateway.sandbox.lmsUrl },
  });
  const loaders = late.context.lms.reads.forRequest(request);
  expect(await loaders.enrollmentsOf.load('ada')).toMatchObject({ value: before.value, stale: true });
  expect(loaders.upstreamTrouble()).toMatchObject([{ upstream: 'lms' }]);
  await site.lms.heal();
});
