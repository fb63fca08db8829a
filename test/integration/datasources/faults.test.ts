import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LearningLoaders } from '../../../src/datasources/learning-loaders.js';
import { connectReads, startSandboxLms } from './sandbox-lms.js';

const request = { purpose: 'request' } as const;
// Every read before every fault: test/resilience.
/** Short waits: the faults do not pass by waiting. */
const env = { UPSTREAM_TRY_TIMEOUT: '250', UPSTREAM_REQUEST_TIMEOUT: '900' };
const demo = 'course-v1:edX+DemoX+Demo_Course';
const other = 'course-v1:edX+E2E-101+course';

let lms: Awaited<ReturnType<typeof startSandboxLms>>;
beforeAll(async () => {
  lms = await startSandboxLms();
});
afterEach(() => lms.noFaults());
afterAll(() => lms[Symbol.asyncDispose]());

/** Every kind of read, by the name of its loader. */
const reads = {
  enrollmentsOf: (loaders: LearningLoaders) => loaders.enrollmentsOf.load('ada'),
  courseRun: async (loaders: LearningLoaders) =>
    (await Promise.all([loaders.courseRun.load(demo), loaders.courseRun.load(other)]))[0],
  courseModes: (loaders: LearningLoaders) => loaders.courseModes.load(demo),
  grade: (loaders: LearningLoaders) => loaders.grade.load({ username: 'ada', courseKey: demo }),
  certificatesOf: (loaders: LearningLoaders) => loaders.certificatesOf.load('ada'),
  lmsUser: (loaders: LearningLoaders) => loaders.lmsUser.load('ada'),
  mapping: (loaders: LearningLoaders) => loaders.mapping.load('ada'),
};
type Kind = keyof typeof reads;
const kinds = Object.keys(reads) as Kind[];

async function readAll(loaders: LearningLoaders) {
  const settled = await Promise.allSettled(kinds.map((kind) => reads[kind](loaders)));
  return new Map(kinds.map((kind, index) => [kind, settled[index]]));
}

test('a fault that passes is not seen at all', async () => {
  await using portico = connectReads(lms.url, { ...env, UPSTREAM_REQUEST_TIMEOUT: '4000' });
  await portico.api.accountByEmail('nobody@example.org', request);
  for (const mode of ['down', 'reset', 'truncate', 'wrong-json']) {
    await lms.faults({ match: '/api/grades/*', mode, times: 1 });
    const { value, stale } = await portico.reads.forRequest(request).grade.load({ username: 'ada', courseKey: demo });
    expect({ mode, percent: value?.percent, stale }).toMatchObject({ mode, percent: 0.92, stale: false });
    portico.reads.invalidate({ grade: { username: 'ada', courseKey: demo } });
  }
});

test('trouble with one part of the LMS leaves the others alone', async () => {
  await using portico = connectReads(lms.url, env);
  await lms.faults({ match: '/api/grades/*', mode: 'hang', times: 1000 });
  // Five failures in ten seconds open a circuit: three rounds make nine, on a busy machine fewer.
  for (let round = 1; round <= 3 || (portico.client.status().breaker === 'closed' && round <= 12); round += 1) {
    const outcomes = await readAll(portico.reads.forRequest(request));
    expect([...outcomes].filter(([, outcome]) => outcome?.status === 'rejected').map(([kind]) => kind)).toEqual([
      'grade',
    ]);
  }
  expect(portico.client.status()).toMatchObject({
    breaker: 'open',
    breakerWhy: 'timeout',
    breakers: { grades: { state: 'open' } },
  });
});

test('a refused service worker is a problem of credentials everywhere', async () => {
  await lms.settings({ misconfigured: ['worker-not-staff'] });
  await using portico = connectReads(lms.url, env);
  const outcomes = await readAll(portico.reads.forRequest(request));
  for (const kind of ['enrollmentsOf', 'grade', 'certificatesOf', 'mapping'] as const)
    expect.soft(outcomes.get(kind), kind).toMatchObject({ status: 'rejected', reason: { why: 'credentials' } });
  await lms.settings({ misconfigured: [] });
});
