import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectReads, startSandboxLms } from './sandbox-lms.js';

const job = { purpose: 'job' } as const;
const env = { EDX_API_CLIENT_TIMEOUT: '1' };
const courseKey = 'course-v1:DemoU+PHYS101+2026_T1';

let lms: Awaited<ReturnType<typeof startSandboxLms>>;
beforeAll(async () => {
  lms = await startSandboxLms();
});
beforeEach(() => lms.reset());
afterEach(() => lms.noFaults());
afterAll(() => lms[Symbol.asyncDispose]());

type Portico = ReturnType<typeof connectReads>;

const enroll = ({ api }: Portico) =>
  api.postEnrollment({ username: 'ada', courseKey, isActive: true, mode: 'audit' }, job);
const register = ({ api }: Portico) =>
  api.registerUser(
    {
      username: 'newcomer',
      email: 'newcomer@example.org',
      name: 'New Comer',
      password: 'a-long-passphrase-9',
      honorCode: true,
    },
    job,
  );
const hasEnrolled = async ({ api }: Portico) => (await api.readEnrollment('ada', courseKey, job)) !== undefined;
const hasRegistered = async ({ api }: Portico) => (await api.accountByEmail('newcomer@example.org', job)) !== undefined;

const writes = [
  ['an enrollment', '/api/enrollment/v1/enrollment', enroll, hasEnrolled, 'credentials'],
  ['a registration', '/user_api/v1/account/registration/', register, hasRegistered, 'throttled'],
] as const;

/** The word of the error, whether the write may have happened, and whether it has. */
const faults: [mode: string, why: string, mayHaveHappened: boolean, hasHappened: boolean][] = [
  ['down', 'server-error', true, false],
  ['html500', 'server-error', true, false],
  ['refused', 'unreachable', true, false],
  ['reset', 'unreachable', true, false],
  ['hang', 'timeout', true, false],
  ['lost-answer', 'unreachable', true, true],
  ['truncate', 'bad-answer', true, true],
  ['wrong-json', 'bad-answer', true, true],
  ['wrong-types', 'bad-answer', true, true],
];

describe.each(writes)('%s', (_name, match, write, hasHappened, forbiddenMeans) => {
  test.each(faults)(
    'in mode %s is sent once, and its error tells whether to look before repeating it',
    async (mode, why, may, has) => {
      await using portico = connectReads(lms.url, env);
      await portico.api.accountByEmail('nobody@example.org', job);
      await lms.forgetCalls();
      await lms.faults({ match, mode, method: 'POST', times: 1000 });
      await expect(write(portico)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', why, mayHaveHappened: may });
      const posts = (await lms.calls()).filter((call) => call.method === 'POST' && call.path === match);
      expect(posts).toHaveLength(1);
      expect(await hasHappened(portico)).toBe(has);
    },
  );

  test.each([
    ['throttle', 'throttled'],
    ['forbidden', forbiddenMeans],
  ])('in mode %s cannot have happened', async (mode, why) => {
    await using portico = connectReads(lms.url, env);
    await lms.faults({ match, mode, method: 'POST', times: 1000, ms: 60_000 });
    await expect(write(portico)).rejects.toMatchObject({ why, mayHaveHappened: false });
    await lms.noFaults();
    await using later = connectReads(lms.url, env);
    expect(await hasHappened(later)).toBe(false);
  });
});

describe('enrollments that the LMS refuses', () => {
  test.each([
    ['course-v1:OpenSchool+CLOSED+2020', undefined, 'enrollment-closed'],
    ['course-v1:OpenSchool+FUTURE+2099', undefined, 'enrollment-not-open'],
    ['course-v1:OpenSchool+INVITE+2026', undefined, 'invitation-only'],
    ['course-v1:OpenSchool+ETHICS+2024', 'verified', 'mode-unavailable'],
    ['course-v1:No+Such+Run', undefined, 'course-unknown'],
  ])('%s, mode %s: %s', async (key, mode, code) => {
    await using portico = connectReads(lms.url, env);
    const outcome = await portico.api.postEnrollment({ username: 'sam', courseKey: key, isActive: true, mode }, job);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  test('of someone who has no account there', async () => {
    await using portico = connectReads(lms.url, env);
    const outcome = await portico.api.postEnrollment({ username: 'grace', courseKey, isActive: true }, job);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'user-unknown' } });
  });

  test('enrolling, changing the mode and ending it', async () => {
    await using portico = connectReads(lms.url, env);
    const write = (changes: { mode?: string; isActive: boolean }) =>
      portico.api.postEnrollment({ username: 'ada', courseKey, ...changes }, job);
    expect(await write({ isActive: true })).toMatchObject({
      enrollment: { username: 'ada', courseKey, mode: 'audit', isActive: true },
    });
    expect(await write({ isActive: true, mode: 'verified' })).toMatchObject({
      enrollment: { mode: 'verified', isActive: true },
    });
    expect(await write({ isActive: false })).toMatchObject({ enrollment: { mode: 'verified', isActive: false } });
    expect(await portico.api.readEnrollment('ada', courseKey, job)).toMatchObject({ isActive: false });
  });
});
