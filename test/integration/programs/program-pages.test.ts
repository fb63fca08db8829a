import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addOrganization, addProgram, uuidOf } from '../../../sandbox/catalog/add.js';
import { systemActor } from '../../../src/services/actor.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import {
  allowedProgramCalls,
  countProgramCalls,
  isWholeLearner,
  readProgramPages,
} from '../../support/program-pages.js';
import { addProgramPopulation, type ProgramPopulation } from '../../support/program-population.js';
import { pullLever, type SandboxRequest } from '../../support/sandbox-levers.js';
import { countStatements, type StatementCount } from '../../support/statement-count.js';

const key = 'a-program-of-many';
const learners = 500;
const programsOfList = 100;

let site: GraphSite;
let population: ProgramPopulation;
let staff: GraphCaller & { token: string };
let statements: StatementCount;
beforeAll(async () => {
  // Connections are counted that are opened from now on.
  statements = countStatements();
  site = await startGraphSite();
  population = await addProgramPopulation(site.gateway.sandbox, learners);
  await site.people(population.usernames);
  const { programs } = site.gateway.context.services;
  await programs.link({ key, uuid: population.uuid, organizationKey: 'Seed' }, systemActor);
  staff = await site.caller(
    await site.aPerson({ username: 'admin', roles: ['ADMIN'], isLinked: false }),
    'programs:read accounts:read learning:read',
  );
});
beforeEach(async () => {
  await site.lms.forgetRequests();
  await pullLever(site.gateway.sandbox.discoveryUrl, 'DELETE', 'requests');
  statements.take();
});
afterAll(async () => {
  statements[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

const ask = (query: string, variables: object = {}) => dataOf(askGraph(staff, query, variables));

/** Calls of Discovery since the test began. */
async function discoveryCalls(): Promise<SandboxRequest[]> {
  return (await pullLever(site.gateway.sandbox.discoveryUrl, 'GET', 'requests')) as SandboxRequest[];
}

/** What the database was asked since it was looked at last, without who asks, and what is done in the background. */
function countedStatements(): number {
  const others =
    /audit_|pg_try_advisory_xact_lock|oidc_artifact|^select json_build_object|pg_notify|into (learning_answer|course_grade|certificate_reading)|^(begin|commit|rollback|listen|select 1)\b/i;
  return [...statements.take()].reduce((sum, [text, times]) => sum + (others.test(text) ? 0 : times), 0);
}

test('500 learners with course runs, grades and ID mapping: no more calls than the plan of the contract, and no statement for each', async () => {
  const found = await readProgramPages(ask, key);
  expect(found).toHaveLength(learners);
  expect(found.filter((learner) => !isWholeLearner(learner, population))).toEqual([]);
  expect(countProgramCalls(await site.lms.requests())).toEqual(allowedProgramCalls(population));
  expect(await discoveryCalls()).toHaveLength(1);
  // Read, stored, and tied to their accounts, in pages: some for each page, each run and each hundred learners.
  expect(countedStatements()).toBeLessThan(80);
});

test('the same again takes no call, and six statements for a page', async () => {
  const found = await readProgramPages(ask, key);
  expect(found.filter((learner) => !isWholeLearner(learner, population))).toEqual([]);
  expect(await site.lms.requests()).toEqual([]);
  expect(await discoveryCalls()).toEqual([]);
  // Enrollments, learners, course enrollments, accounts and links, beside the program.
  expect(countedStatements()).toBeLessThanOrEqual(3 * (5 + 1));
});

test('a list of 100 programs is one call of Discovery, by the graph and by the REST API, and none when it is known', async () => {
  const { state } = site.gateway.sandbox;
  const { orm, services } = site.gateway.context;
  addOrganization(state, { key: 'Wide' });
  const keys = Array.from({ length: programsOfList }, (_, index) => `wide-${index}`);
  for (const each of keys) {
    const uuid = uuidOf('program', each);
    addProgram(state, { uuid, title: `Title of ${each}`, organizations: ['Wide'] });
    await services.programs.link({ key: each, uuid, organizationKey: 'Wide' }, systemActor);
  }
  const titles = keys.map((each) => `Title of ${each}`);
  const byGraph = async () => {
    const { programs } = (await ask(
      `{ programs(first: ${programsOfList}, filter: { org: "Wide" }) { nodes { key title status courseRuns { courseKey } } } }`,
    )) as { programs: { nodes: { title: string }[] } };
    return programs.nodes.map(({ title }) => title);
  };
  const byRest = async () => {
    const answer = await fetch(`${site.url}/api/v1/programs?org=Wide`, {
      headers: { authorization: `Bearer ${staff.token}` },
    });
    return ((await answer.json()) as { program_title: string }[]).map(({ program_title: title }) => title);
  };
  for (const read of [byGraph, byRest]) {
    await orm.em.fork().execute(`update program set synced_at = null, title = '' where key like 'wide-%'`);
    await pullLever(site.gateway.sandbox.discoveryUrl, 'DELETE', 'requests');
    expect((await read()).sort(), read.name).toEqual([...titles].sort());
    expect(await discoveryCalls(), read.name).toHaveLength(1);
    expect((await read()).sort(), read.name).toEqual([...titles].sort());
    expect(await discoveryCalls(), read.name).toHaveLength(1);
  }
});
