import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../support/sandbox-levers.js';
import { connectReads, startSandboxLms } from './sandbox-lms.js';

const request = { purpose: 'request' } as const;
let lms: Awaited<ReturnType<typeof startSandboxLms>>;
beforeAll(async () => {
  lms = await startSandboxLms();
});
beforeEach(async () => {
  await lms.reset();
});
afterAll(() => lms[Symbol.asyncDispose]());

const families: [name: string, path: RegExp][] = [
  ['token', /^\/oauth2\//],
  ['enrollments', /^\/api\/enrollment\//],
  ['courses', /^\/api\/courses\//],
  ['grades', /^\/api\/grades\//],
  ['certificates', /^\/api\/certificates\//],
  ['accounts', /^\/api\/user\//],
  ['mappings', /^\/api\/third_party_auth\//],
];

function countCalls(calls: SandboxRequest[]): Record<string, number> {
  const asked = calls.filter((call) => !call.path.startsWith('/_sandbox'));
  const counts = families.map(([name, path]) => [name, asked.filter((call) => path.test(call.path)).length] as const);
  const counted = counts.reduce((sum, [, count]) => sum + count, 0);
  return {
    ...Object.fromEntries(counts.filter(([, count]) => count > 0)),
    ...(counted < asked.length ? { other: asked.length - counted } : {}),
  };
}

/** What a page about these learners needs, as the fields of a graph ask for it: level by level. */
async function readPage({ reads }: ReturnType<typeof connectReads>, usernames: string[]) {
  const loaders = reads.forRequest(request);
  const learners = usernames.map(async (username) => {
    const [enrollments, user, mapping, certificates] = await Promise.all([
      loaders.enrollmentsOf.load(username),
      loaders.lmsUser.load(username),
      loaders.mapping.load(username),
      loaders.certificatesOf.load(username),
    ]);
    const active = enrollments.value.filter((row) => row.isActive);
    const courses = await Promise.all(
      active.map(async ({ courseKey }) => {
        const [run, grade] = await Promise.all([
          loaders.courseRun.load(courseKey),
          loaders.grade.load({ username, courseKey }),
        ]);
        return { run: run.value, grade: grade.value };
      }),
    );
    return { user: user.value, mapping: mapping.value, certificates: certificates.value, courses };
  });
  return Promise.all(learners);
}

describe('calls to the LMS', () => {
  test('the dashboard of one learner with five enrollments', async () => {
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    const [ada] = await readPage(portico, ['ada']);
    expect(ada?.courses).toHaveLength(5);
    expect(ada?.courses.every(({ run, grade }) => run?.title && grade !== undefined)).toBe(true);
    expect(ada).toMatchObject({
      user: { username: 'ada', email: 'ada@example.org' },
      mapping: { username: 'ada', remoteId: 'ada' },
      certificates: [{ status: 'downloadable' }],
    });
    const calls = await lms.calls();
    expect(countCalls(calls)).toEqual({
      token: 1,
      enrollments: 1,
      courses: 1,
      grades: 5,
      certificates: 1,
      accounts: 1,
      mappings: 1,
    });
    const asWorker = calls.filter((call) => call.path.startsWith('/api/'));
    expect(new Set(asWorker.map((call) => call.auth))).toEqual(new Set(['jwt:portico_worker']));
    expect(new Set(calls.map((call) => call.purpose))).toEqual(new Set(['request']));
    await lms.forgetCalls();
    await readPage(portico, ['ADA']);
    expect(countCalls(await lms.calls())).toEqual({});
  });

  test('a page of 100 learners with five enrollments each in twenty course runs', async () => {
    await lms.seed({ users: 200, courses: 20, enrollmentsPerUser: 5, seed: 7 });
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    const usernames = Array.from({ length: 100 }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
    const page = await readPage(portico, usernames);
    expect(page.every((learner) => learner.user && learner.courses.length === 5)).toBe(true);
    expect(page.flatMap((learner) => learner.courses).every(({ run, grade }) => run?.title && grade)).toBe(true);
    expect(countCalls(await lms.calls())).toEqual({
      token: 1,
      // ceil(100/100) lists of names, ceil(500/100) pages each.
      enrollments: 5,
      courses: 1,
      // One scan of one page for each course run: 50 active learners, fewer than a page.
      grades: 20,
      certificates: 100,
      // Each account takes the LMS its time: short lists side by side, no more than it works on at once.
      accounts: expect.toSatisfy((calls: number) => calls >= 2 && calls <= 4),
      mappings: 2,
    });
    await lms.forgetCalls();
    await readPage(portico, usernames);
    expect(countCalls(await lms.calls())).toEqual({});
  });

  test('1,000 learners with five enrollments each in twenty course runs, in pages of 200, and then once more', async () => {
    await lms.seed({ users: 1000, courses: 20, enrollmentsPerUser: 5, seed: 7 });
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    const usernames = Array.from({ length: 1000 }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
    const readAll = async (what: { users: boolean }) => {
      for (let from = 0; from < 1000; from += 200) {
        const page = usernames.slice(from, from + 200);
        const loaders = portico.reads.forRequest(request);
        const rows = await loaders.enrollmentsOf.loadMany(page);
        const keys = rows.flatMap((each) => (each instanceof Error ? [] : each.value));
        expect(keys).toHaveLength(1000);
        const [runs, grades, mappings, users] = await Promise.all([
          loaders.courseRun.loadMany(keys.map(({ courseKey }) => courseKey)),
          loaders.grade.loadMany(keys),
          loaders.mapping.loadMany(page),
          what.users ? loaders.lmsUser.loadMany(page) : [],
        ]);
        const all = [...rows, ...runs, ...grades, ...mappings, ...users];
        expect(all.find((each) => each instanceof Error || each.value === undefined)).toBeUndefined();
      }
    };
    await readAll({ users: false });
    const withoutUsers = countCalls(await lms.calls());
    // Each run has 250 learners: two pages of 200, or a larger one.
    const grades = expect.toSatisfy((calls: number) => calls >= 20 && calls <= 40);
    expect(withoutUsers).toEqual({ token: 1, enrollments: 50, courses: 1, grades, mappings: 20 });
    await readAll({ users: true });
    const accounts = expect.toSatisfy((calls: number) => calls >= 20 && calls <= 40);
    expect(countCalls(await lms.calls())).toEqual({ ...withoutUsers, accounts });
    await lms.forgetCalls();
    await readAll({ users: true });
    expect(countCalls(await lms.calls())).toEqual({});
  });

  test('requests at the same time share what they want in common', async () => {
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    await Promise.all(Array.from({ length: 10 }, () => readPage(portico, ['ada'])));
    expect(countCalls(await lms.calls())).toMatchObject({
      token: 1,
      enrollments: 1,
      courses: 1,
      grades: 5,
      accounts: 1,
    });
  });

  test('an older LMS, which ignores filters, costs more calls and gives the same answers', async () => {
    await lms.seed({ users: 150, courses: 20, enrollmentsPerUser: 3, seed: 7 });
    await using portico = connectReads(lms.url);
    const [before] = await readPage(portico, ['ada']);
    await lms.settings({ oldRelease: true });
    await using older = connectReads(lms.url);
    const [after] = await readPage(older, ['ada']);
    expect(after?.courses).toEqual(before?.courses);
    const usernames = ['ada', 'learner00001', 'learner00002'];
    const courseKeys = (before?.courses ?? []).flatMap(({ run }) => (run ? [run.courseKey] : []));
    const rows = await older.api.listEnrollments({ usernames, courseKeys }, request);
    expect(rows.every((row) => usernames.includes(row.username) && courseKeys.includes(row.courseKey))).toBe(true);
    expect(rows.filter((row) => row.username === 'ada')).toHaveLength(5);
  });

  test('next links that name a host inside are followed by their cursor alone', async () => {
    await lms.seed({ users: 100, courses: 20, enrollmentsPerUser: 5, seed: 7 });
    await lms.settings({ nextHost: 'lms.internal:8000' });
    await using portico = connectReads(lms.url);
    const usernames = Array.from({ length: 100 }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
    const rows = await portico.api.listEnrollments({ usernames }, { purpose: 'job' });
    expect(rows).toHaveLength(500);
    expect(new Set(rows.map((row) => `${row.username} ${row.courseKey}`)).size).toBe(500);
  });

  test('the whole catalog is read page by page', async () => {
    await lms.seed({ users: 1, courses: 230, enrollmentsPerUser: 1, seed: 7 });
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    const { runs } = await portico.api.readCatalogue({ purpose: 'job' });
    expect(new Set(runs.map((run) => run.courseKey)).size).toBe(250);
    expect(countCalls(await lms.calls())).toMatchObject({ courses: 3 });
  });

  test('the LMS never refuses a call for its throttle, however many learners are wanted', async () => {
    await lms.seed({ users: 300, courses: 20, enrollmentsPerUser: 5, seed: 7 });
    await using portico = connectReads(lms.url);
    await lms.forgetCalls();
    const names = Array.from({ length: 300 }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
    const reads = names.map((name) => portico.api.listEnrollments({ usernames: [name] }, request));
    const outcomes = await Promise.allSettled(reads);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(110);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ why: 'throttled', mayHaveHappened: false });
    const calls = await lms.calls();
    expect(calls.filter((call) => call.status === 429)).toEqual([]);
    // The shared counter closes the course list; single reads of runs are not counted.
    expect(
      await portico.api.courses(
        { courseKeys: ['course-v1:edX+DemoX+Demo_Course', 'course-v1:edX+E2E-101+course'] },
        request,
      ),
    ).toHaveLength(2);
  });
});
