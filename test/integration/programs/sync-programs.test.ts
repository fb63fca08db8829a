import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_PROGRAMS } from '../../../sandbox/lms/demo-programs.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const gql = (caller: GraphCaller, query: string, variables?: object) => askGraph<any>(caller, query, variables);

let site: GraphSite;
let root: GraphCaller;
beforeAll(async () => {
  site = await startGraphSite({ worker: true });
  root = await site.caller(
    await site.aPerson({ username: 'root', roles: ['ADMIN'] }),
    'programs:read programs:write operations:admin',
  );
});
afterAll(() => site[Symbol.asyncDispose]());

async function sync(input: object) {
  const begun = await gql(
    root,
    `mutation ($input: SyncProgramsInput!) { syncPrograms(input: $input) { operation { id } userErrors { code } } }`,
    { input },
  );
  expect(begun.data?.syncPrograms.userErrors).toEqual([]);
  const { id } = begun.data.syncPrograms.operation;
  const isOver = async () => {
    const { data } = await gql(
      root,
      `query ($id: ID!) { operation(id: $id) { state total done failed rows(first: 10) { nodes { key outcome reason } } } }`,
      { id },
    );
    return ['SUCCEEDED', 'PARTIAL', 'FAILED'].includes(data?.operation.state) && data.operation;
  };
  return eventually('the operation is over', isOver, { deadlineMs: 25_000 });
}

test('programs come from Discovery and their learners from the LMS, and what a person must decide is a row', async () => {
  const operation = await sync({});
  expect(operation).toMatchObject({ state: 'PARTIAL', total: 3, done: 3, failed: 1 });
  const outcomes = operation.rows.nodes.map(({ key, outcome }: { key: string; outcome: string }) => [key, outcome]);
  expect(outcomes.sort()).toEqual([
    ['masters-in-computer-science', 'OK'],
    ['micromasters-in-data-science', 'OK'],
    ['professional-certificate-in-digital-economy', 'CONFLICT'],
  ]);
  const { data } = await gql(
    root,
    `query { program(by: { uuid: "${DEMO_PROGRAMS.masters.uuid}" }) {
      enrollments(first: 20) { nodes { status learner { externalKey state } courseEnrollments { courseKey } } }
      waitingLearners(first: 20) { nodes { state } } } }`,
  );
  expect(data?.program.enrollments.nodes).toHaveLength(7);
  expect(data?.program.waitingLearners.nodes).toHaveLength(4);
});

test('a program that the LMS does not know says what to do', async () => {
  const { programs } = site.gateway.context.services;
  const uuid = 'e0000000-0000-4000-8000-00000000000e';
  await programs.link({ key: 'unknown', uuid, organizationKey: 'DemoU' }, systemActor);
  const operation = await sync({ programKeys: ['unknown', 'nothing'] });
  expect(operation).toMatchObject({ state: 'FAILED', total: 2, failed: 2 });
  expect(operation.rows.nodes).toEqual([
    { key: 'unknown', outcome: 'UPSTREAM_REJECTED', reason: expect.stringContaining('cache_programs') },
    { key: 'nothing', outcome: 'NOT_FOUND', reason: expect.any(String) },
  ]);
});
