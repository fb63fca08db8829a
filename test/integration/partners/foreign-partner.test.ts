import { isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LearnerLinkEntity } from '../../../src/entities/learner-link.entity.js';
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
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';
import { type Literals, mutationsOf, scopeOf, waysTo } from '../../support/graph-walk.js';
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
    url: null,
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
  const waiting = em.create(LearnerLinkEntity, { ...link, externalKey: `${text}-2`, state: 'WAITING' });
  await em.flush();
  const enrollments = [known, waiting].map((learner) =>
    em.create(ProgramEnrollmentEntity, {
      programId: program.id,
      learnerLinkId: learner.id,
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
  });
  await em.flush();
  em.create(OperationRowEntity, {
    operationId: operation.id,
    number: 1,
    key: `${secret}-row`,
    outcome: 'CONFLICT',
    reason: `${secret} reason`,
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
  ...['AccessGrant', 'Operation', 'OperationRow', 'ThirdPartyMapping'],
]);

async function walk(caller: GraphCaller) {
  return Promise.all(
    waysTo(schema, types, literals).map(async (document) => {
      const { status, data, errors } = await askGraph(caller, document);
      return { document, status, text: JSON.stringify({ data, errors }) };
    }),
  );
}

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

test('no mutation of programs does anything for a foreign partner, nor tells them anything', async () => {
  const before = await kept();
  const documents = mutationsOf(schema, /programs:|tpa:/, literals);
  const names = Object.values(schema.getMutationType()?.getFields() ?? {})
    .filter((field) => /programs:|tpa:/.test(scopeOf(field)))
    .map(({ name }) => name);
  for (const name of names)
    expect(
      documents.filter((document) => document.includes(` ${name}(`)),
      name,
    ).not.toEqual([]);
  for (const document of documents) {
    const { data, errors } = await askGraph(foreign, document);
    const text = JSON.stringify({ data, errors });
    expect(text, document).not.toMatch(secretPattern);
    expect(text, document).not.toMatch(/GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|INTERNAL_SERVER_ERROR/);
  }
  expect(await kept()).toEqual(before);
});

/** What stands behind a route that takes whatever follows: every address of the Registrar's API. */
function below(route: string): string[] {
  if (!route.endsWith('/*')) return [route];
  if (route.includes('/internal/')) return ['cache', 'cache/:programKey'].map((path) => route.replace('*', path));
  const paths = [
    ...['programs', 'programs/:programKey', 'programs/:programKey/courses', 'programs/:programKey/enrollments'],
    ...['programs/:programKey/courses/:courseId/enrollments', 'programs/:programKey/course_enrollments'],
    ...['programs/:programKey/enrollments/upload', 'programs/:programKey/course_enrollments/upload'],
    ...['programs/:programKey/courses/:courseId/grades', 'programs/:programKey/reports'],
    ...['jobs', 'jobs/:jobId'],
  ];
  return paths.map((path) => route.replace('*', path));
}

test('no address of the REST APIs tells a foreign partner anything, or does anything for them', async () => {
  const before = await kept();
  const values: Record<string, string> = {
    providerId: 'saml-schoolb',
    operationId,
    jobId: operationId,
    programId,
    name: reportOf('their'),
    programKey: 'school-b-masters',
    program_key: 'school-b-masters',
    courseId: 'course-v1:SchoolB+X+1',
    course_id: 'course-v1:SchoolB+X+1',
  };
  const api = [...routes.all].filter((route) => / \/api\//.test(route) && !/users\/me|userinfo|OPTIONS/.test(route));
  expect(api.length).toBeGreaterThan(3);
  for (const route of api.flatMap(below)) {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pattern.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`say here what ${name} of ${route} is in the other school`);
      return encodeURIComponent(value);
    });
    for (const scheme of ['Bearer', 'JWT']) {
      const hasBody = !['GET', 'HEAD'].includes(method);
      const answer = await fetch(`${site.url}${path}`, {
        method,
        headers: {
          authorization: `${scheme} ${foreign.token}`,
          ...(hasBody && { 'content-type': 'application/json' }),
        },
        ...(hasBody && { body: '[{"student_key":"B-1","status":"enrolled"}]' }),
      });
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      expect(JSON.stringify([...answer.headers]) + (await answer.text()), `${method} ${path}`).not.toMatch(
        secretPattern,
      );
    }
  }
  expect(await kept()).toEqual(before);
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
