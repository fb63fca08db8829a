import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { TEST_SANDBOX } from './credentials.js';
import { changeSettings, seed, WORKER, workerEnrolls, workerJwt, workerReads } from './learner-client.js';

interface Page {
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly { readonly user: string; readonly course_id: string; readonly created: string }[];
}

const LIST = '/api/enrollment/v1/enrollments/';
const DEMO_X = 'course-v1:edX+DemoX+Demo_Course';

async function startRecorded(): Promise<RunningSandbox> {
  const sandbox = await startSandbox(TEST_SANDBOX);
  const file = new URL('../fixtures/transcripts/population.json', import.meta.url);
  await seed(sandbox, { population: JSON.parse(readFileSync(file, 'utf8')) });
  return sandbox;
}

async function usersIn(sandbox: RunningSandbox, query: string): Promise<string[]> {
  const { results } = await workerReads<Page>(sandbox, `${LIST}?${query}`);
  return results.map(({ user, course_id }) => `${user} ${course_id.split('+')[1]}`);
}

/** Follows `next` from a first page to the end. */
async function scan(
  sandbox: RunningSandbox,
  query: string,
  between: () => Promise<unknown> = async () => {},
): Promise<Page[]> {
  const pages = [await workerReads<Page>(sandbox, `${LIST}?${query}`)];
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) {
    await between();
    pages.push(await workerReads<Page>(sandbox, new URL(next).pathname + new URL(next).search));
  }
  return pages;
}

function keysOf(pages: readonly Page[]): string[] {
  return pages.flatMap(({ results }) => results.map(({ user, course_id }) => `${user} ${course_id}`));
}

describe('the filters of the enrollment list', () => {
  test.each([
    ['a repeated username counts once, the last', 'username=alice&username=bob', ['bob DemoX']],
    [
      'addresses are not trimmed',
      'email=alice@example.com,%20bob@example.com',
      ['alice Closed', 'alice 6.00x', 'alice DemoX'],
    ],
    ['a part of a key is enough', 'username=alice&course_ids=DemoX', ['alice DemoX']],
    ['percent signs are literal', 'username=alice&course_ids=%25', []],
    ['an empty part is in every key', 'username=alice&course_ids=,', ['alice Closed', 'alice 6.00x', 'alice DemoX']],
    ['filters are all applied', 'username=alice&email=bob@example.com', []],
  ])('%s', async (_, query, expected) => {
    await using sandbox = await startRecorded();
    expect(await usersIn(sandbox, query)).toEqual(expected);
  });

  test('an empty list of names is no filter, and a blank after a comma is refused', async () => {
    await using sandbox = await startRecorded();
    expect(await usersIn(sandbox, 'username=')).toHaveLength(100);
    expect((await fetch(`${sandbox.lmsUrl}${LIST}?username=alice,%20bob`, { headers: WORKER })).status).toBe(400);
  });
});

describe('cursors', () => {
  test('lead through a course and through a hundred learners without gaps or repeats', async () => {
    await using sandbox = await startRecorded();
    const course = await scan(sandbox, `course_id=${encodeURIComponent(DEMO_X)}&page_size=100`);
    expect([course.length, new Set(keysOf(course)).size]).toEqual([3, 253]);
    const names = Array.from({ length: 100 }, (_, at) => `learner${String(at + 1).padStart(3, '0')}`).join(',');
    const people = await scan(sandbox, `username=${names}&page_size=100`);
    expect([people.length, new Set(keysOf(people)).size]).toEqual([5, 500]);
  });

  test('do not move when somebody enrolls during a scan', async () => {
    await using sandbox = await startRecorded();
    const before = keysOf(await scan(sandbox, 'page_size=100'));
    const newcomers = ['kid', 'pat', 'mallory', 'staffer', 'leaver', 'dave'];
    const pages = await scan(sandbox, 'page_size=100', () =>
      workerEnrolls(sandbox, { user: newcomers.pop(), course_details: { course_id: DEMO_X } }),
    );
    expect(keysOf(pages)).toEqual(before);
    expect(newcomers).toEqual([]);
  });

  test('tell rows apart that were created at the same time, and lead back to the first page', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const ada = sandbox.state.enrollment('ada', DEMO_X);
    if (ada === undefined) throw new Error('ada is not enrolled');
    for (let at = 0; at < 25; at++)
      sandbox.state.putEnrollment({ ...ada, id: 1000 + at, username: `same${at}`, courseKey: DEMO_X });
    const query = `course_id=${encodeURIComponent(DEMO_X)}&page_size=10`;
    const pages = await scan(sandbox, query);
    expect(new Set(keysOf(pages)).size).toBe(26);
    expect(keysOf(pages)).toHaveLength(26);
    const back = pages.at(-1)?.previous ?? '';
    const previous = await workerReads<Page>(sandbox, new URL(back).pathname + new URL(back).search);
    expect(keysOf([previous]).some((key) => keysOf(pages.slice(0, -1)).includes(key))).toBe(true);
  });

  test('carry the host that was set, for lists behind a proxy', async () => {
    await using sandbox = await startRecorded();
    await changeSettings(sandbox, { nextHost: 'internal.example:8000' });
    const { next } = await workerReads<Page>(sandbox, `${LIST}?page_size=1`);
    expect(new URL(next ?? '').host).toBe('internal.example:8000');
  });
});

describe('invitations by e-mail', () => {
  test('open a closed course for the one who was invited, and are used up by them', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const course_id = 'course-v1:OpenSchool+INVITE+2026';
    const enroll = { user: 'sam', course_details: { course_id } };
    expect((await workerEnrolls(sandbox, enroll)).status).toBe(400);
    const headers = { authorization: `JWT ${await workerJwt(sandbox)}`, 'content-type': 'application/json' };
    const invited = await fetch(`${sandbox.lmsUrl}/api/enrollment/v1/enrollment_allowed/`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: 'sam@example.org', course_id }),
    });
    expect(invited.status).toBe(201);
    expect((await workerEnrolls(sandbox, enroll)).body).toMatchObject({ user: 'sam', is_active: true });
    expect([...sandbox.state.enrollmentAllowed.values()]).toMatchObject([{ userId: sandbox.state.user('sam')?.id }]);
  });
});

test('a stranger who was bulk enrolled is in the course as soon as their account is active', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const courses = [DEMO_X, 'course-v1:OpenSchool+CLOSED+2020'];
  const invited = await fetch(`${sandbox.lmsUrl}/api/bulk_enroll/v1/bulk_enroll`, {
    method: 'POST',
    headers: { ...WORKER, 'content-type': 'application/json' },
    body: JSON.stringify({
      identifiers: 'new@example.org',
      courses: courses.join(),
      action: 'enroll',
      auto_enroll: true,
    }),
  });
  expect(invited.status).toBe(200);
  const form = {
    username: 'newcomer',
    email: 'new@example.org',
    name: 'New Comer',
    password: 'Zx9-long-pass',
    honor_code: 'true',
  };
  await fetch(`${sandbox.lmsUrl}/user_api/v1/account/registration/`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  expect(sandbox.state.user('newcomer')?.isActive).toBe(false);
  expect(sandbox.state.enrollment('newcomer', DEMO_X)).toBeUndefined();
  const key = sandbox.state.user('newcomer')?.activationKey;
  await fetch(`${sandbox.lmsUrl}/activate/${key}`, { redirect: 'manual' });
  expect(sandbox.state.enrollmentsByUsername.of('newcomer')).toMatchObject([{ courseKey: DEMO_X, isActive: true }]);
});

describe('a thousand learners with five enrollments each', () => {
  test('are read in fifty calls of a hundred names and a hundred rows', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await seed(sandbox, { users: 1000, courses: 20, enrollmentsPerUser: 5, seed: 3 });
    let calls = 0;
    const found = new Set<string>();
    for (let from = 1; from <= 1000; from += 100) {
      const names = Array.from({ length: 100 }, (_, at) => `learner${String(from + at).padStart(5, '0')}`).join(',');
      const pages = await scan(sandbox, `username=${names}&page_size=100`);
      calls += pages.length;
      for (const key of keysOf(pages)) found.add(key);
    }
    expect([calls, found.size]).toEqual([50, 5000]);
  });
});
