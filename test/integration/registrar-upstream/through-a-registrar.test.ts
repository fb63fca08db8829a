import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkRegistrar } from '../../../src/cli/doctor/registrar-check.js';
import { LearnerLinkEntity } from '../../../src/entities/learner-link.entity.js';
import type { Program } from '../../../src/entities/program.entity.js';
import {
  ProgramCourseEnrollmentEntity,
  ProgramEnrollmentEntity,
} from '../../../src/entities/program-enrollment.entity.js';
import { readGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { ensureOrganization } from '../../../src/services/program/ensure-organization.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { runCommand } from '../../support/run-command.js';
import { answerJson } from '../datasources/scripted-lms.js';
import { answerWords, run, type Script, secondRun, startScriptedRegistrar } from './scripted-registrar.js';

/** Portico with a Registrar: what it is asked, and that Discovery and the LMS's program enrollments are not. */

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const gql = (caller: GraphCaller, query: string, variables?: object) => askGraph<any>(caller, query, variables);
const job = { purpose: 'job' } as const;
const request = { purpose: 'request' } as const;

const script: Script = {};
let registrar: Awaited<ReturnType<typeof startScriptedRegistrar>>;
let site: GraphSite;
let root: GraphCaller & { token: string };
beforeAll(async () => {
  registrar = await startScriptedRegistrar(script);
  site = await startGraphSite({ worker: true, env: { REGISTRAR_API_BASE_URL: `${registrar.url}/api` } });
  const { orm, services } = site.gateway.context;
  await ensureOrganization({ orm, audit: services.audit }, { key: 'HUMx', name: 'A school' }, systemActor);
  root = await site.caller(
    await site.aPerson({ username: 'root', roles: ['ADMIN'] }),
    'programs:read programs:write operations:admin',
  );
  registrar.learners.set('001', 'enrolled').set('002', 'pending');
  registrar.inRun.set('001', 'active');
  await services.programs.sync(job);
});
beforeEach(() => void registrar.seen.splice(0));
afterEach(() => {
  for (const key of Object.keys(script)) delete script[key as keyof Script];
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await registrar[Symbol.asyncDispose]();
});

const services = () => site.gateway.context.services;
async function programOf(key: string): Promise<Program> {
  const program = await services().programs.findByKey(key);
  if (!program) throw new Error(`there is no program ${key}`);
  return program;
}
const masters = () => programOf('masters-in-cs');

/** Calls of Discovery and of the LMS's program enrollments. */
async function elsewhere(): Promise<string[]> {
  const of = async (url: string) =>
    ((await (await fetch(`${url}/_sandbox/requests`)).json()) as { path: string }[]).map(({ path }) => path);
  const lms = await of(site.gateway.sandbox.lmsUrl);
  return [
    ...lms.filter((path) => path.startsWith('/api/program_enrollments/')),
    ...(await of(site.gateway.sandbox.discoveryUrl)),
  ];
}

describe('programs', () => {
  test('are taken over with their course runs, by the keys of the Registrar, for the organizations that are known', async () => {
    script.programs = [
      { key: 'masters-in-cs', organization: 'HUMx' },
      { key: 'masters-in-alt', organization: 'ALTx' },
      { key: 'blind', organization: 'HUMx', type: null },
      { key: 'new-one', organization: 'HUMx', type: 'Professional Certificate', title: 'New' },
    ];
    const report = await services().programs.sync(job);
    expect(report).toEqual({
      created: ['new-one'],
      updated: 1,
      undecided: [{ key: 'masters-in-alt', uuid: '' }],
      misfits: [expect.stringContaining('blind')],
    });
    expect(await programOf('new-one')).toMatchObject({
      title: 'New',
      typeSlug: 'professional-certificate',
      status: null,
    });
    const program = await masters();
    expect(program).toMatchObject({ title: 'About masters-in-cs', typeSlug: 'masters', typeName: 'Masters' });
    expect(program.details?.curricula[0]?.runs.map(({ courseKey }) => courseKey)).toEqual([
      run.courseKey,
      secondRun.courseKey,
    ]);
    // The list, the runs of the three that it describes, and the list of each organization that is known.
    expect(registrar.calls().sort()).toEqual(
      [
        'GET /api/v3/programs/?page_size=100',
        'GET …/courses',
        'GET /api/v1/programs/masters-in-alt/courses',
        'GET /api/v1/programs/new-one/courses',
        'GET /api/v3/programs/?org=HUMx&page_size=100',
      ].sort(),
    );
  });

  test('whose organization a person says are tied by that', async () => {
    script.programs = [{ key: 'told', organization: 'ALTx' }];
    const uuid = 'aaaaaaaa-0000-4000-8000-000000000001';
    await services().programs.link({ key: 'told', uuid, organizationKey: 'ALTx' }, systemActor);
    const [described] = await services().programs.describe([await programOf('told')], request);
    expect(described).toMatchObject({ isStale: false, program: { title: 'About told', discoveryUuid: uuid } });
    expect(registrar.calls()).toEqual(['GET /api/v1/programs/told', 'GET /api/v1/programs/told/courses']);
    await services().programs.unlink('told', systemActor);
    expect(
      (await services().programs.describe([await programOf('told')], { ...request, isForced: true }))[0],
    ).toMatchObject({
      isStale: false,
      program: { title: null },
    });
    expect(registrar.seen).toHaveLength(2);
  });

  test('many are described by one list and their course runs, and while they are fresh by nothing', async () => {
    const rows = [await masters(), await programOf('micromasters-in-ml')];
    await services().programs.describe(rows, { ...request, isForced: true });
    expect(registrar.calls().sort()).toEqual(
      [
        'GET /api/v3/programs/?page_size=100',
        'GET …/courses',
        'GET /api/v1/programs/micromasters-in-ml/courses',
      ].sort(),
    );
    registrar.seen.splice(0);
    await services().programs.describe([await masters()], request);
    expect(registrar.seen).toEqual([]);
  });

  test.each([
    ['fails', 500],
    ['throttles', 429],
    ['does not know it any more', 404],
  ])('stay as they were while the Registrar %s, and are told to be stale once they are old', async (_, status) => {
    const before = await masters();
    script.before = (__, response) => {
      answerJson(response, status, { detail: 'x' });
      return true;
    };
    await site.gateway.context.orm.em
      .fork()
      .execute(`update program set synced_at = now() - interval '2 hours' where key = 'masters-in-cs'`);
    const [described] = await services().programs.describe([await masters()], { ...request, isForced: true });
    expect(described).toMatchObject({ isStale: true, program: { title: before.title, details: before.details } });
  });

  test('about which the Registrar could not ask Discovery stay as they were', async () => {
    script.programs = [{ key: 'masters-in-cs', organization: 'HUMx', type: null }];
    const [described] = await services().programs.describe([await masters()], { ...request, isForced: true });
    expect(described?.program).toMatchObject({ title: 'About masters-in-cs', typeSlug: 'masters' });
    expect(registrar.seen).toHaveLength(1);
  });
});

describe('learners', () => {
  test('of a program and of its runs are read by two jobs', async () => {
    await services().programs.describe([await masters()], { ...request, isForced: true });
    registrar.seen.splice(0);
    expect(await services().programLearners.read(await masters(), job)).toEqual({ learners: 2, courseEnrollments: 1 });
    expect(registrar.calls()).toEqual([
      'GET …/enrollments?fmt=json',
      'GET /api/v1/jobs/{job}',
      'GET /api/media/{job}.json',
      'GET …/course_enrollments?fmt=json',
      'GET /api/v1/jobs/{job}',
      'GET /api/media/{job}.json',
    ]);
    const em = site.gateway.context.orm.em.fork();
    const learners = await em.findAll(LearnerLinkEntity);
    expect(learners.map(({ externalKey, state }) => [externalKey, state]).sort()).toEqual([
      ['001', 'WAITING'],
      ['002', 'WAITING'],
    ]);
    const inCourses = await em.findAll(ProgramCourseEnrollmentEntity);
    expect(inCourses).toMatchObject([{ courseKey: run.courseKey, status: 'active' }]);
  });

  test('are tied by hand only where the id of the program in the LMS was told', async () => {
    const ada = await site.aPerson({ username: 'ada' });
    const { organizationId } = await masters();
    const key = { organizationId, externalKey: '001' };
    await expect(
      services().learnerTies.tie({ ...key, accountId: ada.id, isRelink: false }, systemActor),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('linkProgram'),
    });
  });

  test('are tied to the LMS users that the Registrar names', async () => {
    script.usernames = { '002': 'ada' };
    await services().programLearners.read(await masters(), job);
    const em = site.gateway.context.orm.em.fork();
    const tied = await em.findOneOrFail(LearnerLinkEntity, { externalKey: '002' });
    expect(tied).toMatchObject({ state: 'LINKED', lmsUsername: 'ada', accountId: expect.any(String) });
  });

  test('are in the graph; while the Registrar is away those that were read stay', async () => {
    const query = `query { program(by: { key: "masters-in-cs" }) {
      enrollments(first: 5) { nodes { status learner { externalKey } } } } }`;
    const expected = {
      program: { enrollments: { nodes: expect.arrayContaining([expect.objectContaining({ status: 'ENROLLED' })]) } },
    };
    expect((await gql(root, query)).data).toMatchObject(expected);
    script.before = (_, response) => {
      response.destroy();
      return true;
    };
    await site.gateway.context.orm.em
      .fork()
      .execute("update program set learners_read_at = learners_read_at - interval '1 hour'");
    expect((await gql(root, query)).data).toMatchObject(expected);
  });

  test('are in a file that an export makes', async () => {
    const begun = await services().operations.begin(
      'EXPORT_PROGRAM_ENROLLMENTS',
      { programId: (await masters()).id, format: 'csv' },
      systemActor,
    );
    const over = await isOver(begun.id);
    expect(over).toMatchObject({ state: 'SUCCEEDED', done: 2 });
  });
});

async function isOver(id: string) {
  return eventually('the operation is over', async () => {
    const [operation] = await services().operations.findByIds([id]);
    return operation && ['SUCCEEDED', 'PARTIAL', 'FAILED'].includes(operation.state) && operation;
  });
}

describe('writes', () => {
  const write = async (mode: string, rows: object[]) => {
    const { data } = await gql(
      root,
      `mutation ($input: WriteProgramEnrollmentsInput!) { writeProgramEnrollments(input: $input) {
        operation { state } rows { key outcome reason } userErrors { code message } } }`,
      { input: { programKey: 'masters-in-cs', mode, rows } },
    );
    return data?.writeProgramEnrollments;
  };
  const writesOf = () => registrar.calls().filter((call) => !call.startsWith('GET'));

  test('of a few say of each row what became of it, by the calls that it takes', async () => {
    const added = await write('CREATE', [
      { externalKey: '001', status: 'ENROLLED' },
      { externalKey: '100', status: 'ENROLLED' },
    ]);
    expect(added.rows.map(({ key, outcome }: { key: string; outcome: string }) => `${key} ${outcome}`)).toEqual([
      '001 CONFLICT',
      '100 OK',
    ]);
    expect(writesOf()).toEqual(['POST …/enrollments']);
    registrar.seen.splice(0);
    await write('UPSERT', [{ externalKey: '100', status: 'ENDED' }]);
    expect(writesOf()).toEqual(['POST …/enrollments', 'PATCH …/enrollments']);
    expect(registrar.learners.get('100')).toBe('ended');
  });

  test('while the Registrar writes a file of the program are told, and not left hanging', async () => {
    script.before = ({ method }, response) => {
      if (method === 'GET') return false;
      answerJson(response, 409, 'Job already in progress for program');
      return true;
    };
    const refused = await write('CREATE', [{ externalKey: '200', status: 'ENROLLED' }]);
    expect(refused.rows).toEqual([
      { key: '200', outcome: 'UPSTREAM_TIMEOUT', reason: expect.stringContaining('is writing a file') },
    ]);
  });

  test('of a file wait while the LMS behind the Registrar fails, and go on, each row once', async () => {
    const taken: string[] = [];
    let isDown = true;
    script.before = ({ method, body }, response) => {
      if (method === 'GET') return false;
      const keys = (JSON.parse(body) as { student_key: string }[]).map(({ student_key }) => student_key);
      if (isDown && taken.length > 0) {
        answerWords(response, Object.fromEntries(keys.map((key) => [key, 'internal-error'])));
        return true;
      }
      taken.push(...keys);
      return false;
    };
    const keys = Array.from({ length: 60 }, (_, index) => `W${String(index).padStart(3, '0')}`);
    const csv = `student_key,status\n${keys.map((key) => `${key},pending`).join('\n')}\n`;
    const begun = await services().programWrites.upload(
      await masters(),
      'program',
      { csv, isDryRun: false },
      systemActor,
    );
    const waiting = await eventually('it waits', async () => {
      const [operation] = await services().operations.findByIds([begun.id]);
      return operation?.nextAttemptAt != null && operation;
    });
    expect(waiting.state).not.toBe('FAILED');
    isDown = false;
    expect(await isOver(begun.id)).toMatchObject({ state: 'SUCCEEDED', total: 60, done: 60, failed: 0 });
    expect(taken.sort()).toEqual(keys);
  });

  const rest = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${site.url}/api/v1/programs/masters-in-cs/${path}`, {
      method,
      headers: { authorization: `JWT ${root.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };

  test('by the REST API end with the words of the Registrar, for a course run by the school’s key of it', async () => {
    const rows = [
      { student_key: '001', status: 'enrolled' },
      { student_key: '300', status: 'enrolled' },
    ];
    expect(await rest('POST', 'enrollments', rows)).toEqual({
      status: 207,
      body: { '001': 'conflict', '300': 'enrolled' },
    });
    const inCourse = [{ student_key: '300', status: 'active' }];
    expect(await rest('POST', `courses/${run.externalKey}/enrollments`, inCourse)).toEqual({
      status: 200,
      body: { '300': 'active' },
    });
    expect(writesOf()).toEqual(['POST …/enrollments', `POST …/courses/${run.courseKey}/enrollments`]);
    expect(await rest('GET', 'courses')).toMatchObject({
      status: 200,
      body: [{ course_id: run.courseKey, external_course_key: run.externalKey }, { course_id: secondRun.courseKey }],
    });
  });

  test('of a file can be foreseen: its list is read, and nothing is written', async () => {
    registrar.learners.set('there', 'pending');
    const begun = await services().programWrites.upload(
      await masters(),
      'program',
      { csv: 'student_key,status\nthere,enrolled\nnew,enrolled\n', isDryRun: true },
      systemActor,
    );
    await isOver(begun.id);
    const { rows } = await services().operations.rows(begun.id, {}, { size: 10 });
    expect(rows.map(({ key, outcome, reason }) => [key, outcome, reason]).sort()).toEqual([
      ['new', 'OK', 'It would be added as enrolled.'],
      ['there', 'OK', 'It would be changed from pending to enrolled.'],
    ]);
    expect(writesOf()).toEqual([]);
  });

  test('of a file go out 25 rows a call, and are stored', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `F${String(index).padStart(3, '0')}`);
    const csv = `student_key,status\n${keys.map((key) => `${key},enrolled`).join('\n')}\n`;
    const { data } = await gql(
      root,
      `mutation ($input: UploadProgramEnrollmentsInput!) { uploadProgramEnrollments(input: $input) {
        operation { id } userErrors { code message } } }`,
      { input: { programKey: 'masters-in-cs', csv } },
    );
    expect(data?.uploadProgramEnrollments.userErrors).toEqual([]);
    await isOver(readGlobalId('Operation', data.uploadProgramEnrollments.operation.id, 'id'));
    const em = site.gateway.context.orm.em.fork();
    const links = await em.find(LearnerLinkEntity, { externalKey: { $in: keys } });
    expect(links).toHaveLength(60);
    const stored = {
      learnerLinkId: { $in: links.map(({ id }) => id) },
      status: 'enrolled' as const,
      confirmedAt: { $ne: null },
    };
    expect(await em.count(ProgramEnrollmentEntity, stored)).toBe(60);
    expect(writesOf()).toEqual(Array.from({ length: 3 }, () => 'POST …/enrollments'));
    expect(keys.every((key) => registrar.learners.get(key) === 'enrolled')).toBe(true);
  });
});

describe('the operator', () => {
  test('sees the Registrar among the upstreams, and its health', async () => {
    await services().programs.describe([await masters()], { ...request, isForced: true });
    const { data } = await gql(root, '{ upstreams { name breaker } }');
    expect(data?.upstreams).toContainEqual({ name: 'registrar', breaker: 'CLOSED' });
    const health = (await (await fetch(`${site.url}/health/full`)).json()) as { checks: object };
    expect(health.checks).toMatchObject({ registrar: true });
  });

  const doctor = async () => {
    const { lms, config } = site.gateway.context;
    if (!config.registrar) throw new Error('no Registrar is configured');
    return checkRegistrar({ client: lms.client, config }, config.registrar);
  };

  test('is told by the doctor that all is well', async () => {
    expect(await doctor()).toMatchObject([
      { name: 'Registrar', status: 'ok' },
      { name: 'Registrar rights', status: 'ok', detail: '2 programs, enrollments of 1 Masters' },
    ]);
  });

  test('is told so by the command', async () => {
    const { config } = site.gateway.context;
    const { stdout } = await runCommand(['doctor', '--json'], {
      DATABASE_URL: config.database.url,
      OPENEDX_API_BASE_URL: config.lms.baseUrl,
      PORTICO_PUBLIC_URL: site.url,
      REGISTRAR_API_BASE_URL: registrar.url,
    });
    const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string }[] };
    expect(checks.filter(({ name }) => name.startsWith('Registrar'))).toMatchObject([
      { status: 'ok' },
      { status: 'ok' },
    ]);
  });

  test.each<[string, Script, object]>([
    [
      'no program is shown',
      { programs: [] },
      { advice: expect.stringContaining('organization_read_write_enrollments') },
    ],
    [
      'a right is missing',
      { programs: [{ key: 'p', organization: 'HUMx', permissions: ['read_metadata'] }] },
      { detail: 'the service worker may not write enrollments of p' },
    ],
    [
      'Discovery failed the Registrar',
      { programs: [{ key: 'p', organization: 'HUMx', type: null }] },
      { advice: expect.stringContaining('/api/internal/cache/') },
    ],
    [
      'its token is refused',
      {
        before: ({ url }, response) => {
          if (url === '/health') return false;
          answerJson(response, 401, { detail: 'Invalid token.' });
          return true;
        },
      },
      { advice: expect.stringContaining('JWT_AUTH') },
    ],
  ])('is told by the doctor what to do when %s', async (_, wrong, finding) => {
    Object.assign(script, wrong);
    expect((await doctor()).at(-1)).toMatchObject({ name: 'Registrar rights', status: 'failed', ...finding });
  });
});

test('of Discovery and of the program enrollments of the LMS nothing was asked in all this', async () => {
  expect(await elsewhere()).toEqual([]);
});
