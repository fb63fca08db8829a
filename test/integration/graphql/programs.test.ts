import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LearnerLinkEntity } from '../../../src/entities/learner-link.entity.js';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import type { Program } from '../../../src/entities/program.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import {
  recordProgramCourseEnrollments,
  recordProgramEnrollments,
} from '../../../src/services/program/record-enrollments.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

const demoRun = 'course-v1:edX+DemoX+Demo_Course';
const scope = 'programs:read programs:write learning:read accounts:read';

/** An answer as a client without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const gql = (caller: GraphCaller, query: string, variables?: object) => askGraph<any>(caller, query, variables);

let site: GraphSite;
/** Two programs of Hum, one of Alt. */
let programs: { masters: Program; certificate: Program; alt: Program };
let callers: Record<'root' | 'hum' | 'alt' | 'oneProgram' | 'metadata' | 'ada', GraphCaller>;

beforeAll(async () => {
  site = await startGraphSite();
  const { services } = site.gateway.context;
  const link = (key: string, organizationKey: string) =>
    services.programs.link({ key, uuid: randomUUID(), organizationKey }, systemActor);
  programs = {
    masters: await link('masters-in-cs', 'Hum'),
    certificate: await link('certificate-in-ml', 'Hum'),
    alt: await link('masters-in-alt', 'Alt'),
  };
  await learn(programs.masters, ['001', '002', 'Ada-7']);
  await learn(programs.certificate, ['002']);
  await learn(programs.alt, ['001']);
  const ada = await site.aPerson({ username: 'ada' });
  await isLearner(programs.masters, 'Ada-7', ada.id);
  callers = {
    root: await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), scope),
    hum: await partner('hum', {
      role: 'ORGANIZATION_READ_ENROLLMENTS',
      organizationId: programs.masters.organizationId,
    }),
    alt: await partner('alt', {
      role: 'ORGANIZATION_READ_WRITE_ENROLLMENTS',
      organizationId: programs.alt.organizationId,
    }),
    oneProgram: await partner('one', { role: 'PROGRAM_READ_ENROLLMENTS', programId: programs.certificate.id }),
    metadata: await partner('meta', { role: 'PROGRAM_READ_METADATA', programId: programs.masters.id }),
    ada: await site.caller(ada, 'learning:read programs:read'),
  };
});
afterAll(() => site[Symbol.asyncDispose]());

async function learn({ id: programId }: Program, externalKeys: readonly string[]): Promise<void> {
  const at = { programId, confirmedAt: new Date(), source: 'test' };
  await site.gateway.context.orm.em.fork().transactional(async (tx) => {
    const curriculumUuid = randomUUID();
    const rows = externalKeys.map((externalKey) => ({ externalKey, status: 'enrolled' as const, curriculumUuid }));
    await recordProgramEnrollments(tx, at, rows);
    const courses = externalKeys.map((externalKey) => ({
      externalKey,
      courseKey: demoRun,
      status: 'active' as const,
      courseStaff: null,
    }));
    await recordProgramCourseEnrollments(tx, at, courses);
  });
}

async function isLearner({ organizationId }: Program, externalKey: string, accountId: string): Promise<void> {
  await site.gateway.context.orm.em
    .fork()
    .nativeUpdate(
      LearnerLinkEntity,
      { organizationId, externalKey },
      { state: 'LINKED', accountId, lmsUsername: 'ada', linkedAt: new Date() },
    );
}

async function partner(
  username: string,
  grant: { role: PartnerRole; organizationId?: string; programId?: string },
): Promise<GraphCaller> {
  const account = await site.aPerson({ username, isLinked: false });
  const em = site.gateway.context.orm.em.fork();
  em.create(PartnerGrantEntity, { accountId: account.id, ...grant });
  await em.flush();
  return site.caller(account, scope);
}

describe('programs', () => {
  const list = `query ($filter: ProgramFilter) { programs(filter: $filter) { nodes { key viewerPermissions organizations { key } } } }`;
  const keysFor = async (caller: GraphCaller, filter: object = {}) => {
    const { data } = await gql(caller, list, { filter });
    return data?.programs.nodes.map((node: { key: string }) => node.key);
  };

  test('each caller sees those that they were granted something of', async () => {
    expect(await keysFor(callers.root)).toEqual(['masters-in-cs', 'certificate-in-ml', 'masters-in-alt']);
    expect(await keysFor(callers.hum)).toEqual(['masters-in-cs', 'certificate-in-ml']);
    expect(await keysFor(callers.alt)).toEqual(['masters-in-alt']);
    expect(await keysFor(callers.oneProgram)).toEqual(['certificate-in-ml']);
    expect(await keysFor(callers.metadata)).toEqual(['masters-in-cs']);
    expect(await keysFor(callers.ada)).toEqual([]);
  });

  test('filters narrow what is seen', async () => {
    expect(await keysFor(callers.root, { org: 'ALT' })).toEqual(['masters-in-alt']);
    expect(await keysFor(callers.root, { org: 'nobody' })).toEqual([]);
    expect(await keysFor(callers.root, { titleContains: 'CERTIFICATE' })).toEqual(['certificate-in-ml']);
    expect(await keysFor(callers.hum, { hasPermission: 'WRITE_ENROLLMENTS' })).toEqual([]);
    expect(await keysFor(callers.alt, { hasPermission: 'WRITE_ENROLLMENTS' })).toEqual(['masters-in-alt']);
  });

  test('what a caller may do is told', async () => {
    const { data } = await gql(callers.hum, list, { filter: { org: 'Hum' } });
    expect(data?.programs.nodes[0]).toEqual({
      key: 'masters-in-cs',
      viewerPermissions: ['READ_ENROLLMENTS', 'READ_METADATA'],
      organizations: [{ key: 'Hum' }],
    });
  });

  test('one is found by key in any case and by id; a foreign one is not there', async () => {
    const one = `query ($by: ProgramBy!) { program(by: $by) { id key } }`;
    const find = async (caller: GraphCaller, by: object) => (await gql(caller, one, { by })).data?.program;
    const found = await find(callers.hum, { key: 'MASTERS-in-cs' });
    expect(found).toMatchObject({ key: 'masters-in-cs' });
    expect(await find(callers.hum, { uuid: programs.masters.discoveryUuid })).toEqual(found);
    expect(await find(callers.hum, { id: found.id })).toEqual(found);
    expect(await find(callers.alt, { id: found.id })).toBeNull();
    expect(await find(callers.alt, { key: 'masters-in-cs' })).toBeNull();
  });
});

describe('learners', () => {
  const learners = `query ($key: String!) { program(by: { key: $key }) {
    enrollments { nodes { status confirmedByLms learner { externalKey state } courseEnrollments { courseKey status } } }
    waitingLearners { nodes { externalKey state } } } }`;

  test('of a program are there for whoever may read enrollments', async () => {
    const { data } = await gql(callers.oneProgram, learners, { key: 'certificate-in-ml' });
    expect(data?.program).toEqual({
      enrollments: {
        nodes: [
          {
            status: 'ENROLLED',
            confirmedByLms: true,
            learner: { externalKey: '002', state: 'WAITING' },
            courseEnrollments: [{ courseKey: demoRun, status: 'ACTIVE' }],
          },
        ],
      },
      waitingLearners: { nodes: [{ externalKey: '002', state: 'WAITING' }] },
    });
  });

  test('are an error for whoever may see the program only', async () => {
    const { data, errors } = await gql(callers.metadata, learners, { key: 'masters-in-cs' });
    expect(data?.program ?? null).toBeNull();
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  test('of an organization show the enrollments in programs that the caller may read, and no other', async () => {
    const ask = `query { learner(by: { org: "Hum", externalKey: "002" }) { id programEnrollments { nodes { program { key } } } } }`;
    const keys = async (caller: GraphCaller) =>
      (await gql(caller, ask)).data?.learner?.programEnrollments.nodes.map(
        (node: { program: { key: string } }) => node.program.key,
      );
    expect(await keys(callers.hum)).toEqual(['masters-in-cs', 'certificate-in-ml']);
    expect(await keys(callers.oneProgram)).toEqual(['certificate-in-ml']);
    expect(await keys(callers.metadata)).toBeUndefined();
    expect(await keys(callers.alt)).toBeUndefined();
  });

  test('are found by key in any case, account, and LMS user', async () => {
    const ask = `query ($by: LearnerBy!) { learner(by: $by) { externalKey organization { key } } }`;
    const expected = { externalKey: 'Ada-7', organization: { key: 'Hum' } };
    for (const by of [
      { org: 'HUM', externalKey: 'ada-7' },
      { username: 'ada' },
      { email: 'ada@example.org', org: 'Hum' },
    ])
      expect((await gql(callers.hum, ask, { by })).data?.learner).toEqual(expected);
    expect((await gql(callers.hum, ask, { by: { externalKey: 'ada-7' } })).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect((await gql(callers.alt, ask, { by: { username: 'ada' } })).data?.learner).toBeNull();
  });

  test('see their own programs with grades, without any grant', async () => {
    const own = `query { viewer { programEnrollments { nodes { program { key } learner { externalKey }
      courseEnrollments { courseKey grade { percent } } } } } }`;
    expect((await gql(callers.ada, own)).data?.viewer.programEnrollments.nodes).toEqual([
      {
        program: { key: 'masters-in-cs' },
        learner: { externalKey: 'Ada-7' },
        courseEnrollments: [{ courseKey: demoRun, grade: { percent: 0.92 } }],
      },
    ]);
  });

  test('by their ids are there for whoever may see them', async () => {
    const ask = `query { learner(by: { org: "Hum", externalKey: "002" }) { id programEnrollments { nodes { id } } } }`;
    const { learner } = (await gql(callers.hum, ask)).data ?? {};
    const ids = [learner.id, ...learner.programEnrollments.nodes.map((node: { id: string }) => node.id)];
    const nodes = async (caller: GraphCaller) =>
      (await gql(caller, `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })).data?.nodes.map(
        (node: unknown) => node !== null,
      );
    expect(await nodes(callers.hum)).toEqual([true, true, true]);
    expect(await nodes(callers.oneProgram)).toEqual([true, false, true]);
    expect(await nodes(callers.alt)).toEqual([false, false, false]);
    expect(await nodes(callers.ada)).toEqual([false, false, false]);
  });
});

describe('which programs there are', () => {
  const link = `mutation ($input: LinkProgramInput!) { linkProgram(input: $input) { program { key uuid } userErrors { code field } } }`;

  test('is for administrators', async () => {
    const input = { key: 'new-one', uuid: randomUUID(), organizationKey: 'Hum' };
    expect((await gql(callers.hum, link, { input })).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await gql(callers.root, link, { input })).data?.linkProgram).toEqual({
      program: { key: 'new-one', uuid: input.uuid },
      userErrors: [],
    });
    const untied = await gql(
      callers.root,
      `mutation { unlinkProgram(input: { key: "NEW-one" }) { program { key uuid } } }`,
    );
    expect(untied.data?.unlinkProgram.program).toEqual({ key: 'new-one', uuid: '' });
  });

  test('is told where it cannot be', async () => {
    const errorsOf = async (input: object) => (await gql(callers.root, link, { input })).data?.linkProgram.userErrors;
    const good = { key: 'k', uuid: randomUUID(), organizationKey: 'Hum' };
    expect(await errorsOf({ ...good, key: 'a b' })).toEqual([{ code: 'INVALID', field: ['key'] }]);
    expect(await errorsOf({ ...good, uuid: 'no' })).toEqual([{ code: 'INVALID', field: ['uuid'] }]);
    expect(await errorsOf({ ...good, uuid: programs.alt.discoveryUuid })).toEqual([{ code: 'CONFLICT', field: null }]);
  });
});
