import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { answerJson, connectLms, type SeenRequest, startScriptedLms } from './scripted-lms.js';

/** What is easily got wrong when reading an LMS, by the numbers of docs/lms-traps.md. */
const request = { purpose: 'request' } as const;
const demo = 'course-v1:edX+DemoX+Demo_Course';
/** A static token, so that no token call is in the way. */
const staticWorker = {
  OPENEDX_SERVICE_WORKER_API_TOKEN: 'static',
  OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
};

type Script = (seen: SeenRequest, response: ServerResponse, count: number) => void;

async function withLms(script: Script, env: Record<string, string> = staticWorker) {
  let count = 0;
  const lms = await startScriptedLms((seen, response) => {
    count += 1;
    script(seen, response, count);
  });
  const portico = connectLms(lms.url, {
    env: { UPSTREAM_TRY_TIMEOUT: '1500', UPSTREAM_REQUEST_TIMEOUT: '3000', ...env },
  });
  return {
    ...portico,
    urls: () => lms.seen.map(({ url }) => url),
    seen: lms.seen,
    async [Symbol.asyncDispose]() {
      await portico[Symbol.asyncDispose]();
      await lms[Symbol.asyncDispose]();
    },
  };
}

const empty: Script = (_seen, response) => answerJson(response, 200, { next: null, previous: null, results: [] });
const enrollmentRow = (user: string, courseKey: string, more: object = {}) => ({
  created: null,
  mode: 'audit',
  is_active: true,
  user,
  course_id: courseKey,
  ...more,
});
const gradeRow = (username: string, percent: number, more: object = {}) => ({
  username,
  email: '',
  course_id: demo,
  passed: false,
  percent,
  letter_grade: null,
  ...more,
});
const courseRow = (courseKey: string, more: object = {}) => ({
  course_id: courseKey,
  id: courseKey,
  name: 'Demo',
  org: 'edX',
  number: 'DemoX',
  short_description: null,
  effort: null,
  start: null,
  start_type: 'empty',
  end: null,
  enrollment_start: null,
  enrollment_end: null,
  pacing: 'self',
  invitation_only: false,
  hidden: false,
  media: { course_image: { uri: null } },
  ...more,
});

test('trap 1: a plus of a key is encoded in queries and paths, and slashes of old keys stay', async () => {
  await using lms = await withLms(empty);
  await lms.api.listEnrollments({ courseKey: demo }, request);
  await lms.api.gradesIn('edX/DemoX/Demo_Course', request);
  await lms.api.gradesIn(demo, request);
  const [list = '', old = '', modern = ''] = lms.urls();
  expect(list).toContain('course_id=course-v1:edX%2BDemoX%2BDemo_Course');
  expect(old).toContain('/courses/edX/DemoX/Demo_Course/');
  expect(modern).toContain('/courses/course-v1:edX%2BDemoX%2BDemo_Course/');
});

test('trap 2: each path has the slash at its end that its view wants, and none that it does not', async () => {
  await using lms = await withLms((seen, response) =>
    seen.url.includes('/grades/') || seen.url.includes('/enrollments/')
      ? empty(seen, response, 0)
      : answerJson(response, 200, []),
  );
  await lms.api.listEnrollments({ courseKey: demo }, request);
  await lms.api.enrollmentsOf('ann', request);
  await lms.api.gradesIn(demo, request);
  await lms.api.certificatesOf('ann', request);
  await lms.api.courseModes(demo, request);
  await lms.api.accountsByUsername(['ann'], request);
  expect(lms.urls().map((url) => new URL(url, 'http://lms').pathname.replace(/course-v1[^/]*/, 'KEY'))).toEqual([
    '/api/enrollment/v1/enrollments/',
    '/api/enrollment/v1/enrollment',
    '/api/grades/v1/courses/KEY/',
    '/api/certificates/v0/certificates/ann/',
    '/api/course_modes/v1/courses/KEY/',
    '/api/user/v1/accounts',
  ]);
});

test('trap 3: an empty 200 is no enrollment, and no broken answer', async () => {
  await using lms = await withLms((_seen, response) => response.writeHead(200).end());
  expect(await lms.api.readEnrollment('ann', demo, request)).toBeUndefined();
});

test('trap 4: inactive rows of the list are told as such, and of a scan learners are missing who get a single read', async () => {
  await using lms = await withLms((seen, response) => {
    if (seen.url.includes('/enrollment/'))
      return answerJson(response, 200, { next: null, results: [enrollmentRow('ann', demo, { is_active: false })] });
    if (seen.url.includes('username=')) return answerJson(response, 200, [gradeRow('u0', 0.4)]);
    answerJson(response, 200, {
      next: null,
      results: Array.from({ length: 39 }, (_, at) => gradeRow(`u${at + 1}`, 1)),
    });
  });
  expect(await lms.api.listEnrollments({ usernames: ['ann'] }, request)).toMatchObject([{ isActive: false }]);
  const keys = Array.from({ length: 40 }, (_, at) => ({ username: `u${at}`, courseKey: demo }));
  await lms.api.gradesIn(demo, request);
  const answers = await lms.api.keyed.readGrades(keys, request);
  expect(answers.get(`u0 ${demo}`)).toMatchObject({ value: { percent: 0.4 } });
  expect(lms.urls().filter((url) => url.includes('username=u'))).toEqual([expect.stringContaining('username=u0')]);
});

test('trap 5: a 404 that hides a 403 is no "there is none": the service worker lacks rights', async () => {
  await using lms = await withLms((_seen, response) => response.writeHead(404).end());
  await expect(lms.api.readEnrollment('ann', demo, request)).rejects.toMatchObject({ upstream: 'lms' });
  await expect(lms.api.searchEmails(['ann@example.org'], request)).rejects.toMatchObject({ upstream: 'lms' });
});

test('trap 10: the filter by several runs matches parts of keys; what it adds is dropped', async () => {
  const [one, ten] = ['course-v1:Org+C+R1', 'course-v1:Org+C+R10'];
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 200, { next: null, results: [enrollmentRow('ann', one), enrollmentRow('ann', ten)] }),
  );
  const rows = await lms.api.listEnrollments({ usernames: ['ann'], courseKeys: [one, 'course-v1:Org+D+R1'] }, request);
  expect(rows.map(({ courseKey }) => courseKey)).toEqual([one]);
});

test('trap 11: one name that the LMS refuses fails the list; the others are found by halves, it by itself', async () => {
  await using lms = await withLms((seen, response) => {
    const { searchParams } = new URL(seen.url, 'http://lms');
    const names = searchParams.get('username')?.split(',') ?? [];
    if (searchParams.has('user')) return answerJson(response, 200, []);
    if (names.includes('strange'))
      return answerJson(response, 400, { field_errors: { username: { developer_message: 'no' } } });
    answerJson(response, 200, { next: null, results: names.map((name) => enrollmentRow(name, demo)) });
  });
  const names = ['a', 'b', 'c', 'strange', 'd', 'user@host'];
  const answers = await lms.api.keyed.readEnrollmentsOfUsers(names, request);
  for (const name of ['a', 'b', 'c', 'd']) expect(answers.get(name)).toMatchObject({ value: [{ username: name }] });
  for (const name of ['strange', 'user@host']) expect(answers.get(name)).toEqual({ value: [] });
  expect(lms.urls().every((url) => !/username=(,|&|$)|,,|,&/.test(url))).toBe(true);
});

test('trap 12: a row that comes twice is one, and pages that do not end are given up', async () => {
  await using twice = await withLms((_seen, response, count) =>
    answerJson(response, 200, {
      next: count === 1 ? 'http://lms/x?cursor=b' : null,
      results: [enrollmentRow('ann', demo)],
    }),
  );
  expect(await twice.api.listEnrollments({ courseKey: demo }, request)).toHaveLength(1);
  await using endless = await withLms((_seen, response) =>
    answerJson(response, 200, { next: 'http://lms/x?cursor=same', results: [enrollmentRow('ann', demo)] }),
  );
  await expect(endless.api.listEnrollments({ courseKey: demo }, request)).rejects.toMatchObject({ why: 'bad-answer' });
  expect(endless.seen.length).toBeLessThan(4);
});

test('traps 13, 14, 15: percent is 0..1, or more with extra credit; passed is what is stored; an e-mail address is not read', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 200, [gradeRow('ann', 0.29, { passed: true, letter_grade: 'Pass' })]),
  );
  const grade = await lms.api.gradesOf(demo, 'ann', request);
  expect(grade).toEqual({ username: 'ann', courseKey: demo, percent: 0.29, letterGrade: 'Pass', isPassed: true });
});

test('trap 16: course runs are read with the view of the service worker, never of an anonymous one', async () => {
  await using lms = await withLms((seen, response) =>
    seen.url.includes('course_keys')
      ? answerJson(response, 200, { results: [], pagination: { next: null, previous: null, count: 0, num_pages: 1 } })
      : answerJson(response, 200, courseRow(demo)),
  );
  await lms.api.keyed.readCourses([demo], request);
  await lms.api.keyed.readCourses([demo, 'course-v1:a+b+c'], request);
  expect(lms.urls()).toHaveLength(2);
  for (const url of lms.urls()) expect(url).toMatch(/[?&]username=portico_worker(&|$)/);
});

test('trap 17: names of the course list are unescaped to plain text', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 200, courseRow(demo, { name: 'A &lt;b&gt; C' })),
  );
  expect(await lms.api.course(demo, request)).toMatchObject({ title: 'A <b> C' });
});

test('traps 18, 19: the worker comes with a JWT as JWT, and one that is refused for its user is a problem of credentials', async () => {
  await using lms = await withLms((seen, response) => {
    if (seen.url.startsWith('/oauth2/'))
      return answerJson(response, 200, { access_token: 'jwt-1', token_type: 'JWT', expires_in: 3600 });
    answerJson(response, 401, { error_code: 'user_not_active', developer_message: 'no' });
  }, {});
  await expect(lms.api.certificatesOf('ann', request)).rejects.toMatchObject({ why: 'credentials' });
  const [, first] = lms.seen;
  expect(first?.headers.authorization).toBe('JWT jwt-1');
});

test('trap 20: a service worker that is not staff is a problem of credentials, not an empty list', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 403, { developer_message: 'You do not have permission to perform this action.' }),
  );
  await expect(lms.api.listEnrollments({ courseKey: demo }, request)).rejects.toMatchObject({ why: 'credentials' });
});

test('trap 21: a refusal without Retry-After says in its text how long to wait', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 429, { developer_message: 'Request was throttled. Expected available in 55 seconds.' }),
  );
  const refused = lms.api.listEnrollments({ courseKey: demo }, request);
  await expect(refused).rejects.toMatchObject({ why: 'throttled', retryAfterSeconds: 55 });
  expect(lms.seen).toHaveLength(1);
});

test('trap 22: the course list counts with enrollments: after many of them runs are read singly', async () => {
  await using lms = await withLms((seen, response) =>
    seen.url.includes('/enrollments/') ? empty(seen, response, 0) : answerJson(response, 200, courseRow(demo)),
  );
  for (let call = 0; call < 45; call += 1) await lms.api.listEnrollments({ courseKey: demo }, request);
  const keys = Array.from({ length: 20 }, (_, at) => `course-v1:a+b+c${at}`);
  await lms.api.keyed.readCourses(keys, request);
  expect(lms.urls().filter((url) => url.includes('course_keys'))).toEqual([]);
  expect(lms.urls().filter((url) => url.startsWith('/api/courses/'))).toHaveLength(20);
});

test('trap 23: HTML is never parsed and never shown', async () => {
  await using lms = await withLms((_seen, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>secret of the LMS</html>'),
  );
  const error = await lms.api.gradesOf(demo, 'ann', request).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ upstream: 'lms' });
  expect(JSON.stringify(error) + String(error)).not.toContain('secret');
});

test('trap 24: a key that the LMS cannot parse is not asked for', async () => {
  await using lms = await withLms(empty);
  const odd = 'course-v1:a+b+c d';
  const { keyed } = lms.api;
  expect(await keyed.readCourses([odd], request)).toEqual(new Map([[odd, { value: undefined }]]));
  expect(await keyed.readCourseModes([odd], request)).toEqual(new Map([[odd, { value: [] }]]));
  const pairs = await keyed.readEnrollmentPairs([{ username: 'ann', courseKey: odd }], request);
  expect([...pairs.values()]).toEqual([{ value: undefined }]);
  expect(await lms.api.listEnrollments({ courseKey: odd }, request)).toEqual([]);
  expect(lms.seen).toEqual([]);
});

test('trap 25: bodies are arrays where the LMS has them so: single grades, certificates, grades of an old release', async () => {
  await using lms = await withLms((seen, response) =>
    answerJson(response, 200, seen.url.includes('/grades/') ? [gradeRow('ann', 0.5)] : []),
  );
  expect(await lms.api.gradesIn(demo, request)).toMatchObject([{ username: 'ann' }]);
  expect(await lms.api.certificatesOf('ann', request)).toEqual([]);
});

test('trap 27: what the LMS leaves null is null; a start that nobody set is none', async () => {
  await using lms = await withLms((seen, response) =>
    answerJson(
      response,
      200,
      seen.url.includes('/courses/v1/')
        ? courseRow(demo, { start: '2030-01-01T00:00:00Z', start_type: 'empty', name: 'Demo' })
        : { next: null, results: [enrollmentRow('ann', demo)] },
    ),
  );
  expect(await lms.api.course(demo, request)).toMatchObject({ start: null, effort: null, shortDescription: null });
  expect(await lms.api.listEnrollments({ usernames: ['ann'] }, request)).toMatchObject([{ createdAt: null }]);
});

test('trap 28: relative links of certificates lead to the LMS', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 200, [
      {
        username: 'ann',
        course_id: demo,
        certificate_type: 'verified',
        created_date: '2026-01-01T00:00:00Z',
        modified_date: '2026-01-01T00:00:00Z',
        status: 'downloadable',
        is_passing: true,
        download_url: '/certificates/0123',
        grade: '0.9',
        uuid: '0123',
      },
    ]),
  );
  const [certificate] = await lms.api.certificatesOf('ann', request);
  expect(certificate?.downloadUrl).toBe(`${lms.client.browserUrl}/certificates/0123`);
});

test('trap 29: of a next link only the cursor is taken, whatever host it names', async () => {
  await using lms = await withLms((_seen, response, count) =>
    answerJson(response, 200, {
      next: count === 1 ? 'http://evil.internal:1/api/enrollment/v1/enrollments/?cursor=cD0y&username=all' : null,
      results: [],
    }),
  );
  await lms.api.listEnrollments({ courseKey: demo }, request);
  expect(lms.urls()).toHaveLength(2);
  expect(lms.urls()[1]).toMatch(/course_id=.*cursor=cD0y/);
  expect(lms.urls()[1]).not.toContain('username=');
});

test('trap 30: names in paths are encoded, and the comma before the course key stays', async () => {
  await using lms = await withLms((_seen, response) => response.writeHead(200).end());
  await lms.api.readEnrollment('ann b@x+y', demo, request);
  expect(lms.urls()).toEqual(['/api/enrollment/v1/enrollment/ann%20b%40x%2By,course-v1:edX%2BDemoX%2BDemo_Course']);
});

test('trap 31: the ID mapping is asked in pages of a hundred, and accounts are told apart by name, not by place', async () => {
  await using lms = await withLms((seen, response) =>
    seen.url.includes('third_party_auth')
      ? answerJson(response, 200, { count: 0, num_pages: 1, next: null, previous: null, results: [] })
      : answerJson(response, 200, [{ username: 'Bob' }, { username: 'ann' }]),
  );
  await lms.api.mappings({ usernames: ['ann'] }, request);
  expect(lms.urls()[0]).toContain('page_size=100');
  const answers = await lms.api.keyed.readAccounts(['ann', 'bob'], request);
  expect(answers.get('ann')).toMatchObject({ value: { username: 'ann' } });
  expect(answers.get('bob')).toMatchObject({ value: { username: 'Bob' } });
});

test('traps 34, 35, 36: a request is built from scratch, asks for JSON, and sends back no cookie', async () => {
  await using lms = await withLms((_seen, response) =>
    answerJson(response, 200, [], { 'set-cookie': 'sessionid=abc; HttpOnly; Path=/' }),
  );
  await lms.api.certificatesOf('ann', request);
  await lms.api.certificatesOf('bob', request);
  expect(lms.urls().every((url) => !url.includes('?'))).toBe(true);
  for (const { headers } of lms.seen) {
    expect(headers.accept).toBe('application/json');
    expect(headers.cookie).toBeUndefined();
  }
});
