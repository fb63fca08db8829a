import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../../src/generated/index.js';
import { askGraph, dataOf, type GraphCaller, gql } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

const LearnersOfRun = graphql(`
  query LearnersOfRunOfTest($courseKey: CourseKey!, $first: Int, $after: String, $filter: EnrollmentFilter) {
    courseRun(courseKey: $courseKey) {
      title
      enrollments(first: $first, after: $after, filter: $filter) {
        freshness { stale }
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node { id lmsUsername mode state stateSince account { username } history { cause } } }
      }
    }
  }
`);

const keyOf = (number: number) => `course-v1:Seed+C0000${number}+2026`;
const nameOf = (number: number) => `learner${String(number).padStart(5, '0')}`;

let site: GraphSite;
let sam: GraphCaller;
beforeAll(async () => {
  site = await startGraphSite();
  await site.lms.seed({ users: 250, courses: 4, enrollmentsPerUser: 4, seed: 1 });
  await site.people([1, 2, 3].map(nameOf));
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['STAFF'] }), staffScope);
  await site.gateway.context.services.courseRuns.sync();
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(() => site.lms.heal());

const learnersOf = async (courseKey: string, page: { first?: number; after?: string; filter?: object } = {}) => {
  const { courseRun } = await dataOf(gql(sam, LearnersOfRun, { courseKey, ...page }));
  if (!courseRun?.enrollments) throw new Error('no learners');
  return courseRun.enrollments;
};

test('course pages of 100 learners with grades cost a page of enrollments and of grades each, and nothing else', async () => {
  await site.lms.forgetRequests();
  const fields = 'title enrollments(first: 100) { nodes { lmsUsername mode grade { percent } } }';
  const courses = [1, 2, 3, 4].map((number) => `c${number}: courseRun(courseKey: "${keyOf(number)}") { ${fields} }`);
  const answer = askGraph<Record<string, Page>>(sam, `{ ${courses.join(' ')} }`);
  const pages = await dataOf(answer);
  for (const { enrollments } of Object.values(pages)) {
    expect(new Set(enrollments.nodes.map((node) => node.lmsUsername)).size).toBe(100);
    expect(enrollments.nodes.every((node) => node.grade?.percent != null)).toBe(true);
  }
  expect(await site.lms.count(/^\/api\/enrollment\//)).toBe(4);
  expect(await site.lms.count(/^\/api\/grades\//)).toBeLessThanOrEqual(3 * 4);
  expect(await site.lms.count(/^\/api\/(courses|certificates|user|third_party_auth)\//)).toBe(0);
  // Staff sees what the pages of learners cost as well.
  const plan = { plan: 'learners of course runs', wanted: 4, steps: { 'enrollment.list': 4 }, calls: 4 };
  expect((await answer).extensions?.plans).toContainEqual(
    expect.objectContaining({ ...plan, actualMs: expect.any(Number), estimateMs: expect.any(Number) }),
  );
});
interface Page {
  enrollments: { nodes: { lmsUsername: string; grade: { percent: number } | null }[] };
}

test('pages follow one another to the end, each learner once, whatever their size', async () => {
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await learnersOf(keyOf(1), { first: 70, ...(after !== undefined && { after }) });
    expect(page.totalCount).toBeNull();
    seen.push(...page.edges.map(({ node }) => node.lmsUsername));
    after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined;
  } while (after !== undefined);
  expect(seen).toEqual(Array.from({ length: 250 }, (_, at) => nameOf(250 - at)));
});

test('a learner who enrolls between two pages moves nobody: a cursor names a place, not a number', async () => {
  const first = await learnersOf(keyOf(2), { first: 30 });
  await site.lms.seed({ users: 251, courses: 4, enrollmentsPerUser: 4, seed: 1 });
  const second = await learnersOf(keyOf(2), { first: 30, after: first.edges[29]?.cursor ?? '' });
  expect(second.edges[0]?.node.lmsUsername).toBe(nameOf(250 - 30));
});

test('learners with an account come with it, the id it has everywhere and its history; the others with what the LMS says', async () => {
  const all: Learners['edges'][number]['node'][] = [];
  for (let after: string | undefined, more = true; more; ) {
    const page = await learnersOf(keyOf(3), { first: 200, ...(after !== undefined && { after }) });
    all.push(...page.edges.map(({ node }) => node));
    [more, after] = [page.pageInfo.hasNextPage, page.pageInfo.endCursor ?? undefined];
  }
  const [linked, other] = [2, 200].map((number) => all.find((node) => node.lmsUsername === nameOf(number)));
  expect(linked).toMatchObject({ account: { username: nameOf(2) }, history: [{ cause: 'seen-in-lms' }] });
  expect(other).toMatchObject({ account: null, state: 'ACTIVE', mode: 'audit', stateSince: null, history: [] });
  const { nodes } = await dataOf(
    askGraph<{ nodes: { id: string; lmsUsername: string }[] }>(
      sam,
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Enrollment { lmsUsername courseRun { courseKey } } } }',
      { ids: [linked?.id, other?.id] },
    ),
  );
  expect(nodes).toEqual([
    { id: linked?.id, lmsUsername: nameOf(2), courseRun: { courseKey: keyOf(3) } },
    { id: other?.id, lmsUsername: nameOf(200), courseRun: { courseKey: keyOf(3) } },
  ]);
});

type Learners = Awaited<ReturnType<typeof learnersOf>>;

test('a filter by state leaves the inactive out, and looks on to fill the page', async () => {
  const inactive = [245, 246, 247].map(nameOf);
  for (const username of inactive) {
    const write = { username, courseKey: keyOf(4), mode: 'audit', isActive: false };
    await site.gateway.context.lms.api.postEnrollment(write, { purpose: 'job' });
  }
  site.gateway.context.lms.reads.invalidate({ rosterOf: keyOf(4) });
  const ofState = async (state: string) =>
    (await learnersOf(keyOf(4), { first: 100, filter: { states: [state] } })).edges.map(({ node }) => node.lmsUsername);
  expect(await ofState('INACTIVE')).toEqual(inactive.toReversed());
  const active = await ofState('ACTIVE');
  expect(active).toHaveLength(100);
  expect(active.filter((name) => inactive.includes(name))).toEqual([]);
  expect((await learnersOf(keyOf(4), { filter: { courseKeys: [keyOf(1)] } })).edges).toEqual([]);
});

test('learners who are not staff see no list, and have nobody looked up for them', async () => {
  const ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  await site.lms.forgetRequests();
  const answer = await askGraph(ada, `{ courseRun(courseKey: "${keyOf(1)}") { title enrollments { nodes { id } } } }`);
  expect(answer).toMatchObject({
    data: { courseRun: { enrollments: null } },
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  const id = Buffer.from(`Enrollment:${keyOf(1)} ${nameOf(9)}`).toString('base64url');
  const node = await askGraph(ada, `{ node(id: "${id}") { id } }`);
  expect(node).toMatchObject({ data: { node: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect(await site.lms.count(/^\/api\/enrollment\//)).toBe(0);
});

test.each([
  ['no cursor at all', 'nonsense'],
  ['a cursor of the LMS that it does not know', Buffer.from('["cD1ub25zZW5zZQ==",null,null]').toString('base64url')],
])('%s is the caller’s mistake', async (_, after) => {
  const answer = await gql(sam, LearnersOfRun, { courseKey: keyOf(1), after });
  expect(answer.data?.courseRun).toMatchObject({ title: 'Seeded Course 00001', enrollments: null });
  expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', reason: 'BAD_PAGE' } }]);
});

test('while the LMS is away the learners are as they were last seen, or unknown, but never none', async () => {
  const courseKey = 'course-v1:edX+DemoX+Demo_Course';
  await site.lms.faults([{ match: '/api/enrollment/*', mode: 'html500' }]);
  const unknown = await gql(sam, LearnersOfRun, { courseKey });
  expect(unknown).toMatchObject({
    data: { courseRun: { title: expect.any(String), enrollments: null } },
    errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: 'lms', retryable: true } }],
  });
});
