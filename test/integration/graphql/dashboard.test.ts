import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../../src/generated/index.js';
import { askGraph, dataOf, type GraphCaller, gql } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

const Dashboard = graphql(`
  query DashboardOfTest {
    viewer {
      username
      email
      edx { state edxUsername drift }
      enrollments(first: 50) {
        freshness { stale source }
        nodes {
          id state mode confirmedByLms
          courseRun { courseKey title start end }
          grade { percent letterGrade passed freshness { asOf stale } }
          certificate { status downloadUrl }
        }
      }
    }
  }
`);
const Titles = graphql(`
  query TitlesOfTest($withGrades: Boolean!) {
    viewer {
      enrollments {
        nodes {
          courseRun { name: title }
          ...Graded @include(if: $withGrades)
        }
      }
    }
  }
  fragment Graded on Enrollment { grade { percent } }
`);
const ManyAccounts = graphql(`
  query ManyAccountsOfTest {
    accounts(first: 100, filter: { text: "learner0" }) {
      nodes {
        username
        edx { lmsUser { email } mapping { remoteId } }
        enrollments(first: 5) { nodes { lmsUsername courseRun { courseKey title } grade { percent } } }
      }
    }
  }
`);

let site: GraphSite;
let ada: GraphCaller;
beforeAll(async () => {
  site = await startGraphSite();
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(async () => {
  await site.lms.heal();
});

const calls = async ({ lms } = site) => ({
  enrollments: await lms.count(/^\/api\/enrollment\//),
  courses: await lms.count(/^\/api\/courses\//),
  grades: await lms.count(/^\/api\/grades\//),
  certificates: await lms.count(/^\/api\/certificates\//),
  accounts: await lms.count(/^\/api\/user\//),
  mappings: await lms.count(/^\/api\/third_party_auth\//),
});

test('the dashboard of one learner comes in the fewest calls, and from the cache in none', async () => {
  await site.lms.forgetRequests();
  const answer = gql(ada, Dashboard);
  const { viewer } = await dataOf(answer);
  expect((await answer).extensions ?? {}).not.toHaveProperty('plans');
  expect(viewer).toMatchObject({
    username: 'ada',
    email: 'ada@example.org',
    edx: { state: 'LINKED', edxUsername: 'ada' },
  });
  const nodes = viewer?.enrollments?.nodes ?? [];
  expect(nodes).toHaveLength(5);
  expect(nodes.every((node) => node.state === 'ACTIVE' && node.confirmedByLms)).toBe(true);
  expect(nodes.every((node) => node.courseRun.title && node.grade?.percent != null)).toBe(true);
  expect(nodes.filter((node) => node.certificate?.status === 'downloadable')).toHaveLength(1);
  expect(viewer?.enrollments?.freshness).toEqual({ stale: false, source: 'lms' });
  expect(await calls()).toEqual({ enrollments: 1, courses: 1, grades: 5, certificates: 1, accounts: 1, mappings: 1 });

  await site.lms.forgetRequests();
  const again = await dataOf(gql(ada, Dashboard));
  expect(again.viewer?.enrollments?.nodes.map((node) => node.id)).toEqual(nodes.map((node) => node.id));
  expect(await site.lms.requests()).toEqual([]);
});

test('the enrollments come in the order of the LMS, newest first', async () => {
  const { viewer } = await dataOf(gql(ada, Dashboard));
  expect(viewer?.enrollments?.nodes.map((node) => node.courseRun.courseKey)).toEqual([
    'course-v1:OpenSchool+DATA1+R1',
    'course-v1:DemoU+STAT120+2026_T1',
    'course-v1:DemoU+MATH110+2026_T1',
    'course-v1:DemoU+CS101+2026_T1',
    'course-v1:edX+DemoX+Demo_Course',
  ]);
});

test('what is not asked for is not called: aliases, fragments and @include are honoured', async () => {
  await using fresh = await startGraphSite();
  const caller = await fresh.caller(await fresh.aPerson({ username: 'ada' }), 'learning:read');
  const gradeCalls = () => fresh.lms.count(/^\/api\/grades\//);
  await fresh.lms.forgetRequests();
  const without = await dataOf(gql(caller, Titles, { withGrades: false }));
  expect(without.viewer?.enrollments?.nodes.every((node) => node.courseRun.name)).toBe(true);
  expect(await gradeCalls()).toBe(0);
  expect(await fresh.lms.count(/certificates|user\/v1|third_party/)).toBe(0);
  await dataOf(gql(caller, Titles, { withGrades: true }));
  expect(await gradeCalls()).toBe(5);
});

test('a page of 100 accounts costs what the batching plan says, not what the number of accounts says', async () => {
  await using wide = await startGraphSite();
  await wide.lms.seed({ users: 100, courses: 5, enrollmentsPerUser: 5, seed: 1 });
  await wide.people(Array.from({ length: 100 }, (_, n) => `learner${String(n + 1).padStart(5, '0')}`));
  const staff = await wide.caller(await wide.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await wide.lms.forgetRequests();
  const answer = gql(staff, ManyAccounts);
  const { accounts } = await dataOf(answer);
  // Staff sees by which plans the LMS was asked, what they were thought to take and what they took.
  const plans = (await answer).extensions?.plans;
  const aPlan = (plan: string, wanted: number, steps: object) =>
    expect.objectContaining({ plan, wanted, steps: expect.objectContaining(steps), actualMs: expect.any(Number) });
  expect(plans).toEqual(
    expect.arrayContaining([
      aPlan('enrollments', 100, { 'enrollment.list': 5 }),
      aPlan('courses', 5, { 'course.list': 1 }),
      aPlan('grades', 500, { 'grade.list': 5, 'grade.read': 0 }),
      aPlan('mappings', 100, { 'mapping.list': 2 }),
    ]),
  );
  expect(accounts.nodes).toHaveLength(100);
  expect(accounts.nodes.every((account) => account.enrollments?.nodes.length === 5)).toBe(true);
  expect(
    accounts.nodes.every((account) => account.enrollments?.nodes.every((node) => node.grade?.percent != null)),
  ).toBe(true);
  // 500 rows in pages of 100; one list of 5 courses; per course min(100 learners, 1 page of a scan); accounts in 25 to 50.
  expect(await wide.lms.count(/^\/api\/enrollment\//)).toBe(5);
  expect(await wide.lms.count(/^\/api\/courses\//)).toBe(1);
  expect(await wide.lms.count(/^\/api\/grades\//)).toBeLessThanOrEqual(5);
  expect(await wide.lms.count(/^\/api\/user\//)).toBeLessThanOrEqual(4);
  expect(await wide.lms.count(/^\/api\/third_party_auth\//)).toBeLessThanOrEqual(2);
});

test('users whose name and address alone are asked for are looked up by address, in one call; others whole', async () => {
  await using wide = await startGraphSite();
  await wide.lms.seed({ users: 60, courses: 1, enrollmentsPerUser: 1, seed: 1 });
  await wide.people([
    ...Array.from({ length: 60 }, (_, n) => `learner${String(n + 1).padStart(5, '0')}`),
    'nobody-there',
  ]);
  const staff = await wide.caller(await wide.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  const ask = async (fields: string, variables: object = {}) => {
    await wide.lms.forgetRequests();
    const query = `query ($all: Boolean = false) { edxLinks(first: 100) { nodes { edxUsername lmsUser { ...F } } } }
      fragment F on LmsUser { ${fields} }`;
    const { edxLinks } = await dataOf(
      askGraph<{ edxLinks: { nodes: { edxUsername: string; lmsUser: { who: string; email: string } | null }[] } }>(
        staff,
        query,
        variables,
      ),
    );
    const users = edxLinks.nodes.filter(({ edxUsername }) => edxUsername.startsWith('learner'));
    expect(users).toHaveLength(60);
    for (const { edxUsername, lmsUser } of users)
      expect(lmsUser).toMatchObject({ who: edxUsername, email: `${edxUsername}@example.org` });
    expect(edxLinks.nodes.find(({ edxUsername }) => edxUsername === 'nobody-there')?.lmsUser).toBeNull();
    return {
      searches: await wide.lms.count(/search_emails/),
      lists: await wide.lms.count(/user\/v1\/accounts$/),
    };
  };
  // Who is not found by address is looked for by name: one short list.
  expect(await ask('who: username email name @include(if: $all)')).toEqual({ searches: 1, lists: 1 });
  const whole = await ask('who: username email ... @include(if: $all) { name }', { all: true });
  expect(whole.searches).toBe(0);
  expect(whole.lists).toBeGreaterThan(0);
});

test.each([
  ['edxLinks(first: 100) { nodes { lmsUser { email } mapping { remoteId } } }', { accounts: 1, mappings: 2 }],
  ['edxLinks(first: 100) { nodes { state account { username } history { cause } } }', {}],
  ['accounts(first: 100) { nodes { username roles edx { state lastError { code } } } }', {}],
  ['enrollments(first: 100) { nodes { courseRun { title } grade { percent } } }', { courses: 1, grades: 4 }],
  ['enrollments(first: 100) { nodes { account { username } courseRun { courseKey } history { cause } } }', {}],
  ['courseRuns(first: 100) { nodes { title start freshness { asOf } } }', {}],
])('%s costs no more upstream calls than its batches', async (field, most) => {
  await using wide = await startGraphSite();
  await wide.lms.seed({ users: 60, courses: 4, enrollmentsPerUser: 2, seed: 1 });
  await wide.people(Array.from({ length: 60 }, (_, n) => `learner${String(n + 1).padStart(5, '0')}`));
  const staff = await wide.caller(await wide.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await wide.gateway.context.services.courseRuns.sync();
  await dataOf(askGraph(staff, '{ accounts(first: 100) { nodes { enrollments { nodes { id } } } } }'));
  await wide.lms.forgetRequests();
  await dataOf(askGraph(staff, `{ ${field} }`));
  const none = { enrollments: 0, courses: 0, grades: 0, certificates: 0, accounts: 0, mappings: 0 };
  const counted = await calls(wide);
  for (const [kind, count] of Object.entries({ ...none, ...most })) {
    expect(counted[kind as keyof typeof none], kind).toBeLessThanOrEqual(count);
    if (count > 0) expect(counted[kind as keyof typeof none], kind).toBeGreaterThan(0);
  }
});
