import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../../src/generated/index.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, dataOf, type GraphCaller, gql } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';
import { pullLever } from '../../support/sandbox-levers.js';
import { testClients } from '../../support/settings.js';

const WholeDashboard = graphql(`
  query WholeDashboardOfTest {
    viewer {
      enrollments(first: 50) {
        nodes {
          courseRun { courseKey title start end course { key } }
          resumeUrl
          upgradeDeadline
          progress { completeCount incompleteCount lockedCount completion hasScheduledContent freshness { stale } }
          grade { percent passed subsections { name label assignmentType percent earned possible attempted } }
          certificate { status mode type downloadUrl verifyUrl }
        }
      }
    }
  }
`);
const GradesOfRun = graphql(`
  query GradesOfRunOfTest($courseKey: CourseKey!, $first: Int, $after: String) {
    courseRun(courseKey: $courseKey) {
      grades(first: $first, after: $after) {
        freshness { stale }
        pageInfo { hasNextPage endCursor }
        nodes { lmsUsername percent account { username } }
      }
    }
  }
`);

const demo = 'course-v1:DemoU+CS101+2026_T1';
const usage = (block: string, type = 'problem') => `block-v1:DemoU+CS101+2026_T1+type@${type}+block@${block}`;

let site: GraphSite;
let ada: GraphCaller;
let sam: GraphCaller;
const settings = (change: object) => pullLever(site.gateway.sandbox.lmsUrl, 'PUT', 'settings', change);
beforeAll(async () => {
  site = await startGraphSite();
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['STAFF'] }), staffScope);
  await complete({ [usage('prob1')]: 1, [usage('prob2')]: 1, [usage('prob3')]: 1 });
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(async () => {
  await site.lms.heal();
  await settings({ progressPages: false, gradebookOff: false });
});

/** Ada does problems of a course, in the LMS. */
async function complete(blocks: Record<string, number>): Promise<void> {
  const { lmsUrl } = site.gateway.sandbox;
  const { clientId: client_id, clientSecret: client_secret } = testClients.worker;
  const asked = await fetch(`${lmsUrl}/oauth2/access_token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, token_type: 'jwt' }),
  });
  const { access_token } = (await asked.json()) as { access_token: string };
  const done = await fetch(`${lmsUrl}/api/completion/v1/completion-batch`, {
    method: 'POST',
    headers: { authorization: `JWT ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', course_key: demo, blocks }),
  });
  expect(done.status).toBe(200);
}

/** Has everything read anew, as after a change that nobody noticed. */
function outdate(): void {
  site.gateway.context.lms.reads.invalidate({
    grade: ['ada'].map((username) => ({ username, courseKey: demo })),
    enrollmentsOf: 'ada',
    lmsUser: 'ada',
  });
}

const inDemo = async () => {
  const { viewer } = await dataOf(gql(ada, WholeDashboard));
  const node = viewer?.enrollments?.nodes.find(({ courseRun }) => courseRun.courseKey === demo);
  if (!node) throw new Error('ada is not in the demo course');
  return node;
};

test('a learner’s whole dashboard is one query: dates, resume link, progress, sections, certificate', async () => {
  const { lmsUrl } = site.gateway.sandbox;
  const node = await inDemo();
  expect(node.courseRun).toMatchObject({ title: expect.any(String), course: { key: 'DemoU+CS101' } });
  expect(node.resumeUrl).toBe(`${lmsUrl}/courses/${demo}/jump_to/${usage('prob3')}`);
  // Of three units one is done; which are locked, the blocks do not tell.
  expect(node.progress).toEqual({
    completeCount: 1,
    incompleteCount: 2,
    lockedCount: null,
    completion: 1 / 3,
    hasScheduledContent: null,
    freshness: { stale: false },
  });
  expect(node.grade?.subsections).toHaveLength(3);
  expect(node.grade?.subsections?.[0]).toMatchObject({
    name: 'Week 1 work',
    label: 'HW 01',
    assignmentType: 'Homework',
    possible: 2,
    attempted: true,
  });
  const { viewer } = await dataOf(gql(ada, WholeDashboard));
  const earned = viewer?.enrollments?.nodes.find(({ certificate }) => certificate)?.certificate;
  expect(earned).toMatchObject({ status: 'downloadable', mode: earned?.type });
  expect(earned?.verifyUrl).toMatch(new RegExp(`^${lmsUrl}/certificates/[0-9a-f]{32}$`));
});

test('where the course run has a progress page, it is what counts, locked units included', async () => {
  await using fresh = await startGraphSite();
  await pullLever(fresh.gateway.sandbox.lmsUrl, 'PUT', 'settings', { progressPages: true });
  const caller = await fresh.caller(await fresh.aPerson({ username: 'ada' }), 'learning:read');
  const query = '{ viewer { enrollments { nodes { progress { incompleteCount lockedCount hasScheduledContent } } } } }';
  await dataOf(askGraph(caller, query));
  // Asked at the same time as the pages, for as long as nobody knew that there are pages; nobody waited for their end.
  await eventually('the blocks of five runs are read', async () => (await fresh.lms.count(/blocks/)) === 5);
  await fresh.lms.forgetRequests();
  fresh.gateway.context.lms.reads.invalidate({ grade: { username: 'ada', courseKey: demo } });
  const { viewer } = await dataOf(askGraph<Progresses>(caller, query));
  expect(viewer.enrollments.nodes[0]?.progress).toEqual({
    incompleteCount: 3,
    lockedCount: 0,
    hasScheduledContent: false,
  });
  // Known by now to have the page, so that the blocks are left alone.
  expect(await fresh.lms.count(/course_home\/progress/)).toBe(1);
  expect(await fresh.lms.count(/blocks/)).toBe(0);
});
interface Progresses {
  viewer: { enrollments: { nodes: { progress: object | null }[] } };
}

test('a learner who left meanwhile has no progress, and the worker keeps its token', async () => {
  await settings({ progressPages: true });
  const { api } = site.gateway.context.lms;
  const worker = await api.accountsByUsername(['portico_worker'], { purpose: 'request' });
  const key = {
    username: 'portico_worker',
    courseKey: 'course-v1:OpenSchool+ML2+2026',
    userId: worker[0]?.id ?? undefined,
  };
  await site.lms.forgetRequests();
  const answers = await api.keyed.readProgress([key], { purpose: 'request' });
  expect([...answers.values()]).toEqual([{ value: undefined }]);
  const refused = (await site.lms.requests()).filter(({ status }) => status === 401);
  expect(refused.map(({ path }) => path)).toEqual([expect.stringContaining('/course_home/progress/')]);
  expect(await site.lms.count(/oauth2\/access_token/)).toBe(0);
});

test('where the gradebook is switched off the breakdown stands in, with percents alone', async () => {
  await inDemo();
  await settings({ gradebookOff: true });
  outdate();
  const node = await inDemo();
  expect(node.grade?.subsections?.map(({ label, earned }) => ({ label, earned }))).toEqual([
    { label: 'HW 01', earned: null },
    { label: 'HW 02', earned: null },
    { label: 'Final', earned: null },
  ]);
});

test('what the selection does not ask is not called', async () => {
  outdate();
  await site.lms.forgetRequests();
  await dataOf(askGraph(ada, '{ viewer { enrollments { nodes { state mode } } } }'));
  expect((await site.lms.requests()).map(({ path }) => path.split('/').slice(1, 3).join('/'))).toEqual([
    'api/enrollment',
  ]);
});

test('what is skipped, or not included, is not called either, wherever the directive stands', async () => {
  const query = `query ($isShort: Boolean!, $isLong: Boolean!) { viewer { enrollments { nodes {
    state
    grade @skip(if: $isShort) { percent }
    ... @include(if: $isLong) { certificate { status } }
    ...Course @skip(if: $isShort)
  } } } } fragment Course on Enrollment { courseRun { title } progress { completeCount } resumeUrl }`;
  const pathsAsked = async (isShort: boolean) => {
    outdate();
    site.gateway.context.lms.reads.invalidate({ certificatesOf: 'ada' });
    await site.lms.forgetRequests();
    await dataOf(askGraph(ada, query, { isShort, isLong: !isShort }));
    const paths = (await site.lms.requests()).map(({ path }) => path.split('/').slice(1, 3).join('/'));
    return [...new Set(paths)].sort();
  };
  expect(await pathsAsked(true)).toEqual(['api/enrollment']);
  const whole = await pathsAsked(false);
  for (const path of ['api/certificates', 'api/enrollment', 'api/grades', 'api/learner_home'])
    expect(whole).toContain(path);
});

test('a learner’s dashboard costs one home page of the LMS, however many courses there are', async () => {
  outdate();
  await site.lms.forgetRequests();
  await dataOf(askGraph(ada, '{ viewer { enrollments { nodes { resumeUrl } } } }'));
  expect(await site.lms.count(/learner_home/)).toBe(1);
});

test.each([
  ['/api/learner_home/*', 'resumeUrl'],
  ['/api/courses/v2/blocks/*', 'progress'],
  ['/api/grades/v1/gradebook/*', 'grade'],
])('while %s fails the rest of the dashboard arrives', async (match, field) => {
  await using fresh = await startGraphSite();
  const caller = await fresh.caller(await fresh.aPerson({ username: 'ada' }), 'learning:read');
  await fresh.lms.faults([{ match, mode: 'html500' }]);
  const { data, errors, status } = await gql(caller, WholeDashboard);
  expect(status).toBe(200);
  expect(data?.viewer?.enrollments?.nodes).toHaveLength(5);
  expect(data?.viewer?.enrollments?.nodes.every(({ courseRun }) => courseRun.title)).toBe(true);
  expect(errors?.length).toBeGreaterThan(0);
  for (const error of errors ?? [])
    expect(error).toMatchObject({
      path: expect.arrayContaining([field]),
      extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: 'lms', retryable: true },
    });
});

test('all grades of a course run come page by page, each learner once', async () => {
  await site.lms.seed({ users: 230, courses: 1, enrollmentsPerUser: 1, seed: 1 });
  await site.people(['learner00001']);
  await site.lms.forgetRequests();
  const courseKey = 'course-v1:Seed+C00001+2026';
  const seen: string[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const { courseRun } = await dataOf(gql(sam, GradesOfRun, { courseKey, first: 150, ...(after && { after }) }));
    if (!courseRun?.grades) throw new Error('no grades');
    if (seen.length === 0) expect(courseRun.grades.nodes[0]?.account).toEqual({ username: 'learner00001' });
    seen.push(...courseRun.grades.nodes.map(({ lmsUsername }) => lmsUsername));
    [more, after] = [courseRun.grades.pageInfo.hasNextPage, courseRun.grades.pageInfo.endCursor ?? undefined];
  }
  expect(seen).toHaveLength(230);
  expect(new Set(seen).size).toBe(230);
  expect(await site.lms.count(/^\/api\/grades\//)).toBeLessThanOrEqual(3);
});

test('a course has its runs, oldest first, and is found by its id', async () => {
  await site.gateway.context.services.courseRuns.sync();
  const query = `{ courseRun(courseKey: "${demo}") { course { id key title runs { courseKey } } } }`;
  const { courseRun } = await dataOf(askGraph<{ courseRun: { course: { id: string } } }>(ada, query));
  expect(courseRun.course).toMatchObject({ key: 'DemoU+CS101', title: expect.any(String) });
  expect(courseRun.course).toMatchObject({ runs: expect.arrayContaining([{ courseKey: demo }]) });
  const { nodes } = await dataOf(
    askGraph(ada, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Course { key } } }', {
      ids: [courseRun.course.id, Buffer.from('Course:No+Such').toString('base64url')],
    }),
  );
  expect(nodes).toEqual([{ id: courseRun.course.id, key: 'DemoU+CS101' }, null]);
});
