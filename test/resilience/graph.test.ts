import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultMode } from '../../sandbox/lms/rows.js';
import type { LmsOperation } from '../../src/datasources/lms/operations.js';
import { eventually } from '../support/eventually.js';
import { askGraph, type GraphAnswer, type GraphCaller } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../support/graph-site.js';
import type { SandboxRequest } from '../support/sandbox-levers.js';
import { decide } from './decisions.js';
import { modeRows, modes } from './modes.js';
import { operationRows } from './operations.js';

/** A page of the graph while the LMS fails in each way: each part of it has a decided answer. */

const page = `query Page($username: String!) { account(by: { username: $username }) {
  username
  edx { drift lmsUser { name freshness { stale } } address: lmsUser { email freshness { stale } }
    mapping { remoteId freshness { stale } } }
  certificates { status }
  enrollments { freshness { stale } nodes {
    state
    courseRun { courseKey title freshness { stale } }
    grade { percent freshness { stale } }
  } }
} }`;

interface Fresh {
  freshness: { stale: boolean } | null;
}
interface Node {
  state: string;
  courseRun: { courseKey: string; title: string | null } & Fresh;
  grade: ({ percent: number } & Fresh) | null;
}
interface Page {
  account: {
    username: string;
    edx: { drift: string[] | null; lmsUser: Fresh | null; address: Fresh | null; mapping: Fresh | null };
    certificates: unknown[] | null;
    enrollments: ({ nodes: Node[] } & Fresh) | null;
  };
}

/** What each part of the page may be read by; which it was, the sandbox's log tells. */
const readers = {
  enrollments: ['enrollment.list', 'enrollment.list-of-user', 'enrollment.read'],
  title: ['course.list', 'course.read'],
  grade: ['grade.read', 'grade.list'],
  certificates: ['certificate.list'],
  lmsUser: ['account.list'],
  address: ['account.search-emails'],
  mapping: ['mapping.list'],
} as const satisfies Record<string, readonly LmsOperation[]>;
type Part = keyof typeof readers;
const leaves: readonly Part[] = ['title', 'grade', 'certificates', 'lmsUser', 'address', 'mapping'];

/** A gateway, somebody of staff, and learners with one enrollment each, no two in the same course run. */
interface Scene {
  site: GraphSite;
  staff: GraphCaller;
  learners: { username: string; courseKey: string }[];
}

async function openScene(tryMs: number, requestMs: number): Promise<Scene> {
  const site = await startGraphSite({
    env: {
      UPSTREAM_TRY_TIMEOUT: String(tryMs),
      UPSTREAM_REQUEST_TIMEOUT: String(requestMs),
      LMS_ENROLLMENT_CALLS_PER_MINUTE: '100000',
      LMS_COURSE_LIST_CALLS_PER_MINUTE: '100000',
    },
  });
  const staff = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  const count = 3 * modes.length;
  await site.lms.seed({ users: count, courses: count, enrollmentsPerUser: 1, seed: 6 });
  await site.lms.settings({ throttles: false });
  const learners = [...site.gateway.sandbox.state.enrollments.values()]
    .filter(({ username }) => username.startsWith('learner'))
    .map(({ username, courseKey }) => ({ username, courseKey }));
  await site.people(learners.map(({ username }) => username));
  return { site, staff, learners };
}

/** Long waits: what fails by itself must not fail by the time that a busy machine takes. */
let patient: Scene;
/** Short ones: what hangs must not hang the test. */
let impatient: Scene;
beforeAll(async () => {
  patient = await openScene(10_000, 20_000);
  impatient = await openScene(2000, 2500);
});
afterAll(async () => {
  await patient.site[Symbol.asyncDispose]();
  await impatient.site[Symbol.asyncDispose]();
});

const ask = ({ staff }: Scene, username: string) => askGraph<Page>(staff, page, { username });

/** So many calls that go well that no breaker is open or opens soon: the next fault is to be met, not avoided. */
async function calmDown({ site }: Scene): Promise<void> {
  await site.lms.heal();
  const { api } = site.gateway.context.lms;
  const options = { purpose: 'request' } as const;
  const courseKey = 'course-v1:edX+DemoX+Demo_Course';
  const calls = () => [
    api.readEnrollment('ada', courseKey, options),
    api.course(courseKey, options),
    api.gradesOf(courseKey, 'ada', options),
    api.certificatesOf('ada', options),
    api.accountByEmail('ada@example.org', options),
    // Two parts of the page are of this family.
    ...Array.from({ length: 3 }, () => api.searchEmails(['ada@example.org'], options)),
    api.mappings({ usernames: ['ada'] }, options),
  ];
  await eventually('no breaker holds anything back', async () => {
    await Promise.allSettled(calls());
    return api.status().breaker === 'closed';
  });
  for (let round = 0; round < 8; round += 1) await Promise.allSettled(calls());
}

async function fail({ site }: Scene, mode: FaultMode, parts: readonly Part[]): Promise<void> {
  const { ms } = modeRows[mode];
  const places = parts.flatMap((part) => readers[part].map((operation) => operationRows[operation]));
  await site.lms.faults(places.map(({ match, method }) => ({ match, method, mode, ...(ms && { ms }) })));
  await site.lms.forgetRequests();
}

/** What is not even asked: the time was over before, or the throttle that was met before holds it back. */
const heldBack: Partial<Record<FaultMode, string>> = { hang: 'timeout', throttle: 'throttled' };

/** Why a part is not there, by what it was read by; undefined when it is. */
function causeOf(part: Part, mode: FaultMode, log: readonly SandboxRequest[]): string | undefined {
  const wasCalled = (operation: LmsOperation) => {
    const { method, match, query = /^/ } = operationRows[operation];
    const path = new RegExp(`^${match.replaceAll('*', '.*')}$`);
    return log.some((call) => call.method === method && path.test(call.path) && query.test(call.query));
  };
  const called = readers[part].filter(wasCalled);
  if (called.length === 0) return heldBack[mode];
  // Here the mapping is read by remote ids, whose answers fit on one page, whatever its link to another says.
  if (part === 'mapping' && mode === 'endless') return undefined;
  return called.map((operation) => decide(operation, mode)).find((outcome) => outcome !== 'answer');
}

function expectTyped({ status, errors }: GraphAnswer<Page>): void {
  expect(status).toBe(200);
  for (const { message, extensions } of errors ?? []) {
    expect(extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream: 'lms', retryable: true });
    expect(message + JSON.stringify(extensions)).not.toMatch(/[<]|localhost|127\.0\.0\.1|lms\.invalid|\/api\/|\.ts:/);
  }
}

function expectPart(answer: GraphAnswer<Page>, part: string, value: unknown, cause: string | undefined): void {
  const isNamed = (answer.errors ?? []).some(({ path }) => path?.includes(part));
  if (cause === undefined) {
    expect({ part, value, isNamed }).toEqual({ part, value: expect.anything(), isNamed: false });
    return;
  }
  expect({ part, value, isNamed }).toEqual({ part, value: null, isNamed: true });
  const troubles = answer.extensions?.upstreams as { upstream: string; code: string }[];
  expect(troubles.map(({ code }) => code)).toContain(cause);
}

function expectLeaves(answer: GraphAnswer<Page>, mode: FaultMode, log: readonly SandboxRequest[]): void {
  const { edx, certificates, enrollments } = answer.data?.account ?? {};
  const causes = Object.fromEntries(leaves.map((part) => [part, causeOf(part, mode, log)]));
  expectPart(answer, 'lmsUser', edx?.lmsUser, causes.lmsUser);
  expectPart(answer, 'address', edx?.address, causes.address);
  expectPart(answer, 'mapping', edx?.mapping, causes.mapping);
  expectPart(answer, 'drift', edx?.drift, causes.lmsUser ?? causes.mapping);
  expectPart(answer, 'certificates', certificates, causes.certificates);
  for (const node of enrollments?.nodes ?? []) {
    expectPart(answer, 'title', node.courseRun.title, causes.title);
    expectPart(answer, 'grade', node.grade, causes.grade);
  }
}

function flagsOf({ account }: Page): (boolean | undefined)[] {
  const node = account.enrollments?.nodes[0];
  const { lmsUser, address, mapping } = account.edx;
  const fresh = [account.enrollments, node?.courseRun, node?.grade, lmsUser, address, mapping];
  return fresh.map((part) => part?.freshness?.stale);
}

/** A page without what says how old it is. */
function contentOf(data: Page | null | undefined): unknown {
  return JSON.parse(JSON.stringify(data, (key, value: unknown) => (key === 'freshness' ? undefined : value)));
}

// What the throttle holds back stays so for a while: it comes last.
const inOrder = [...modes.filter((mode) => mode !== 'throttle'), 'throttle' as const];

describe.each(inOrder.map((mode, index) => [mode, index] as const))('while the LMS is in mode %s', (mode, index) => {
  const scene = () => (mode === 'hang' ? impatient : patient);
  const take = (which: number) => scene().learners[3 * index + which] ?? { username: '', courseKey: '' };

  test('enrollments are there; what hangs on the failing parts is there, or null with an error', async () => {
    await fail(scene(), mode, leaves);
    const answer = await ask(scene(), take(0).username);
    const log = await scene().site.lms.requests();
    await calmDown(scene());
    expectTyped(answer);
    expect(answer.data?.account.enrollments).toMatchObject({ freshness: { stale: false } });
    expect(answer.data?.account.enrollments?.nodes).toMatchObject([
      { state: 'ACTIVE', courseRun: { courseKey: take(0).courseKey } },
    ]);
    expectLeaves(answer, mode, log);
  });

  test('nothing unknown is empty, and what was seen before is there without an error', async () => {
    const known = take(1);
    const before = await ask(scene(), known.username);
    expect(before.errors).toBeUndefined();
    const { username, courseKey } = known;
    scene().site.gateway.context.lms.reads.invalidate({
      enrollmentsOf: username,
      grade: { username, courseKey },
      certificatesOf: username,
      lmsUser: username,
      mapping: username,
      courseRun: courseKey,
    });
    await fail(scene(), mode, ['enrollments', ...leaves]);
    const after = await ask(scene(), known.username);
    const logOfKnown = await scene().site.lms.requests();
    await scene().site.lms.forgetRequests();
    const unknown = await ask(scene(), take(2).username);
    const logOfUnknown = await scene().site.lms.requests();
    await calmDown(scene());

    expect(after.status).toBe(200);
    expect(after.errors).toBeUndefined();
    expect(contentOf(after.data)).toEqual(contentOf(before.data));
    const parts: Part[] = ['enrollments', 'title', 'grade', 'lmsUser', 'address', 'mapping'];
    const causes = parts.map((part) => causeOf(part, mode, logOfKnown));
    expect(after.data && flagsOf(after.data)).toEqual(causes.map((cause) => cause !== undefined));

    expectTyped(unknown);
    expectPart(unknown, 'enrollments', unknown.data?.account.enrollments, causeOf('enrollments', mode, logOfUnknown));
    expectLeaves(unknown, mode, logOfUnknown);
  });
});
