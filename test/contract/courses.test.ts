import { afterAll, beforeAll, expect, test } from 'vitest';
import { askGraph, dataOf } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../support/graph-site.js';
import { runCommand } from '../support/run-command.js';
import { pullLever, type SandboxRequest } from '../support/sandbox-levers.js';

/** Course runs, grades and certificates; the numbers are those of the checklist of features. */
let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const lever = (method: string, path: string, body?: unknown, { gateway } = site) =>
  pullLever(gateway.sandbox.lmsUrl, method, path, body);
const syncRuns = (options = {}, { gateway } = site) => gateway.context.services.courseRuns.sync(options);
const stored = async (courseKey: string) => (await site.gateway.context.services.courseRuns.findByKeys([courseKey]))[0];
/** Calls of the course API, whoever they were for. */
const courseCalls = async (at = site) =>
  ((await lever('GET', 'requests', undefined, at)) as SandboxRequest[]).filter(({ path }) =>
    path.startsWith('/api/courses/v1/courses/'),
  );
/** Runs `portico …`, as an operator does, with the database and the LMS of a site. */
async function portico(args: readonly string[], { gateway } = site) {
  const { DATABASE_URL, OPENEDX_API_BASE_URL } = {
    DATABASE_URL: gateway.context.config.database.url,
    OPENEDX_API_BASE_URL: gateway.sandbox.lmsUrl,
  };
  const { status, stdout, stderr } = await runCommand(args, { DATABASE_URL, OPENEDX_API_BASE_URL });
  return { status, stderr, stdout, answer: args.includes('--json') && stdout ? JSON.parse(stdout) : undefined };
}
const seeded = (number: number) => `course-v1:Seed+C${String(number).padStart(5, '0')}+2026`;
const course = (key: string, facts: Record<string, unknown> = {}) => ({
  course_key: key,
  display_name: `Title of ${key}`,
  start: '2020-01-01T00:00:00Z',
  ...facts,
});
const worker = { username: 'portico_worker', email: 'worker@example.org', is_staff: true };
/** An LMS that has these courses, and nothing else but the service worker. */
const fill = (courses: unknown[], at = site) => lever('POST', 'seed', { population: { users: [worker], courses } }, at);

test('73: course runs: fields, invalid keys skipped, missing ones reported, unchanged not written, running and ended ones updated', async () => {
  const [running, ended, gone] = ['course-v1:Edu+Running+1', 'course-v1:Edu+Ended+1', 'course-v1:Edu+Gone+1'];
  const end = '2021-01-01T00:00:00Z';
  await fill([course(running), course(ended, { end }), course(gone)]);
  expect(await syncRuns()).toMatchObject({ created: 3, updated: 0, unchanged: 0, missing: 0, failed: 0, skipped: 0 });
  expect(await stored(ended)).toMatchObject({
    title: `Title of ${ended}`,
    org: 'Edu',
    number: 'Ended',
    start: new Date('2020-01-01T00:00:00Z'),
    end: new Date(end),
    pacing: 'instructor',
  });

  const before = await stored(running);
  await fill([course(running), course(ended, { end: '2021-06-01T00:00:00Z' })]);
  const planned = await syncRuns({ isDryRun: true });
  expect(planned).toMatchObject({ created: 0, updated: 1, unchanged: 1, missing: 1, failed: 0 });
  expect((await stored(ended))?.end).toEqual(new Date(end));
  expect(await syncRuns()).toEqual(planned);
  expect((await stored(ended))?.end).toEqual(new Date('2021-06-01T00:00:00Z'));
  expect((await stored(running))?.updatedAt).toEqual(before?.updatedAt);
  expect(await stored(gone)).toBeDefined();

  const named = await syncRuns({ courseKeys: [running, gone, 'course-v1:Edu+Never+1', 'no key', 'course-v1:a+b'] });
  expect(named).toMatchObject({ created: 0, updated: 0, unchanged: 1, missing: 2, failed: 0, skipped: 2 });
  expect(named?.remarks.map(({ key, kind }) => [kind, key])).toEqual([
    ['INVALID_KEY', 'no key'],
    ['INVALID_KEY', 'course-v1:a+b'],
    ['MISSING', gone],
    ['MISSING', 'course-v1:Edu+Never+1'],
  ]);
});

test('74: a bad run costs no other run, a page or batch that fails no other page', async () => {
  await using faulty = await startGraphSite();
  const bad = 'course-v1:Edu+Bad+1';
  await fill(
    [course(bad, { display_name: 'No\u0000Title' }), ...[1, 2, 3].map((at) => course(`course-v1:Edu+C${at}+1`))],
    faulty,
  );
  const report = await syncRuns({}, faulty);
  expect(report).toMatchObject({ created: 3, failed: 1, missing: 0 });
  expect(report?.remarks).toEqual([{ key: bad, kind: 'FAILED', reason: expect.any(String) }]);

  await lever('DELETE', 'state', undefined, faulty);
  await lever('POST', 'seed', { courses: 230 }, faulty);
  // Three pages: the first is answered, the two others are not, and of the two looked at again one is not either.
  const match = '/api/courses/*';
  await lever(
    'PUT',
    'faults',
    [
      { match, mode: 'slow', ms: 1, times: 1 },
      { match, mode: 'wrong-types', times: 3 },
    ],
    faulty,
  );
  const cut = await syncRuns({}, faulty);
  expect(cut).toMatchObject({ updated: 0, missing: 0, failed: 100 });
  expect(cut?.created).toBeGreaterThanOrEqual(150);
  expect(cut?.remarks).toEqual([
    { key: expect.stringMatching(/^page [23]$/), kind: 'FAILED', reason: expect.any(String) },
  ]);

  await lever('PUT', 'faults', [{ match, mode: 'wrong-types', times: 1 }], faulty);
  const keys = Array.from({ length: 150 }, (_, at) => seeded(at + 1));
  const named = await syncRuns({ courseKeys: keys }, faulty);
  expect(named?.failed).toBeGreaterThan(0);
  expect((named?.created ?? 0) + (named?.unchanged ?? 0)).toBe(150 - (named?.failed ?? 0));
  expect(named?.remarks.every(({ kind }) => kind === 'FAILED')).toBe(true);
  expect(named).toMatchObject({ missing: 0, updated: 0 });

  await lever('PUT', 'faults', [{ match, mode: 'down' }], faulty);
  await expect(syncRuns({}, faulty)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
});

test('75: every call of the course list and of a course carries the username of the service worker', async () => {
  await syncRuns();
  await syncRuns({ courseKeys: ['course-v1:edX+DemoX+Demo_Course', 'course-v1:DemoU+CS101+2026_T1'] });
  await syncRuns({ courseKeys: ['course-v1:edX+DemoX+Demo_Course'] });
  const calls = await courseCalls();
  expect(calls.length).toBeGreaterThanOrEqual(3);
  for (const { query, auth } of calls) {
    expect(new URLSearchParams(query).get('username')).toBe('portico_worker');
    expect(auth).toContain('portico_worker');
  }
});

test('73: the command takes --all ALL as set-up guides write it, answers JSON, and fails when a named run cannot be had', async () => {
  await using own = await startGraphSite();
  const all = await portico(['sync-course-runs', '--all', 'ALL', '--json'], own);
  expect(all).toMatchObject({ status: 0, answer: { created: 20, missing: 0, failed: 0, dryRun: false } });
  const named = await portico(
    ['sync-course-runs', '--dry-run', '--run', 'course-v1:edX+DemoX+Demo_Course', 'course-v1:No+Such+1', 'nonsense'],
    own,
  );
  expect(named.status).toBe(1);
  expect(named.stdout.split('\n')).toEqual([
    'Nothing was written. It would be:',
    '0 created, 0 updated, 1 unchanged, 1 missing, 0 failed, 1 skipped',
    expect.stringMatching(/^INVALID_KEY {2}nonsense/),
    expect.stringMatching(/^MISSING {2}course-v1:No\+Such\+1/),
    '',
  ]);
}, 60_000);

test('73: 2,000 course runs are synchronised by 20 calls', async () => {
  await using large = await startGraphSite();
  await fill([], large);
  await lever('POST', 'seed', { courses: 2000 }, large);
  const progress: number[] = [];
  expect(await syncRuns({ onProgress: ({ done }: { done: number }) => progress.push(done) }, large)).toMatchObject({
    created: 2000,
    failed: 0,
    missing: 0,
  });
  expect(await courseCalls(large)).toHaveLength(20);
  expect(progress.at(-1)).toBe(2000);
  expect(progress.length).toBeGreaterThanOrEqual(20);
});

test('76: course modes are pulled, checked and stored; the upgrade deadline is the end of `verified`', async () => {
  await using own = await startGraphSite();
  const [both, audit, later] = ['course-v1:Edu+Both+1', 'course-v1:Edu+Audit+1', 'course-v1:Edu+Later+1'];
  const verified = (expiration: string | null) => ({
    slug: 'verified',
    name: 'Verified',
    min_price: 49,
    currency: 'usd',
    expiration,
  });
  const free = { slug: 'audit', name: 'Audit', min_price: 0, currency: 'usd', expiration: null };
  const fillModes = (expires: string) =>
    fill(
      [
        course(both, { modes: [free, verified(expires)] }),
        course(audit, { modes: [free] }),
        course(later, { modes: [free, verified(null)] }),
        course('course-v1:Edu+Ended+1', { modes: [], end: '2021-01-01T00:00:00Z' }),
      ],
      own,
    );
  await fillModes('2031-02-03T04:05:06Z');
  const first = await portico(['sync-course-runs', '--modes', '--json'], own);
  // Nobody can join what has ended: its modes are not asked for.
  expect(first.answer).toMatchObject({ modes: { updated: 3, unchanged: 0, failed: 0, lacking: 1 } });
  expect(first.answer.remarks).toEqual([{ key: audit, kind: 'MODES', reason: 'It does not offer verified.' }]);
  expect(first.status).toBe(0);

  const sam = await own.caller(await own.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await lever('DELETE', 'requests', undefined, own);
  const modesOf = (key: string) =>
    dataOf(askGraph(sam, `{ courseRun(courseKey: "${key}") { modes { slug minPrice currency expiresAt } } }`));
  expect(await modesOf(both)).toEqual({
    courseRun: {
      modes: [
        { slug: 'audit', minPrice: 0, currency: 'usd', expiresAt: null },
        { slug: 'verified', minPrice: 49, currency: 'usd', expiresAt: '2031-02-03T04:05:06.000Z' },
      ],
    },
  });
  expect(await lever('GET', 'requests', undefined, own)).toEqual([]);

  await fillModes('2032-01-01T00:00:00Z');
  const syncModes = () => syncRuns({ courseKeys: [both, audit, later], withModes: true }, own);
  expect((await syncModes())?.modes).toEqual({ updated: 1, unchanged: 2, failed: 0, lacking: 1 });
  expect((await syncModes())?.modes).toEqual({ updated: 0, unchanged: 3, failed: 0, lacking: 1 });
  await lever('PUT', 'faults', [{ match: '/api/course_modes/*', mode: 'wrong-types', times: 1 }], own);
  expect((await syncModes())?.modes).toMatchObject({ unchanged: 2, failed: 1 });
});

test('76: an enrollment tells until when its learner can upgrade, without a call of the LMS', async () => {
  await using own = await startGraphSite();
  await syncRuns({ withModes: true }, own);
  const ada = await own.caller(await own.aPerson({ username: 'ada' }), 'learning:read');
  await lever('DELETE', 'requests', undefined, own);
  const { viewer } = await dataOf(
    askGraph<{ viewer: { enrollments: { nodes: Record<string, unknown>[] } } }>(
      ada,
      '{ viewer { enrollments { nodes { mode upgradeDeadline courseRun { courseKey } } } } }',
    ),
  );
  const { nodes } = viewer.enrollments;
  expect(nodes).toHaveLength(5);
  for (const { mode, upgradeDeadline } of nodes) if (mode === 'verified') expect(upgradeDeadline).toBeNull();
  expect(nodes.map(({ upgradeDeadline }) => upgradeDeadline)).toContain('2099-01-01T00:00:00.000Z');
  const calls = (await lever('GET', 'requests', undefined, own)) as SandboxRequest[];
  expect(calls.filter(({ path }) => path.startsWith('/api/course_modes'))).toEqual([]);
});
