import { getNamedType, isLeafType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LearnerLinkEntity, LearnerLinkEventEntity } from '../../../src/entities/learner-link.entity.js';
import { OperationEntity, OperationRowEntity } from '../../../src/entities/operation.entity.js';
import { OrganizationEntity } from '../../../src/entities/organization.entity.js';
import { ProgramEntity } from '../../../src/entities/program.entity.js';
import {
  ProgramCourseEnrollmentEntity,
  ProgramEnrollmentEntity,
} from '../../../src/entities/program-enrollment.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { buildGraphSchema } from '../../../src/resolvers/schema.js';
import { systemActor } from '../../../src/services/actor.js';
import { type ApiDocument, documentedCalls } from '../../support/api-walk.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';
import { everyField, fieldsIn, type Literals, mutationsOf, scopeOf, waysTo } from '../../support/graph-walk.js';
import { PageVisitor } from '../../support/page-visitor.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';
import { type RouteWatch, watchRoutes } from '../../support/route-watch.js';

const schema = buildGraphSchema();
const scope = 'programs:read programs:write tpa:read learning:read learning:write user:read operations:admin';

/** What stands in the data of the other school and nowhere else; its keys and ids the foreign partner knows. */
const secret = 'Zq9Kept';
const secretPattern = new RegExp(secret, 'i');

let site: GraphSite;
let reports: ReportFolderOfTest;
let routes: RouteWatch;
let home: GraphCaller & { token: string };
let foreign: GraphCaller & { token: string };
let literals: Literals;
let programId: string;
let operationId: string;

beforeAll(async () => {
  routes = watchRoutes();
  reports = await ReportFolderOfTest.create();
  site = await startGraphSite({ env: { PROGRAM_REPORTS_FOLDER: reports.path } });
  const partnerOf = async (username: string, organizationKey: string) => {
    const account = await site.aPerson({ username, isLinked: false });
    for (const role of ['ORGANIZATION_READ_WRITE_ENROLLMENTS', 'ORGANIZATION_READ_REPORTS'] as const)
      await site.gateway.context.services.partnerGrants.grant(
        { accountId: account.id },
        { role, organizationKey },
        systemActor,
      );
    return { account, caller: await site.caller(account, scope) };
  };
  // Somebody whom both schools know.
  const shared = await site.aPerson({ username: 'shared', isLinked: false });
  await aSchool('SchoolA', 'Here', shared.id);
  const other = await aSchool('SchoolB', secret, shared.id);
  ({ programId } = other);
  const partner = await partnerOf('partner-b', 'SchoolB');
  home = partner.caller;
  await site.gateway.context.services.partnerGrants.grant(
    { accountId: partner.account.id },
    { role: 'PROGRAM_READ_METADATA', programKey: 'school-b-masters' },
    systemActor,
  );
  foreign = (await partnerOf('partner-a', 'SchoolA')).caller;
  operationId = await anOperation(partner.account.id);
  const ids = {
    Program: other.programId,
    Organization: other.organizationId,
    LearnerLink: other.learnerId,
    ProgramEnrollment: other.enrollmentId,
    Operation: operationId,
    Account: partner.account.id,
  };
  const idOf = (type: keyof typeof ids) => JSON.stringify(toGlobalId(type, ids[type]));
  literals = {
    id: (Object.keys(ids) as (keyof typeof ids)[]).map(idOf),
    ids: [`[${(Object.keys(ids) as (keyof typeof ids)[]).map(idOf).join(', ')}]`],
    key: ['"school-b-masters"', '"SCHOOL-B-MASTERS"'],
    programKey: ['"school-b-masters"'],
    uuid: [JSON.stringify(other.uuid)],
    org: ['"SchoolB"'],
    organizationKey: ['"SchoolB"'],
    LearnerBy: [
      '{ org: "SchoolB", externalKey: "B-1" }',
      '{ username: "shared" }',
      '{ email: "shared@example.org" }',
      '{ lmsUserId: 4711 }',
      '{ org: "SchoolB", username: "shared" }',
    ],
    externalKey: ['"B-1"'],
    accountId: [idOf('Account')],
    learnerId: [idOf('LearnerLink')],
    operationId: [idOf('Operation')],
    providerId: ['"saml-schoolb"', '"oa2-ol-oauth2"'],
    usernames: ['["shared"]'],
    first: ['50'],
    AccountBy: ['{ username: "partner-b" }'],
    CourseKey: ['"course-v1:SchoolB+X+1"'],
    ID: [idOf('LearnerLink')],
  };
});
afterAll(async () => {
  routes[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
  await reports[Symbol.asyncDispose]();
});

/** A school with a program, a learner who is somebody, one who waits, and what they take. */
async function aSchool(key: string, text: string, accountId: string) {
  const em = site.gateway.context.orm.em.fork();
  const letter = key.slice(-1);
  const uuid = `0b0b0b0b-0000-4000-8000-00000000000${letter === 'A' ? 1 : 2}`;
  const organization = em.create(OrganizationEntity, { key, name: `${text} University` });
  await em.flush();
  const run = {
    courseKey: `course-v1:${key}+X+1`,
    externalKey: `${text}-RUN`,
    title: `${text} run`,
    url: `https://${text}.example/run`,
    course: `${key}+X`,
  };
  const curriculum = {
    uuid: uuid.replace('0b0b', '0c0c'),
    name: `${text} curriculum`,
    isActive: true,
    runs: [run],
    programs: [],
  };
  const program = em.create(ProgramEntity, {
    key: `school-${letter.toLowerCase()}-masters`,
    discoveryUuid: uuid,
    organizationId: organization.id,
    title: `${text} Masters`,
    typeSlug: 'masters',
    typeName: 'Masters',
    status: 'active',
    url: `https://${text}.example`,
    activeCurriculumUuid: curriculum.uuid,
    details: { organizations: [], curricula: [curriculum], runs: [] },
    syncedAt: new Date(),
  });
  const link = { organizationId: organization.id, source: 'upload' };
  const known = em.create(LearnerLinkEntity, {
    ...link,
    externalKey: letter === 'A' ? 'A-1' : 'B-1',
    state: 'LINKED',
    accountId,
    lmsUsername: `${text}-learner`,
    lmsUserId: letter === 'A' ? 4710 : 4711,
    linkedAt: new Date(),
  });
  const waiting = em.create(LearnerLinkEntity, {
    ...link,
    externalKey: `${text}-2`,
    state: 'WAITING',
    reason: `${text} reason`,
  });
  await em.flush();
  em.create(LearnerLinkEventEntity, {
    learnerLinkId: known.id,
    at: new Date(),
    from: 'WAITING',
    to: 'LINKED',
    cause: 'lms',
    detail: { note: `${text} step` },
  });
  const enrollments = [known, waiting].map((learner) =>
    em.create(ProgramEnrollmentEntity, {
      programId: program.id,
      learnerLinkId: learner.id,
      curriculumUuid: curriculum.uuid,
      status: 'enrolled',
      asOf: new Date(),
    }),
  );
  await em.flush();
  for (const { id } of enrollments)
    em.create(ProgramCourseEnrollmentEntity, {
      programEnrollmentId: id,
      courseKey: `course-v1:${key}+X+${text}`,
      status: 'active',
      courseStaff: true,
      asOf: new Date(),
    });
  await em.flush();
  await reports.add(key, uuid, { [reportOf(text)]: `${text} content` });
  return {
    uuid,
    organizationId: organization.id,
    programId: program.id,
    learnerId: known.id,
    enrollmentId: enrollments[0]?.id ?? '',
  };
}

const reportOf = (text: string) => `${text}__2026-01-01.csv`;

async function anOperation(startedBy: string): Promise<string> {
  const em = site.gateway.context.orm.em.fork();
  const operation = em.create(OperationEntity, {
    kind: 'EXPORT_PROGRAM_GRADES',
    state: 'PARTIAL',
    input: { programId, courseKey: 'course-v1:SchoolB+X+1' },
    lane: `program:${programId}`,
    startedBy,
    finishedAt: new Date(),
    total: 1,
    nextAttemptAt: new Date(),
    summary: { note: `${secret} summary` },
  });
  await em.flush();
  em.create(OperationRowEntity, {
    operationId: operation.id,
    number: 1,
    key: `${secret}-row`,
    outcome: 'CONFLICT',
    reason: `${secret} reason`,
    detail: { note: `${secret} detail` },
  });
  await em.flush();
  return operation.id;
}

/** Types that are about programs and partners, as their fields declare. */
const types = new Set([
  ...Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => Object.values(type.getFields()).some((field) => /programs:|tpa:/.test(scopeOf(field))))
    .map(({ name }) => name)
    .filter((name) => !['Query', 'Mutation', 'Account'].includes(name)),
  ...['AccessGrant', 'OperationRow', 'ThirdPartyMapping'],
]);

async function walk(caller: GraphCaller) {
  return Promise.all(
    waysTo(schema, types, literals).map(async (document) => {
      const { status, data, errors } = await askGraph(caller, document);
      return { document, status, data, text: JSON.stringify({ data, errors }) };
    }),
  );
}

/** What a partner of the other school has not, either. */
const nothingThere = [
  // For STAFF alone.
  'LearnerLinkEvent.detail',
  // Of somebody who is no account yet: administrators see it.
  'AccessGrant.invitedEmail',
  // Their own is closed to a partner until a client is granted the provider; see below.
  'ThirdPartyMapping.username',
  'ThirdPartyMapping.remoteId',
];

/** Some hundred questions, on a machine that may have much else to do. */
const walkMs = 120_000;

test('the walk comes by every type of programs and partners, and finds what its own partner may see', {
  timeout: walkMs,
}, async () => {
  expect([...types]).toEqual(
    expect.arrayContaining(['Program', 'ProgramEnrollment', 'LearnerLink', 'Organization', 'ProgramCourseEnrollment']),
  );
  const answers = await walk(home);
  const all = answers.map(({ text }) => text).join('\n');
  for (const seen of [
    ...[`${secret} Masters`, `${secret} University`, `${secret} run`, `${secret}-RUN`, `${secret}-learner`],
    ...[`${secret}-2`, `course-v1:SchoolB+X+${secret}`, `${secret}-row`, reportOf(secret)],
  ])
    expect(all.includes(seen), seen).toBe(true);
  const seen = fieldsIn(answers.map(({ data }) => data));
  const unseen = [...types].flatMap((name) => {
    const type = schema.getType(name);
    const leaves = isObjectType(type)
      ? Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)))
      : [];
    return leaves.map((field) => `${name}.${field.name}`).filter((field) => !seen.has(field));
  });
  expect(
    unseen,
    'fields that have nothing in the other school, so that nobody could be told it: give them something, or say why not',
  ).toEqual(nothingThere);
  // A document that the graph does not even understand would find nothing.
  expect(
    answers.filter(({ text }) => /GRAPHQL_VALIDATION_FAILED|BAD_DOCUMENT|GRAPHQL_PARSE_FAILED/.test(text)),
  ).toEqual([]);
});

test('whichever way a foreign partner goes through the graph, there is nothing of the other school', {
  timeout: walkMs,
}, async () => {
  const answers = await walk(foreign);
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter(({ text }) => secretPattern.test(text))).toEqual([]);
  expect(answers.map(({ text }) => text).join()).toContain('Here Masters');
});

/** Nothing that the foreign partner did may have ended their own access: to nobody nothing is told. */
async function expectStillThere(): Promise<void> {
  const own = await askGraph(foreign, '{ program(by: { key: "school-a-masters" }) { title } }');
  expect(JSON.stringify(own)).toContain('Here Masters');
}

/** All that is kept of the other school. */
async function kept(): Promise<unknown> {
  const read = (statement: string) => site.gateway.context.orm.em.fork().execute(statement);
  return Promise.all([
    read('select * from organization order by id'),
    read('select * from program order by id'),
    read('select * from learner_link order by id'),
    read('select * from learner_link_event order by id'),
    read('select * from program_enrollment order by id'),
    read('select * from program_course_enrollment order by id'),
    read('select * from partner_grant order by id'),
    read('select * from client_provider order by id'),
    read('select * from operation order by id'),
  ]);
}

test('no field of the whole graph, whatever it is about, tells a foreign partner anything', {
  timeout: walkMs,
}, async () => {
  const { documents, unfilled } = everyField(schema, literals);
  expect(
    unfilled,
    'fields whose arguments have nothing in `literals`: say there what they are in the other school',
  ).toEqual([]);
  const answers = await Promise.all(
    documents.map(async (document) => ({ document, text: JSON.stringify(await askGraph(foreign, document)) })),
  );
  expect(answers.filter(({ text }) => secretPattern.test(text))).toEqual([]);
  expect(
    answers.filter(({ text }) => /GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|INTERNAL_SERVER_ERROR/.test(text)),
  ).toEqual([]);
});

test('no mutation does anything to the other school for a foreign partner, nor tells them anything', {
  timeout: walkMs,
}, async () => {
  const before = await kept();
  for (const [name, documents] of mutationsOf(schema, literals)) {
    expect(documents, `${name}: say in \`literals\` what its input is in the other school`).not.toEqual([]);
    for (const document of documents) {
      const { data, errors } = await askGraph(foreign, document);
      const text = JSON.stringify({ data, errors });
      expect(text, document).not.toMatch(secretPattern);
      expect(text, document).not.toMatch(/GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|INTERNAL_SERVER_ERROR/);
    }
  }
  expect(await kept()).toEqual(before);
  await expectStillThere();
});

test('no address of the REST APIs, with whatever parameter, tells a foreign partner anything, or does anything for them', {
  timeout: walkMs,
}, async () => {
  const before = await kept();
  const calls = documentedCalls(
    (await (await fetch(`${site.url}/api/openapi.json`)).json()) as ApiDocument,
    {
      provider_id: ['saml-schoolb'],
      operation_id: [operationId],
      job_id: [operationId],
      program_key: ['school-b-masters'],
      course_id: ['course-v1:SchoolB+X+1', `${secret}-RUN`],
      org: ['SchoolB'],
      program_title: ['masters'],
      username: ['shared'],
      remote_id: ['B-1'],
      user_has_perm: ['read_enrollments'],
      page: ['1'],
      page_size: ['100'],
      expires: ['4102444800'],
      signature: ['made-up'],
      program_id: [programId],
      name: [reportOf('their')],
      min_created_date: ['2026-01-01'],
    },
    {
      json: '[{"student_key":"B-1","status":"enrolled"}]',
      file: 'student_key,course_id,status\r\nB-1,course-v1:SchoolB+X+1,active\r\n',
    },
  );
  expect(calls.length).toBeGreaterThan(40);
  const statuses = new Set<number>();
  for (const { method, path, body } of calls)
    for (const scheme of ['Bearer', 'JWT']) {
      const answer = await fetch(`${site.url}${path}`, {
        method,
        headers: { authorization: `${scheme} ${foreign.token}`, ...body?.headers },
        ...(body && { body: body.content() }),
      });
      statuses.add(answer.status);
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      expect(JSON.stringify([...answer.headers]) + (await answer.text()), `${method} ${path}`).not.toMatch(
        secretPattern,
      );
    }
  expect([...statuses]).toEqual(expect.arrayContaining([200, 404]));
  expect(await kept()).toEqual(before);
  await expectStillThere();
});

test('no page for partners tells a foreign partner anything, or does anything for them', async () => {
  const before = await kept();
  const { httpServer } = site.gateway.app;
  if (!httpServer) throw new Error('there is no web half');
  const visitor = new PageVisitor(httpServer, site.url);
  await visitor.go('/partner/programs/school-a-masters');
  await visitor.submit({ identifier: 'partner-a', password: testPassword });
  expect(visitor.text).toContain('Here Masters');
  const token = /name="_csrf" value="([^"]+)"/.exec(visitor.response?.body ?? '')?.[1] ?? '';
  expect(token).not.toBe('');
  const pages = [...routes.all].filter((route) => /^(GET|POST) \/partner/.test(route));
  expect(pages.length).toBeGreaterThan(8);
  for (const programKey of ['school-b-masters', 'school-a-masters'])
    for (const route of pages) {
      const [method, pattern = ''] = route.split(' ');
      const path = pattern
        .replace(':programKey', programKey)
        .replace(':id', operationId)
        .replace(':name', reportOf(programKey === 'school-b-masters' ? secret : 'Here'));
      const body = new URLSearchParams({ _csrf: token, what: 'learners', courseKey: 'course-v1:SchoolB+X+1' });
      await visitor.go(
        path,
        method === 'POST'
          ? {
              method,
              payload: body.toString(),
              headers: { 'content-type': 'application/x-www-form-urlencoded', origin: site.url },
            }
          : {},
      );
      const isOpen = method === 'GET' && !pattern.includes(':id') && !path.includes('school-b');
      expect([route, programKey, (visitor.response?.statusCode ?? 0) < 400]).toEqual([route, programKey, isOpen]);
      expect(visitor.response?.statusCode, path).toBeLessThan(500);
      expect(visitor.response?.body, path).not.toMatch(secretPattern);
    }
  expect(await kept()).toEqual(before);
});

test('the ID mapping of the other school is closed, also to a client that has its own', async () => {
  const { oauthClients, providerGrants } = site.gateway.context.services;
  const { rows } = await oauthClients.list({ size: 50 });
  for (const { clientId, name } of rows)
    if (name.includes('partner-a')) await providerGrants.grant(clientId, 'saml-schoola', systemActor);
  const read = (provider: string) =>
    fetch(`${site.url}/api/third_party_auth/v0/providers/${provider}/users`, {
      headers: { authorization: `Bearer ${foreign.token}` },
    });
  expect((await read('saml-schoolb')).status).toBe(403);
  expect((await read('oa2-ol-oauth2')).status).toBe(403);
  expect((await read('saml-schoola')).status).not.toBe(403);
});

test('grants are read anew: what was given opens at once, what was taken closes at once', async () => {
  const { partnerGrants, accounts } = site.gateway.context.services;
  const partner = await accounts.findByUsername('partner-a');
  const holder = { accountId: partner?.id ?? '' };
  const role = { role: 'PROGRAM_READ_METADATA', programKey: 'school-b-masters' } as const;
  const ask = async () =>
    JSON.stringify(await askGraph(foreign, '{ program(by: { key: "school-b-masters" }) { title } }'));
  const learners =
    '{ program(by: { key: "school-b-masters" }) { enrollments(first: 5) { nodes { learner { externalKey } } } } }';
  await partnerGrants.grant(holder, role, systemActor);
  expect(await ask()).toContain(`${secret} Masters`);
  expect(JSON.stringify(await askGraph(foreign, learners))).not.toContain(`${secret}-2`);
  await partnerGrants.revoke(holder, role, systemActor);
  expect(await ask()).not.toMatch(secretPattern);
});
