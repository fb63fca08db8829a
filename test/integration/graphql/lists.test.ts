import { afterAll, beforeAll, expect, test } from 'vitest';
import { CourseRunEntity } from '../../../src/entities/course-run.entity.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let root: GraphCaller;
let ada: GraphCaller;
beforeAll(async () => {
  site = await startGraphSite();
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read learning:write');
  root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
  await site.people(['pia', 'per', 'pom', 'pax']);
  await site.aPerson({ username: 'grace', isLinked: false });
  await site.gateway.context.services.courseRuns.sync();
});
afterAll(() => site[Symbol.asyncDispose]());

interface Connection {
  nodes: { id: string }[];
  edges: { cursor: string; node: { id: string } }[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}
const shape =
  'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } nodes { id }';
const page = async (field: string, args: string, caller = root): Promise<Connection> => {
  const { data, errors } = await askGraph<Record<string, Connection>>(
    caller,
    `{ list: ${field}(${args}) { ${shape} } }`,
  );
  if (!data?.list) throw new Error(JSON.stringify(errors));
  return data.list;
};

test.each(['accounts', 'edxLinks', 'oauthClients', 'courseRuns'])(
  '%s can be walked page by page from both ends, each row once',
  async (field) => {
    const all = await page(field, 'first: 200');
    expect(all.nodes.length).toBe(all.totalCount);
    expect(all.edges.map((edge) => edge.node.id)).toEqual(all.nodes.map((node) => node.id));
    const walk = async (size: 'first' | 'last', cursor: 'after' | 'before') => {
      const seen: string[] = [];
      let args = `${size}: 2`;
      for (;;) {
        const { nodes, pageInfo } = await page(field, args);
        const ids = nodes.map((node) => node.id);
        if (size === 'first') seen.push(...ids);
        else seen.unshift(...ids);
        if (!(size === 'first' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return seen;
        args = `${size}: 2, ${cursor}: "${size === 'first' ? pageInfo.endCursor : pageInfo.startCursor}"`;
      }
    };
    expect(await walk('first', 'after')).toEqual(all.nodes.map((node) => node.id));
    expect(await walk('last', 'before')).toEqual(all.nodes.map((node) => node.id));
  },
);

test('a page of more than 200, or with a cursor of no list, is refused', async () => {
  for (const args of ['first: 201', 'last: 1000', 'first: -1', 'first: 1, last: 1', 'after: "nonsense"']) {
    const { errors } = await askGraph(root, `{ accounts(${args}) { nodes { id } } }`);
    expect(
      errors?.map((error) => error.extensions?.code),
      args,
    ).toEqual(['BAD_USER_INPUT']);
  }
});

test('accounts, links, course runs and enrollments are found by what is known of them', async () => {
  const names = async (filter: string) =>
    (
      await askGraph<{ accounts: { nodes: { username: string }[] } }>(
        root,
        `{ accounts(filter: ${filter}) { nodes { username } } }`,
      )
    ).data?.accounts.nodes
      .map((node) => node.username)
      .sort();
  expect(await names('{ text: "P" , status: ACTIVE }')).toEqual(expect.arrayContaining(['pax', 'per', 'pia', 'pom']));
  expect(await names('{ role: ADMIN }')).toEqual(['root']);
  expect(await names('{ text: "100%" }')).toEqual([]);
  const links = await askGraph<{ edxLinks: { nodes: unknown[] } }>(
    root,
    '{ edxLinks(filter: { states: [PENDING] }) { nodes { state account { username } history { from to cause actor { username } } } } }',
  );
  expect(links.data?.edxLinks.nodes).toEqual([
    {
      state: 'PENDING',
      account: { username: 'grace' },
      history: [{ from: null, to: 'PENDING', cause: 'account-created', actor: null }],
    },
  ]);
  const runs = await askGraph<{ courseRuns: { nodes: unknown[] } }>(
    ada,
    '{ courseRuns(filter: { text: "linear" }) { nodes { courseKey title org start freshness { stale source } modes { slug } } } }',
  );
  expect(runs.data?.courseRuns.nodes).toMatchObject([
    {
      courseKey: 'course-v1:DemoU+MATH110+2026_T1',
      title: 'Linear Algebra',
      org: 'DemoU',
      start: '2026-01-12T09:00:00.000Z',
      freshness: { stale: false, source: 'lms' },
      modes: [{ slug: 'audit' }, { slug: 'verified' }],
    },
  ]);
});

test('hidden course runs are in the catalogue of staff only', async () => {
  const all = (await page('courseRuns', 'first: 50', ada)).totalCount;
  const em = site.gateway.context.orm.em.fork();
  await em.nativeUpdate(CourseRunEntity, { courseKey: 'course-v1:OpenSchool+FUTURE+2099' }, { hidden: true });
  expect((await page('courseRuns', 'first: 50', ada)).totalCount).toBe(all - 1);
  expect((await page('courseRuns', 'first: 50')).totalCount).toBe(all);
});

test('a course run is found by its key, in the exact case, and costs no call when it is stored', async () => {
  await site.lms.forgetRequests();
  const ask = async (key: string) =>
    (await askGraph<{ courseRun: unknown }>(ada, `{ courseRun(courseKey: "${key}") { title } }`)).data?.courseRun;
  expect(await ask('course-v1:DemoU+MATH110+2026_T1')).toEqual({ title: 'Linear Algebra' });
  expect(await site.lms.requests()).toEqual([]);
  expect(await ask('course-v1:DemoU+MATH999+2026_T1')).toBeNull();
});

test('the enrollments of an account can be paged and filtered', async () => {
  const ask = async (args: string) => {
    const { data } = await askGraph<{
      viewer: {
        enrollments: {
          pageInfo: { endCursor: string; hasNextPage: boolean };
          totalCount: number;
          nodes: { courseRun: { courseKey: string } }[];
        };
      };
    }>(
      ada,
      `{ viewer { enrollments(${args}) { totalCount pageInfo { endCursor hasNextPage } nodes { courseRun { courseKey } } } } }`,
    );
    if (!data) throw new Error('no enrollments');
    return data.viewer.enrollments;
  };
  const first = await ask('first: 3');
  expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
  const rest = await ask(`first: 3, after: "${first.pageInfo.endCursor}"`);
  expect(rest.nodes).toHaveLength(2);
  expect(new Set([...first.nodes, ...rest.nodes].map((node) => node.courseRun.courseKey)).size).toBe(5);
  expect((await ask('filter: { courseKeys: ["course-v1:DemoU+CS101+2026_T1"] }')).nodes).toHaveLength(1);
  expect((await ask('filter: { states: [INACTIVE] }')).nodes).toEqual([]);
  const all = await askGraph<{ enrollments: { nodes: unknown[] } }>(
    root,
    '{ enrollments(filter: { states: [ACTIVE] }) { nodes { lmsUsername account { username } history { cause after { state } } } } }',
  );
  expect(all.data?.enrollments.nodes).toHaveLength(5);
  expect(all.data?.enrollments.nodes[0]).toMatchObject({
    lmsUsername: 'ada',
    account: { username: 'ada' },
    history: [{ cause: 'seen-in-lms', after: { state: 'ACTIVE' } }],
  });
});
