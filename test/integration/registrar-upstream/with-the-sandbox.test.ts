import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startSandbox } from '../../../sandbox/start.js';
import { checkRegistrar } from '../../../src/cli/doctor/registrar-check.js';
import type { Program } from '../../../src/entities/program.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { ensureOrganization } from '../../../src/services/program/ensure-organization.js';
import { lmsSigningKeys } from '../../sandbox/credentials.js';
import { pullLever } from '../../support/sandbox-levers.js';
import { testClients } from '../../support/settings.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

/** Portico with the sandbox's Registrar, which has the sandbox's LMS and Discovery behind it. */

const job = { purpose: 'job' } as const;
const masters = 'masters-in-computer-science';
const mastersUuid = 'd0000000-0000-4000-8000-000000000001';

const stack = new AsyncDisposableStack();
let gateway: Gateway;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = stack.use(
    await startSandbox({
      ...testClients,
      worker: { ...testClients.worker, username: 'portico_worker' },
      lmsPort: 0,
      smtpPort: 0,
      signingKeys: lmsSigningKeys,
      porticoUrl: 'http://localhost:9',
      demo: true,
    }),
  );
  gateway = stack.use(
    await startGateway({
      worker: true,
      env: {
        OPENEDX_API_BASE_URL: sandbox.lmsUrl,
        SMTP_URL: sandbox.smtpUrl,
        DISCOVERY_API_BASE_URL: sandbox.discoveryUrl,
        REGISTRAR_API_BASE_URL: sandbox.registrarUrl,
      },
    }),
  );
  const { orm, services } = gateway.context;
  await ensureOrganization({ orm, audit: services.audit }, { key: 'DemoU', name: 'Demo University' }, systemActor);
  await services.programs.sync(job);
});
beforeEach(() => pullLever(sandbox.registrarUrl, 'DELETE', 'requests'));
afterEach(() => pullLever(sandbox.registrarUrl, 'PUT', 'faults', []));
afterAll(() => stack.disposeAsync());

async function theProgram(): Promise<Program> {
  const program = await gateway.context.services.programs.findByKey(masters);
  if (!program) throw new Error('the program was not taken over');
  return program;
}

/** Method and path of each call that the Registrar got. */
async function calls(): Promise<string[]> {
  const answer = await fetch(`${sandbox.registrarUrl}/_sandbox/requests`);
  const seen = (await answer.json()) as { method: string; path: string }[];
  return seen.map(({ method, path }) => `${method} ${path.replace(/[\da-f]{8}-[\da-f-]{27}/, '{job}')}`);
}

const inLms = (studentKey: string) =>
  sandbox.state.programs.byProgram.of(mastersUuid).find((row) => row.studentKey === studentKey)?.status;

test('programs are those of the Registrar', async () => {
  expect(await theProgram()).toMatchObject({ title: 'Master of Computer Science', typeSlug: 'masters' });
});

test('learners of a program and its runs are read by two jobs that are followed', async () => {
  const found = await gateway.context.services.programLearners.read(await theProgram(), job);
  expect(found.learners).toBe(7);
  expect(found.courseEnrollments).toBeGreaterThan(0);
  const steps = (await calls()).filter((call, index, all) => call !== all[index - 1]);
  expect(steps).toEqual([
    `GET /api/v1/programs/${masters}/enrollments`,
    'GET /api/v1/jobs/{job}',
    'GET /api/media/registrar/job-results/{job}.json',
    `GET /api/v1/programs/${masters}/course_enrollments`,
    'GET /api/v1/jobs/{job}',
    'GET /api/media/registrar/job-results/{job}.json',
  ]);
});

const write = async (mode: 'CREATE' | 'UPSERT', rows: { externalKey: string; status: string }[]) => {
  const { services } = gateway.context;
  const written = await services.programWrites.write(await theProgram(), 'program', { mode, rows }, systemActor);
  return written.rows.map(({ key, outcome }) => [key, outcome]);
};

test('rows are written by as many calls as they take, and are in the LMS', async () => {
  expect(
    await write('UPSERT', [
      { externalKey: 'DU-0001', status: 'suspended' },
      { externalKey: 'DU-1001', status: 'enrolled' },
    ]),
  ).toEqual([
    ['DU-0001', 'OK'],
    ['DU-1001', 'OK'],
  ]);
  expect([inLms('DU-0001'), inLms('DU-1001')]).toEqual(['suspended', 'enrolled']);
  expect(await calls()).toEqual([
    `POST /api/v1/programs/${masters}/enrollments`,
    `PATCH /api/v1/programs/${masters}/enrollments`,
  ]);
});

test.each(['down', 'reset', 'throttle', 'wrong-json', 'wrong-types', 'html500', 'truncate'])(
  'while the Registrar is %s a reading is trouble, and what was read stays',
  async (mode) => {
    await pullLever(sandbox.registrarUrl, 'PUT', 'faults', [{ match: '/api/v1/programs/*', mode, times: 100 }]);
    await expect(gateway.context.services.programLearners.read(await theProgram(), job)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      upstream: 'registrar',
    });
    expect((await theProgram()).learnersReadAt).not.toBeNull();
  },
);

test('the doctor finds it well', async () => {
  const { lms, config } = gateway.context;
  if (!config.registrar) throw new Error('no Registrar is configured');
  const found = await checkRegistrar({ client: lms.client, config }, config.registrar);
  expect(found.map(({ name, status }) => [name, status])).toEqual([
    ['Registrar', 'ok'],
    ['Registrar rights', 'ok'],
  ]);
});
