import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LmsApi } from '../../../src/datasources/lms/lms-api.js';
import type { RecordedExchange } from '../../contract/recordings/exchange.js';
import { parseRecording } from '../../contract/recordings/parse-recording.js';
import { connectLms, startScriptedLms } from './scripted-lms.js';

const options = { purpose: 'job' } as const;
const env = {
  OPENEDX_SERVICE_WORKER_API_TOKEN: 'static',
  OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
};
const form = {
  username: 'u',
  email: 'u@example.org',
  name: 'U',
  honorCode: true,
  provider: 'ol-oauth2',
  accessToken: 't',
};
const demo = 'course-v1:edX+DemoX+Demo_Course';

const recordings = new Map<string, RecordedExchange[]>();
function recorded(file: string, heading: string): RecordedExchange {
  const known = recordings.get(file);
  const folder = new URL('../../fixtures/transcripts/', import.meta.url);
  const all = known ?? parseRecording(file, readFileSync(new URL(`${file}.md`, folder), 'utf8'));
  recordings.set(file, all);
  const found = all.find((exchange) => exchange.heading === heading);
  if (!found) throw new Error(`${file} has no recording "${heading}"`);
  return found;
}

/** Marks of the recording's editor for bodies that were left out. */
const isElided = (body: string | null) =>
  body === null || body.startsWith('(empty body') || body.startsWith('<HTML page');

/**
 * Lets the client ask an LMS that answers as recorded: each path with the exchange that was recorded for it.
 *
 * @returns what the client made of it, or the error; and what it asked
 */
async function ask<T>(exchanges: RecordedExchange | RecordedExchange[], call: (api: LmsApi) => Promise<T>) {
  const answers = [exchanges].flat();
  await using lms = await startScriptedLms((seen, response) => {
    const pathOf = (target: string) => decodeURIComponent(target.split('?')[0] ?? '');
    const match = answers.find(
      ({ request }) => request.method === seen.method && pathOf(request.target) === pathOf(seen.url),
    );
    if (!match) return void response.writeHead(599).end();
    const { status, headers, body } = match.answer;
    const given = headers.map(([name, value]) => [name.toLowerCase(), value]);
    const isEmpty = body === null || body.startsWith('(empty body');
    const types = isEmpty ? {} : { 'content-type': 'application/json' };
    const { 'content-length': _length, 'set-cookie': _cookie, ...rest } = { ...types, ...Object.fromEntries(given) };
    response.writeHead(status, rest).end(isElided(body) && isEmpty ? '' : body);
  });
  await using portico = connectLms(lms.url, { env });
  const outcome = await call(portico.api).catch((error: unknown) => error);
  return { outcome, asked: lms.seen };
}

describe('registration', () => {
  const cases: [file: string, heading: string, expected: object][] = [
    ['b-registration', 'plain success', { kind: 'created', username: 'plain11185', userId: 289 }],
    [
      'b-registration',
      "provider + access_token, e-mail equal to the provider's",
      { kind: 'created', username: 'reg11185', userId: 292 },
    ],
    [
      'b-registration',
      'token rejected by the provider (401)',
      { kind: 'link-refused', code: 'tpa-invalid-access-token' },
    ],
    ['b-registration', 'no access_token', { kind: 'link-refused', code: 'tpa-missing-access-token' }],
    ['b-registration', 'provider uid linked already', { kind: 'link-refused', code: 'tpa-token-already-associated' }],
    ['b-registration', 'unknown provider name', { why: 'server-error', mayHaveHappened: true }],
    [
      'b1-registration-errors',
      'duplicate e-mail',
      { kind: 'duplicate', email: true, username: false, suggestions: [] },
    ],
    [
      'b1-registration-errors',
      'duplicate username',
      { kind: 'duplicate', email: false, username: true, suggestions: ['alice_2', 'alice_56', 'alice_904'] },
    ],
    [
      'b1-registration-errors',
      'both',
      { kind: 'duplicate', email: true, username: true, suggestions: ['alice_4', 'alice_36', 'alice_707'] },
    ],
    [
      'b1-registration-errors',
      'retired username',
      { kind: 'duplicate', email: false, username: true, suggestions: [] },
    ],
    [
      'b1-registration-errors',
      'username of 31 characters',
      {
        kind: 'invalid',
        code: 'validation-error',
        fields: { username: ['Username must be between 2 and 30 characters long.'] },
      },
    ],
    [
      'b1-registration-errors',
      'lower-case country',
      { kind: 'invalid', code: 'invalid-country', fields: { country: ['Select your country or region of residence'] } },
    ],
    [
      'b1-registration-errors',
      'refused (60 POSTs per address and 7 days, all answers counted)',
      { why: 'throttled', status: 403, mayHaveHappened: false },
    ],
  ];
  test.each(cases)('%s: %s', async (file, heading, expected) => {
    const { outcome, asked } = await ask(recorded(file, heading), (api) => api.registerUser(form, options));
    expect(outcome).toMatchObject(expected);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ url: '/user_api/v1/account/registration/' });
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  });

  test('all failing fields are named at once', async () => {
    const { outcome } = await ask(recorded('b1-registration-errors', 'everything missing'), (api) =>
      api.registerUser(form, options),
    );
    expect(Object.keys((outcome as { fields: object }).fields)).toEqual([
      'username',
      'email',
      'password',
      'name',
      'terms_of_service',
      'honor_code',
    ]);
  });

  test('the form says what was agreed to, and nothing that is unknown', async () => {
    const { asked } = await ask(recorded('b-registration', 'plain success'), (api) =>
      api.registerUser({ username: 'u', email: 'u@x', name: 'U', honorCode: false, yearOfBirth: 1990 }, options),
    );
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      username: 'u',
      email: 'u@x',
      name: 'U',
      year_of_birth: '1990',
    });
  });

  test('plain text 403: registration is closed, which an operator must change', async () => {
    const exchange = recorded('b-registration', 'plain success');
    const answer = {
      status: 403,
      headers: [['Content-Type', 'text/plain'] as const],
      body: 'Account creation not allowed.',
    };
    const { outcome } = await ask({ ...exchange, answer }, (api) => api.registerUser(form, options));
    expect(outcome).toMatchObject({ why: 'credentials', status: 403, mayHaveHappened: false });
  });

  test('validation: decisions by field with suggestions, and its own limit', async () => {
    const fields = { username: 'alice', email: 'alice@example.com' };
    const taken = await ask(recorded('b2-registration-validation', 'taken values'), (api) =>
      api.validateRegistration(fields, options),
    );
    expect(taken.outcome).toEqual({
      decisions: {
        username: 'It looks like this username is already taken',
        email: 'This email is already associated with an existing account',
      },
      suggestions: ['alice_9', 'alice_19', 'alice_451'],
    });
    const over = await ask(
      recorded('b2-registration-validation', 'over the limit (30 POSTs per address and 7 days)'),
      (api) => api.validateRegistration(fields, options),
    );
    expect(over.outcome).toMatchObject({ why: 'throttled', status: 403 });
  });
});

describe('enrollments', () => {
  test('the list: rows with inactive ones, in our words', async () => {
    const { outcome, asked } = await ask(
      recorded('d-enrollment-list', 'course_id and usernames: inactive rows are included'),
      (api) => api.listEnrollments({ usernames: ['alice', 'carol'], courseKey: demo }, options),
    );
    expect(outcome).toEqual([
      {
        username: 'carol',
        courseKey: demo,
        mode: 'audit',
        isActive: false,
        createdAt: new Date('2024-03-07T06:03:00Z'),
      },
      {
        username: 'alice',
        courseKey: demo,
        mode: 'verified',
        isActive: true,
        createdAt: new Date('2024-03-07T06:00:00Z'),
      },
    ]);
    expect(asked.map((seen) => seen.url)).toEqual([
      '/api/enrollment/v1/enrollments/?username=alice,carol&course_id=course-v1:edX%2BDemoX%2BDemo_Course&page_size=100',
    ]);
  });

  test('one row, none (an empty 200), and all active ones of a user', async () => {
    const present = await ask(recorded('d2-enrollment-single', 'pair read, enrolled'), (api) =>
      api.readEnrollment('alice', demo, options),
    );
    expect(present.outcome).toMatchObject({ username: 'alice', courseKey: demo, mode: 'verified', isActive: true });
    const absent = await ask(recorded('d2-enrollment-single', 'pair read, no row'), (api) =>
      api.readEnrollment('mallory', demo, options),
    );
    expect(absent.outcome).toBeUndefined();
    const all = await ask(recorded('d2-enrollment-single', 'all active enrollments of one user'), (api) =>
      api.enrollmentsOf('alice', options),
    );
    expect(all.outcome).toHaveLength(3);
  });

  test('details of a course run; an unknown one is none, though the LMS says 400', async () => {
    const courseKey = 'course-v1:MITx+6.00x+2024_T1';
    const known = await ask(recorded('d2-enrollment-single', 'course with an expired mode'), (api) =>
      api.courseDetails(courseKey, options),
    );
    expect(known.outcome).toMatchObject({ courseKey, title: 'Introduction to Programming', isInvitationOnly: false });
    const unknown = await ask(recorded('d2-enrollment-single', 'unknown course'), (api) =>
      api.courseDetails('course-v1:edX+Nope+1', options),
    );
    expect(unknown.outcome).toBeUndefined();
  });

  test('writing one: JSON, the active flag always said, the row as it is now', async () => {
    const { outcome, asked } = await ask(
      recorded('d3-enrollment-write', 'enroll another user (worker, Bearer), no mode'),
      (api) => api.postEnrollment({ username: 'mallory', courseKey: demo, isActive: true }, options),
    );
    expect(outcome).toMatchObject({
      kind: 'enrolled',
      enrollment: { username: 'mallory', mode: 'audit', isActive: true },
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      user: 'mallory',
      course_details: { course_id: demo },
      is_active: true,
    });
  });

  test.each([
    ['unknown user', 'nobody', 'user-unknown', 1],
    ['expired mode on creation', 'bob', 'mode-unavailable', 2],
  ])('refused, %s', async (heading, username, code, calls) => {
    const pair = recorded('d2-enrollment-single', 'pair read, no row');
    const target = `/api/enrollment/v1/enrollment/${username},${demo}`;
    const { outcome, asked } = await ask(
      [recorded('d3-enrollment-write', heading), { ...pair, request: { ...pair.request, target } }],
      (api) => api.postEnrollment({ username, courseKey: demo, isActive: true, mode: 'verified' }, options),
    );
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code } });
    expect(asked).toHaveLength(calls);
  });

  test('a closed course run explains itself, and repeating what is the case already is no refusal', async () => {
    const closed = 'course-v1:edX+Closed+2020';
    const post = recorded('d3-enrollment-write', 'closed enrollment');
    const details = recorded('d2-enrollment-single', 'course detail, anonymous');
    const pair = recorded('d2-enrollment-single', 'pair read, no row');
    const closedDetails = {
      ...details,
      request: { ...details.request, target: `/api/enrollment/v1/course/${closed}` },
      answer: {
        ...details.answer,
        body: JSON.stringify({
          course_id: closed,
          course_name: 'Closed for enrolment',
          enrollment_start: '2019-01-01T00:00:00Z',
          enrollment_end: '2020-02-01T00:00:00Z',
          course_start: null,
          course_end: null,
          invite_only: false,
          course_modes: [],
        }),
      },
    };
    const at = (target: string, exchange: RecordedExchange) => ({
      ...exchange,
      request: { ...exchange.request, target },
    });
    const refused = await ask(
      [post, at(`/api/enrollment/v1/enrollment/mallory,${closed}`, pair), closedDetails],
      (api) => api.postEnrollment({ username: 'mallory', courseKey: closed, isActive: true }, options),
    );
    expect(refused.outcome).toMatchObject({ kind: 'refused', refusal: { code: 'enrollment-closed' } });
    const enrolled = recorded('d2-enrollment-single', 'pair read, enrolled');
    const repeated = await ask(
      [post, at(`/api/enrollment/v1/enrollment/alice,${closed}`, enrolled), closedDetails],
      (api) => api.postEnrollment({ username: 'alice', courseKey: closed, isActive: true }, options),
    );
    expect(repeated.outcome).toMatchObject({ kind: 'enrolled', enrollment: { isActive: true } });
  });

  test('a worker without staff rights is a problem of credentials, though the LMS says "not found"', async () => {
    const { outcome } = await ask(recorded('d3-enrollment-write', 'somebody else'), (api) =>
      api.postEnrollment({ username: 'alice', courseKey: demo, isActive: true }, options),
    );
    expect(outcome).toMatchObject({ why: 'credentials', mayHaveHappened: false });
  });
});

describe('grades and certificates', () => {
  test('a grade, and the three ways of having none', async () => {
    const grade = await ask(recorded('e-grades', 'one user'), (api) => api.gradesOf(demo, 'alice', options));
    expect(grade.outcome).toEqual({
      username: 'alice',
      courseKey: demo,
      percent: 0.92,
      letterGrade: 'A',
      isPassed: true,
    });
    expect(grade.asked[0]?.url).toBe('/api/grades/v1/courses/course-v1:edX%2BDemoX%2BDemo_Course/?username=alice');
    for (const heading of ['user not enrolled', 'unknown user'])
      expect(
        (await ask(recorded('e-grades', heading), (api) => api.gradesOf(demo, 'kid', options))).outcome,
      ).toBeUndefined();
    const unknown = await ask(recorded('e-grades', 'unknown course'), (api) =>
      api.gradesIn('course-v1:edX+Nope+1', options),
    );
    expect(unknown.outcome).toEqual([]);
  });

  test('nobody may read: credentials', async () => {
    const { outcome } = await ask(recorded('e-grades', "somebody else's grade"), (api) =>
      api.gradesOf(demo, 'bob', options),
    );
    expect(outcome).toMatchObject({ why: 'credentials', status: 403 });
  });

  test('certificates of a learner, with an absolute link; none is an empty list', async () => {
    const { outcome } = await ask(recorded('f-certificates', 'all of a user'), (api) =>
      api.certificatesOf('alice', options),
    );
    expect(outcome).toMatchObject([
      {
        courseKey: demo,
        type: 'verified',
        status: 'downloadable',
        isPassing: true,
        grade: '0.92',
        uuid: 'a'.repeat(32),
      },
    ]);
    const [certificate] = outcome as { downloadUrl: string }[];
    expect(certificate?.downloadUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/certificates\/a{32}$/);
    const none = await ask(recorded('f-certificates', 'user without a passing one'), (api) =>
      api.certificatesOf('bob', options),
    );
    expect(none.outcome).toEqual([]);
  });
});

describe('accounts', () => {
  test('by name: found ones; an empty 404 is nobody', async () => {
    const some = await ask(recorded('g-accounts', 'several, one unknown'), (api) =>
      api.accountsByUsername(['alice', 'bob', 'nobody'], options),
    );
    expect(some.outcome).toMatchObject([
      { username: 'alice', id: 8, email: 'alice@example.com' },
      { username: 'bob', id: 9 },
    ]);
    expect(some.asked[0]?.url).toBe('/api/user/v1/accounts?username=alice,bob,nobody');
    const none = await ask(recorded('g-accounts', 'none found'), (api) => api.accountsByUsername(['nobody'], options));
    expect(none.outcome).toEqual([]);
  });

  test('by address', async () => {
    const none = await ask(recorded('g-accounts', 'unknown e-mail'), (api) =>
      api.accountByEmail('nobody@example.com', options),
    );
    expect(none.outcome).toBeUndefined();
    const { outcome } = await ask(recorded('g-accounts', 'search_emails'), (api) =>
      api.searchEmails(['alice@example.com'], options),
    );
    expect(outcome).toEqual([
      { email: 'alice@example.com', id: 8, username: 'alice' },
      { email: 'bob@example.com', id: 9, username: 'bob' },
    ]);
  });

  test("an update with the learner's token: exactly the media type that the LMS takes", async () => {
    const { outcome, asked } = await ask(recorded('g2-accounts-write', 'own name'), (api) =>
      api.updateAccount('pat', { name: 'Pat B. Person' }, 'token-of-pat', options),
    );
    expect(outcome).toMatchObject({ kind: 'updated', user: { username: 'pat', name: 'Pat B. Person' } });
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/merge-patch+json',
      authorization: 'Bearer token-of-pat',
    });
  });

  test.each([
    [
      'bad name',
      'pat',
      { kind: 'invalid', fields: { name: 'Full Name cannot contain the following characters: < >' } },
    ],
    ['read-only field', 'alice', { kind: 'invalid', fields: { username: "The 'username' field cannot be edited." } }],
    ['by another learner', 'alice', { kind: 'token-refused' }],
  ])('an update that is not taken: %s', async (heading, username, expected) => {
    const { outcome } = await ask(recorded('g2-accounts-write', heading), (api) =>
      api.updateAccount(username, { name: '<x>' }, 'token', options),
    );
    expect(outcome).toEqual(expected);
  });
});

describe('course runs and modes', () => {
  test('a row of the list: dates, plain title, absolute image', async () => {
    const keys = ['course-v1:edX+Closed+2020', 'course-v1:edX+Nope+1'];
    const { outcome, asked } = await ask(recorded('h-courses', 'list, own visibility'), (api) =>
      api.courses({ courseKeys: keys }, options),
    );
    expect(outcome).toEqual([
      {
        courseKey: 'course-v1:edX+Closed+2020',
        title: 'Closed for enrolment',
        org: 'edX',
        number: 'Closed',
        shortDescription: null,
        effort: null,
        start: new Date('2020-01-01T00:00:00Z'),
        end: new Date('2020-12-31T00:00:00Z'),
        enrollmentStart: new Date('2019-01-01T00:00:00Z'),
        enrollmentEnd: new Date('2020-02-01T00:00:00Z'),
        pacing: 'instructor',
        isInvitationOnly: false,
        isHidden: false,
        imageUrl: 'http://localhost:18000/asset-v1:edX+Closed+2020+type@asset+block@images_course_image.jpg',
      },
    ]);
    expect(asked[0]?.url).toContain('username=portico_worker');
  });

  test('an unknown run is none', async () => {
    const exchange = recorded('h-courses', 'unknown course');
    const { outcome } = await ask(
      { ...exchange, request: { ...exchange.request, target: `${exchange.request.target}/` } },
      (api) => api.course('course-v1:edX+Nope+1', options),
    );
    expect(outcome).toBeUndefined();
  });

  test('modes', async () => {
    const { outcome } = await ask(recorded('h-courses', 'course modes'), (api) => api.courseModes(demo, options));
    expect(outcome).toMatchObject([
      { slug: 'audit', minPrice: 0, expiresAt: null },
      {
        slug: 'verified',
        name: 'Verified Certificate',
        minPrice: 49,
        expiresAt: new Date('2099-01-01T00:00:00Z'),
        sku: 'SKU-DEMO-V',
      },
      { slug: 'honor' },
    ]);
  });
});

describe('the ID mapping', () => {
  test('by remote id', async () => {
    const { outcome, asked } = await ask(recorded('i-third-party-auth', 'by remote_id'), (api) =>
      api.mappings({ remoteIds: ['gw-learner002', 'nobody'] }, options),
    );
    expect(outcome).toEqual([{ username: 'learner002', remoteId: 'gw-learner002' }]);
    expect(asked[0]?.url).toBe(
      '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users?remote_id=gw-learner002,nobody&page_size=100',
    );
  });

  test('an LMS that does not know Portico', async () => {
    const exchange = recorded('i-third-party-auth', 'unknown provider');
    const target = '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users';
    const { outcome } = await ask({ ...exchange, request: { ...exchange.request, target } }, (api) =>
      api.mappings({ usernames: ['alice'] }, options),
    );
    expect(outcome).toMatchObject({ code: 'UPSTREAM_REJECTED', status: 404 });
  });
});

describe("learners' tokens", () => {
  const exchange = (api: LmsApi) => api.exchangeCode('code', 'http://localhost:8053/login/_private/complete', options);

  test('a code buys a pair of tokens', async () => {
    const { outcome, asked } = await ask(recorded('a2-authorization-code', 'code exchange, opaque'), exchange);
    expect(outcome).toMatchObject({
      kind: 'granted',
      token: { scheme: 'Bearer', expiresInSeconds: 36000, scope: 'read write' },
    });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'code',
      redirect_uri: 'http://localhost:8053/login/_private/complete',
      client_id: 'portico-code',
      client_secret: 'portico-code-secret',
    });
  });

  test.each([
    ['a2-authorization-code', 'code used a second time', { kind: 'invalid-grant' }],
    ['a2-authorization-code', 'old refresh token again', { kind: 'invalid-grant' }],
    ['a-token', 'wrong secret', { kind: 'misconfigured', code: 'invalid_client' }],
    ['a-token', 'bad scope', { kind: 'misconfigured', code: 'invalid_scope' }],
    ['a-token', 'restricted, opaque', { kind: 'misconfigured', code: 'restricted_application' }],
  ])('%s: %s', async (file, heading, expected) => {
    const { outcome, asked } = await ask(recorded(file, heading), (api) => api.refreshToken('token', options));
    expect(outcome).toEqual(expected);
    expect(asked).toHaveLength(1);
  });
});

test('the heartbeat names its parts', async () => {
  const { outcome } = await ask(recorded('l-generic', 'heartbeat'), (api) => api.heartbeat(options));
  expect(outcome).toEqual({ parts: { modulestore: true, sql: true } });
});
