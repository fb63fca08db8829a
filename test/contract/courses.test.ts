import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateEntity } from '../../src/entities/certificate.entity.js';
import { CourseGradeEntity } from '../../src/entities/course-grade.entity.js';
import { OperationEntity } from '../../src/entities/operation.entity.js';
import { enqueue } from '../../src/jobs/queue.js';
import { readGlobalId } from '../../src/resolvers/global-id.js';
import { eventually } from '../support/eventually.js';
import { askGraph, dataOf, type GraphCaller } from '../support/gql.js';
import { setScoresByHand } from '../support/gradebook.js';
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
  expect(report?.remarks).toEqual([{ key: bad, kind: 'UNREADABLE', reason: expect.any(String) }]);

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

/** LMS users with a grade each in one run, as `PUT /_sandbox/…` cannot make them. */
const graded = 'course-v1:Edu+Graded+1';
const fillGrades = (
  grades: { username: string; percent: number; letter?: string | null; mode?: string }[],
  at: GraphSite,
  more: Record<string, unknown> = {},
) =>
  lever(
    'POST',
    'seed',
    {
      population: {
        users: [worker, ...grades.map(({ username }) => ({ username, email: `${username}@example.org` }))],
        courses: [course(graded)],
        enrollments: grades.map(({ username, mode = 'audit' }) => ({
          username,
          course_key: graded,
          mode,
          created: '2026-01-01T00:00:00Z',
        })),
        grades: grades.map(({ username, percent, letter = null }) => ({
          username,
          course_key: graded,
          percent,
          letter_grade: letter,
          passed: letter !== null,
        })),
        ...more,
      },
    },
    at,
  );
const learners = (count: number) => Array.from({ length: count }, (_, at) => `learner${at + 1}`);
const syncGrades = (
  options: Parameters<GraphSite['gateway']['context']['services']['grades']['sync']>[0],
  at: GraphSite,
) => at.gateway.context.services.grades.sync({ withCertificates: false, ...options });
const storedGrades = async (at: GraphSite) => {
  const rows = await at.gateway.context.orm.em.fork().find(CourseGradeEntity, {});
  return new Map(rows.map((row) => [row.lmsUsername, row]));
};
const callsOf = async (path: RegExp, at: GraphSite) =>
  ((await lever('GET', 'requests', undefined, at)) as SandboxRequest[]).filter((call) => path.test(call.path));

test('77: grades: pages followed, matched by username, unknown users reported, extra credit kept, one bad row costs no other', async () => {
  await using own = await startGraphSite();
  const names = learners(402);
  const grades = names.map((username, at) => ({ username, percent: at / 1000 }));
  grades.push(
    { username: 'Extra', percent: 1.05 },
    { username: 'Wild', percent: 7 },
    { username: 'Odd', percent: 0.5 },
  );
  await fillGrades(
    grades.map((grade) => (grade.username === 'Odd' ? { ...grade, letter: 'A\u0000' } : grade)),
    own,
  );
  // Portico’s link has the name in another case; ten learners of the LMS are nobody here.
  await own.people([...names.slice(10), 'extra', 'wild', 'odd']);
  await lever('DELETE', 'requests', undefined, own);
  const report = await syncGrades({ courseKeys: [graded] }, own);
  expect(report).toMatchObject({ courseRuns: 1, created: 393, updated: 0, unchanged: 0, unknown: 10, failed: 2 });
  expect(report?.remarks.filter(({ kind }) => kind === 'UNKNOWN_LEARNER').map(({ username }) => username)).toEqual(
    names.slice(0, 10),
  );
  expect(report?.remarks.filter(({ kind }) => kind === 'UNREADABLE').map(({ username }) => username)).toEqual([
    'Wild',
    'Odd',
  ]);
  expect(await callsOf(/^\/api\/grades\//, own)).toHaveLength(3);
  const stored = await storedGrades(own);
  expect(stored.get('extra')?.percent).toBe(1.05);
  expect(stored.get('learner402')?.percent).toBe(0.401);
  expect(stored.has('wild')).toBe(false);

  // What is the same is not written again, but for when it was seen; what changed is.
  const before = stored.get('learner20');
  const changed = grades.map((grade) =>
    grade.username === 'learner402' ? { ...grade, percent: 0.9, letter: 'A' } : grade,
  );
  await fillGrades(changed, own);
  expect(await syncGrades({ courseKeys: [graded] }, own)).toMatchObject({ created: 1, updated: 1, unchanged: 392 });
  const after = await storedGrades(own);
  expect(after.get('learner402')).toMatchObject({ percent: 0.9, letterGrade: 'A', passed: true });
  expect(after.get('learner20')?.updatedAt).toEqual(before?.updatedAt);
  expect(after.get('learner20')?.asOf.getTime()).toBeGreaterThan(before?.asOf.getTime() ?? 0);
});

test('77: scores that an instructor set by hand in the LMS come with the grade, exactly, and no pull or mode change undoes them', async () => {
  await using own = await startGraphSite();
  const { sandbox } = own.gateway;
  const demo = 'course-v1:DemoU+CS101+2026_T1';
  const ada = await own.caller(await own.aPerson({ username: 'ada' }), 'learning:read');
  const section = (block: string) => `block-v1:DemoU+CS101+2026_T1+type@sequential+block@${block}`;
  await syncGrades({ courseKeys: [demo] }, own);
  const before = (await storedGrades(own)).get('ada')?.percent;
  const scores = [
    { usageKey: section('seq0'), earned: 2, possible: 2 },
    { usageKey: section('seq1'), earned: 1, possible: 2 },
    { usageKey: section('seq2'), earned: 3, possible: 2 },
  ];
  await setScoresByHand(sandbox.lmsUrl, { courseKey: demo, userId: sandbox.state.user('ada')?.id ?? 0, scores });
  // 60 % for the mean of 1 and 0.5, 40 % for an exam with extra credit.
  const byHand = 1.05;
  expect(before).not.toBe(byHand);
  expect(await syncGrades({ courseKeys: [demo] }, own)).toMatchObject({ updated: 1, failed: 0 });
  expect((await storedGrades(own)).get('ada')).toMatchObject({ percent: byHand, passed: true });

  const query = `{ viewer { enrollments(first: 50) { nodes {
    courseRun { courseKey } grade { percent passed subsections { label earned possible percent attempted } } } } } }`;
  type Shown = { courseRun: { courseKey: string }; grade: { percent: number; subsections: unknown } | null };
  const { viewer } = await dataOf(askGraph<{ viewer: { enrollments: { nodes: Shown[] } } }>(ada, query));
  expect(viewer.enrollments.nodes.find(({ courseRun }) => courseRun.courseKey === demo)?.grade).toEqual({
    percent: byHand,
    passed: true,
    subsections: [
      { label: 'HW 01', earned: 2, possible: 2, percent: 1, attempted: true },
      { label: 'HW 02', earned: 1, possible: 2, percent: 0.5, attempted: true },
      { label: 'Final 01', earned: 3, possible: 2, percent: 1.5, attempted: true },
    ],
  });

  // The LMS makes a grade anew when the mode changes, and keeps what was set by hand.
  const wish = { username: 'ada', courseKey: demo, mode: 'verified', isActive: true };
  await own.gateway.context.lms.api.postEnrollment(wish, { purpose: 'job' });
  expect(await syncGrades({ courseKeys: [demo] }, own)).toMatchObject({ updated: 0, unchanged: 1 });
  expect((await storedGrades(own)).get('ada')?.percent).toBe(byHand);
});

test('77: a run that fails, or that the LMS does not have, costs no other; one learner can be pulled alone', async () => {
  await using own = await startGraphSite();
  await fillGrades([{ username: 'ann', percent: 0.6, letter: 'Pass' }], own);
  const ann = await own.aPerson({ username: 'ann' });
  expect(await syncGrades({ accountId: ann.id, courseKeys: [graded] }, own)).toMatchObject({ created: 1, failed: 0 });
  await lever('PUT', 'faults', [{ match: '/api/grades/v1/courses/course-v1:Edu+Broken*', mode: 'html500' }], own);
  const report = await syncGrades(
    { courseKeys: ['course-v1:Edu+Broken+1', 'course-v1:No+Such+1', 'nonsense', graded] },
    own,
  );
  expect(report).toMatchObject({ courseRuns: 1, failedRuns: 1, missingRuns: 2, unchanged: 1 });
  expect(report?.remarks.map(({ kind, courseKey }) => [kind, courseKey]).sort()).toEqual([
    ['FAILED', 'course-v1:Edu+Broken+1'],
    ['MISSING', 'course-v1:No+Such+1'],
    ['MISSING', 'nonsense'],
  ]);
  const nobody = await own.aPerson({ username: 'ned', isLinked: false });
  await expect(syncGrades({ accountId: nobody.id }, own)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

interface Learned {
  viewer: {
    certificates: { status: string; freshness: { stale: boolean } }[] | null;
    enrollments: {
      nodes: {
        grade: { percent: number; freshness: { stale: boolean; asOf: string } } | null;
        certificate: { status: string; freshness: { stale: boolean } } | null;
      }[];
    };
  };
}
const learned =
  '{ viewer { certificates { status freshness { stale } } enrollments { nodes { grade { percent freshness { stale asOf } } certificate { status freshness { stale } } } } } }';

test('78: while the LMS is away, grades and certificates are those last seen; none is shown that was revoked or whose grade fell', async () => {
  await using own = await startGraphSite({ env: { UPSTREAM_TRY_TIMEOUT: '300', UPSTREAM_REQUEST_TIMEOUT: '900' } });
  const certificate = (status: string) => ({
    certificates: [
      { username: 'ann', course_key: graded, status, mode: 'verified', grade: '0.8', verify_uuid: 'a'.repeat(32) },
    ],
  });
  const passing = [{ username: 'ann', percent: 0.8, letter: 'B', mode: 'verified' }];
  const failing = [{ username: 'ann', percent: 0, letter: null, mode: 'verified' }];
  const ann = await own.caller(await own.aPerson({ username: 'ann' }), 'learning:read');
  const pull = () => syncGrades({ courseKeys: [graded], withCertificates: true }, own);
  /** What a process that has read nothing yet says while the LMS is away. */
  const inAnOutage = async () => {
    await dataOf(askGraph(ann, '{ viewer { enrollments { nodes { state } } } }'));
    await lever('PUT', 'faults', [{ match: '/api/*', mode: 'down' }], own);
    const { data, errors } = await askGraph<Learned>(ann, learned);
    await lever('DELETE', 'faults', undefined, own);
    expect(errors).toBeUndefined();
    return data?.viewer;
  };

  await fillGrades(passing, own, certificate('downloadable'));
  // Seen first by a synchronisation that finds somebody who has passed, however long ago the run was looked at.
  expect((await pull())?.certificates).toMatchObject({ learners: 1, created: 1, withdrawn: 0, failed: 0 });
  const first = await inAnOutage();
  expect(first?.enrollments.nodes).toEqual([
    {
      grade: { percent: 0.8, freshness: { stale: true, asOf: expect.any(String) } },
      certificate: { status: 'downloadable', freshness: { stale: true } },
    },
  ]);
  expect(first?.certificates).toHaveLength(1);

  // The grade fell, and nobody could ask for the certificate since.
  await fillGrades(failing, own, certificate('downloadable'));
  await lever('PUT', 'faults', [{ match: '/api/certificates/*', mode: 'html500' }], own);
  const fell = await pull();
  expect(fell).toMatchObject({ updated: 1, certificates: { failed: 1 } });
  await lever('DELETE', 'faults', undefined, own);
  expect(await inAnOutage()).toMatchObject({
    certificates: [],
    enrollments: { nodes: [{ grade: { percent: 0 }, certificate: null }] },
  });
});

test('78: a certificate that the LMS does not list any more is kept as withdrawn, and counts again when it is listed again', async () => {
  await using own = await startGraphSite();
  const names = ['ann', 'bea'];
  const fillCertificates = (status: string, of: string[]) =>
    fillGrades(
      [
        { username: 'ann', percent: 0.8, letter: 'B' },
        { username: 'bea', percent: of.includes('bea') ? 0.7 : 0.2, letter: of.includes('bea') ? 'C' : null },
      ],
      own,
      {
        certificates: of.map((username) => ({
          username,
          course_key: graded,
          status: username === 'ann' ? status : 'downloadable',
          mode: 'verified',
          grade: '0.8',
          verify_uuid: username.padEnd(32, '0'),
        })),
      },
    );
  await own.people(names);
  const pull = async () => (await syncGrades({ courseKeys: [graded], withCertificates: true }, own))?.certificates;
  const rows = async () => {
    const all = await own.gateway.context.orm.em
      .fork()
      .find(CertificateEntity, {}, { orderBy: { lmsUsername: 'asc' } });
    return all.map(({ lmsUsername, withdrawnAt }) => [lmsUsername, withdrawnAt != null]);
  };

  await fillCertificates('downloadable', ['ann']);
  await lever('DELETE', 'requests', undefined, own);
  expect(await pull()).toEqual({ learners: 1, created: 1, updated: 0, unchanged: 0, withdrawn: 0, failed: 0 });
  // Who has not passed is not asked about.
  expect(await callsOf(/^\/api\/certificates\//, own)).toHaveLength(1);
  // A late passer gets hers, although the run was looked at and has certificates already.
  await fillCertificates('downloadable', names);
  expect(await pull()).toMatchObject({ learners: 2, created: 1, unchanged: 1 });
  expect(await rows()).toEqual([
    ['ann', false],
    ['bea', false],
  ]);
  await fillCertificates('unavailable', names);
  expect(await pull()).toMatchObject({ learners: 2, unchanged: 1, withdrawn: 1 });
  expect(await rows()).toEqual([
    ['ann', true],
    ['bea', false],
  ]);
  expect(await pull()).toMatchObject({ learners: 2, unchanged: 1, withdrawn: 0 });
  await fillCertificates('downloadable', names);
  expect(await pull()).toMatchObject({ updated: 1, unchanged: 1, withdrawn: 0 });
  expect(await rows()).toEqual([
    ['ann', false],
    ['bea', false],
  ]);
});

test('78: what people read live of grades and certificates is remembered for an outage, without making them wait', async () => {
  await using own = await startGraphSite();
  const ada = await own.caller(await own.aPerson({ username: 'ada' }), 'learning:read');
  const live = await dataOf(askGraph<Learned>(ada, learned));
  await own.gateway.context.lms.memory.settled();
  const { grades } = own.gateway.context.services;
  const em = own.gateway.context.orm.em.fork();
  const [{ accountId } = { accountId: '' }] = await em.find(CourseGradeEntity, {});
  expect(await em.count(CourseGradeEntity, { accountId })).toBe(5);
  const [known] = await grades.certificatesOf([accountId]);
  expect(known?.certificates.map(({ status }) => status)).toEqual(
    live.viewer.certificates?.map(({ status }) => status),
  );
  const { memory } = own.gateway.context.lms;
  const seenNoneAt = async (asOf: Date) => {
    for (const name of ['Ada', 'nobody-here']) memory.certificatesSeen(name, [], asOf);
    await memory.settled();
    return (await grades.certificatesOf([accountId]))[0];
  };
  // What was read before says nothing of today; what is read now does.
  expect((await seenNoneAt(new Date('2020-01-01T00:00:00Z')))?.certificates).toHaveLength(1);
  const today = new Date();
  expect(await seenNoneAt(today)).toEqual({ accountId, certificates: [], asOf: today });
  expect(await em.count(CertificateEntity, { accountId, withdrawnAt: today })).toBe(1);
});

test('77: the commands pull grades and write them as CSV, with the names that partners know learners by', async () => {
  await using own = await startGraphSite();
  await fillGrades(
    [
      { username: 'ann', percent: 0.8, letter: 'B', mode: 'verified' },
      { username: 'zoe', percent: 0.1 },
    ],
    own,
  );
  const ann = await own.aPerson({ username: 'ann' });
  await own
    .caller(ann, 'learning:read')
    .then((caller) => askGraph(caller, '{ viewer { enrollments { nodes { state } } } }'));
  const pulled = await portico(['sync-grades', '--json'], own);
  expect(pulled).toMatchObject({
    status: 0,
    answer: { courseRuns: 1, created: 1, unknown: 1, certificates: { learners: 1 } },
  });
  const { status, stdout, stderr } = await portico(['export-grades', '--run', graded], own);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [header, row, ...rest] = stdout.split('\n');
  expect(rest).toEqual(['']);
  expect(header).toContain('course_key,username,lms_username');
  expect(row).toMatch(/^course-v1:Edu\+Graded\+1,ann,ann,,ann,ann@example\.org,ann,verified,0\.8,B,true,false,20/);
}, 60_000);

interface Begun {
  begun: { operation: { id: string } | null; userErrors: { code: string }[] };
}
interface Ended {
  operation: {
    state: string;
    total: number;
    done: number;
    failed: number;
    summary: Record<string, unknown>;
    download: { url: string; name: string; sizeBytes: number; expiresAt: string } | null;
    rows: { nodes: { key: string; outcome: string; reason: string | null }[] };
  };
}
/** Begins an operation as staff, carries it out, and reads what came of it. */
async function operate(at: GraphSite, caller: GraphCaller, mutation: string): Promise<Ended['operation']> {
  const { begun } = await dataOf(
    askGraph<Begun>(caller, `mutation { begun: ${mutation} { operation { id } userErrors { code } } }`),
  );
  expect(begun.userErrors).toEqual([]);
  const id = begun.operation?.id ?? '';
  await at.gateway.context.services.operations.follow(readGlobalId('Operation', id, 'id'));
  const ended = await dataOf(
    askGraph<Ended>(
      caller,
      `{ operation(id: "${id}") { state total done failed summary download { url name sizeBytes expiresAt } rows(first: 50) { nodes { key outcome reason } } } }`,
    ),
  );
  return ended.operation;
}

test('73: the mutation synchronises runs as an operation: a row for each named run, counts in the summary', async () => {
  await using own = await startGraphSite();
  const sam = await own.caller(await own.aPerson({ username: 'sam', roles: ['STAFF'] }), staffScope);
  const all = await operate(own, sam, 'syncCourseRuns(input: { withModes: true })');
  expect(all).toMatchObject({
    state: 'SUCCEEDED',
    done: 20,
    failed: 0,
    summary: { created: 20, 'modes.updated': expect.any(Number) },
  });
  const named = await operate(
    own,
    sam,
    'syncCourseRuns(input: { courseKeys: ["course-v1:edX+DemoX+Demo_Course", "course-v1:No+Such+1"] })',
  );
  expect(named).toMatchObject({
    state: 'PARTIAL',
    total: 2,
    done: 2,
    failed: 1,
    summary: { unchanged: 1, missing: 1 },
  });
  expect(named.rows.nodes.map(({ key, outcome }) => [key, outcome])).toEqual([
    ['course-v1:edX+DemoX+Demo_Course', 'OK'],
    ['course-v1:No+Such+1', 'COURSE_NOT_FOUND'],
  ]);
});

test('77: the mutations pull grades run by run, and export them to a file behind a signed address that ends', async () => {
  await using own = await startGraphSite();
  const sam = await own.caller(await own.aPerson({ username: 'sam', roles: ['STAFF'] }), staffScope);
  await fillGrades(
    [
      { username: 'ann', percent: 0.8, letter: 'B' },
      { username: 'zoe', percent: 0.1 },
    ],
    own,
  );
  await own.people(['ann']);
  const pulled = await operate(own, sam, `syncGrades(input: { courseKeys: ["${graded}", "course-v1:No+Such+1"] })`);
  expect(pulled).toMatchObject({ state: 'PARTIAL', total: 2, done: 2, failed: 1, download: null });
  expect(pulled.summary).toMatchObject({ certificates: { learners: 1 } });
  expect(pulled.rows.nodes).toEqual([
    { key: graded, outcome: 'OK', reason: '1 LMS users are linked to no account: zoe.' },
    { key: 'course-v1:No+Such+1', outcome: 'COURSE_NOT_FOUND', reason: expect.any(String) },
  ]);

  const exported = await operate(own, sam, `exportGrades(input: { courseKeys: ["${graded}"] })`);
  expect(exported).toMatchObject({ state: 'SUCCEEDED', summary: { grades: 1 }, download: { name: 'grades.csv' } });
  const { url = '', sizeBytes } = exported.download ?? {};
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="grades.csv"');
  const text = await answer.text();
  expect(text.length).toBe(sizeBytes);
  expect(text.split('\n')[1]).toMatch(/^course-v1:Edu\+Graded\+1,ann,ann,,ann,/);

  const later = new URL(url);
  later.searchParams.set('expires', String(Number(later.searchParams.get('expires')) + 3600));
  const other = url.replace(/operations\/[0-9a-f-]+/, 'operations/01900000-0000-7000-8000-000000000000');
  for (const wrong of [later.href, other, url.replace('signature=', 'signature=x'), url.replace(/\?.*/, '')])
    expect(await fetch(wrong).then(async (refusal) => [refusal.status, await refusal.json()])).toEqual([
      404,
      { detail: expect.stringContaining('no longer good') },
    ]);
  // What the LMS is not asked for is written all the same.
  await lever('PUT', 'faults', [{ match: '/api/*', mode: 'down' }], own);
  const stored = await operate(own, sam, 'exportGrades(input: { stored: true, format: JSON_LINES })');
  expect(stored).toMatchObject({ state: 'SUCCEEDED', summary: { grades: 1 } });
  expect(JSON.parse(await (await fetch(stored.download?.url ?? '')).text())).toMatchObject({
    username: 'ann',
    percent: 0.8,
  });
});

test('77: by the clock, grades of the runs in which people here take part are pulled as an operation', async () => {
  await using own = await startGraphSite({ worker: true });
  await fillGrades([{ username: 'ann', percent: 0.8, letter: 'B' }], own);
  const ann = await own.caller(await own.aPerson({ username: 'ann' }), 'learning:read');
  await dataOf(askGraph(ann, '{ viewer { enrollments { nodes { state } } } }'));
  const { orm, services } = own.gateway.context;
  const em = orm.em.fork();
  await enqueue(em, 'sync-grades', {}, { key: 'schedule:sync-grades', queueName: 'schedule:sync-grades' });
  const operation = await eventually('it has ended', async () => {
    const [row] = await orm.em.fork().find(OperationEntity, { kind: 'SYNC_GRADES', finishedAt: { $ne: null } });
    return row;
  });
  expect(operation).toMatchObject({ state: 'SUCCEEDED', startedBy: null, total: 1, done: 1, failed: 0 });
  expect(await em.find(CourseGradeEntity, { courseKey: graded })).toMatchObject([{ lmsUsername: 'ann', percent: 0.8 }]);
  expect(await services.scheduleLog.list()).toContainEqual(
    expect.objectContaining({ name: 'sync-grades', outcome: 'done' }),
  );
});

test('77: only staff synchronise and export, with a token that may', async () => {
  const ann = await site.aPerson({ username: 'ann' });
  const sam = await site.aPerson({ username: 'sue', roles: ['STAFF'] });
  const callers = [await site.caller(ann, 'learning:read learning:write'), await site.caller(sam, 'learning:read')];
  for (const caller of callers)
    for (const mutation of ['syncCourseRuns', 'syncGrades', 'exportGrades']) {
      const { errors } = await askGraph(caller, `mutation { ${mutation}(input: {}) { operation { id } } }`);
      expect(errors?.[0]?.extensions?.code, mutation).toBe('FORBIDDEN');
    }
});
