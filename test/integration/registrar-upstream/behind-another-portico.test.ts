import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox } from '../../../sandbox/start.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { PartnerGrantEntity } from '../../../src/entities/partner-grant.entity.js';
import type { ProgramEnrollment } from '../../../src/entities/program-enrollment.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { ensureOrganization } from '../../../src/services/program/ensure-organization.js';
import { lmsSigningKeys } from '../../sandbox/credentials.js';
import { testClients } from '../../support/settings.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

/** A Portico whose Registrar is another Portico, which has Discovery and the LMS behind it: all by real sockets, nothing scripted. */

const job = { purpose: 'job' } as const;
const masters = 'masters-in-computer-science';

const stack = new AsyncDisposableStack();
let front: Gateway;
let inLms: (studentKey: string) => string | undefined;
beforeAll(async () => {
  const sandbox = stack.use(
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
  const env = { OPENEDX_API_BASE_URL: sandbox.lmsUrl, SMTP_URL: sandbox.smtpUrl };
  const { secret } = sandbox.state.single<{ secret: string }>('signingKeys');
  const registrar = stack.use(
    await startGateway({
      worker: true,
      env: {
        ...env,
        DISCOVERY_API_BASE_URL: sandbox.discoveryUrl,
        OPENEDX_JWT_AUDIENCE: 'lms-key',
        OPENEDX_JWT_SECRET_KEY: secret,
      },
    }),
  );
  await admitWorker(registrar);
  front = stack.use(await startGateway({ worker: true, env: { ...env, REGISTRAR_API_BASE_URL: registrar.url } }));
  const { orm, services } = front.context;
  await ensureOrganization({ orm, audit: services.audit }, { key: 'DemoU', name: 'Demo University' }, systemActor);
  inLms = (studentKey) =>
    sandbox.state.programs.byProgram
      .of('d0000000-0000-4000-8000-000000000001')
      .find((row) => row.studentKey === studentKey)?.status;
});
afterAll(() => stack.disposeAsync());

/** Gives the LMS user of the service worker an account there, which may write the enrollments of `DemoU`. */
async function admitWorker({ context: { orm, services } }: Gateway): Promise<void> {
  await services.programs.sync(job);
  const username = 'portico_worker';
  const { id } = await services.accounts.create(
    { username, email: 'worker@example.org', name: username, isEmailVerified: true },
    systemActor,
  );
  const organization = await services.programs.findOrganization('DemoU');
  const em = orm.em.fork();
  await em.nativeUpdate(
    EdxLinkEntity,
    { accountId: id },
    { state: 'LINKED', edxUsername: username, remoteId: username, linkedAt: new Date() },
  );
  em.create(PartnerGrantEntity, {
    accountId: id,
    role: 'ORGANIZATION_READ_WRITE_ENROLLMENTS',
    organizationId: organization?.id ?? '',
  });
  await em.flush();
}

test('its programs, course runs, learners and writes go through the other', async () => {
  const { services, orm } = front.context;
  const report = await services.programs.sync(job);
  expect(report.created.sort()).toEqual([masters, 'micromasters-in-data-science']);
  const program = await services.programs.findByKey(masters);
  if (!program) throw new Error('the program was not taken over');
  expect(program).toMatchObject({ title: 'Master of Computer Science', typeSlug: 'masters', discoveryUuid: null });
  expect(program.details?.curricula[0]?.runs.map(({ externalKey }) => externalKey)).toContain('CS101-26');
  const found = await services.programLearners.read(program, job);
  expect(found.learners).toBe(7);
  expect(found.courseEnrollments).toBeGreaterThan(0);
  const { operation, rows } = await services.programWrites.write(
    program,
    'program',
    {
      mode: 'UPSERT',
      rows: [
        { externalKey: 'DU-0001', status: 'suspended' },
        { externalKey: 'DU-1001', status: 'enrolled' },
      ],
    },
    systemActor,
  );
  expect([operation.state, rows.map(({ key, outcome }) => [key, outcome])]).toEqual([
    'SUCCEEDED',
    [
      ['DU-0001', 'OK'],
      ['DU-1001', 'OK'],
    ],
  ]);
  expect([inLms('DU-0001'), inLms('DU-1001')]).toEqual(['suspended', 'enrolled']);
  const stored = await orm.em.fork().execute<Pick<ProgramEnrollment, 'status'>[]>(
    `select enrollment.status from program_enrollment enrollment
       join learner_link learner on learner.id = enrollment.learner_link_id where learner.external_key = 'DU-0001'`,
  );
  expect(stored).toEqual([{ status: 'suspended' }]);
});

test('a program that is no Masters has nobody there', async () => {
  const { services } = front.context;
  const program = await services.programs.findByKey('micromasters-in-data-science');
  if (!program) throw new Error('the program was not taken over');
  expect(await services.programLearners.read(program, job)).toEqual({ learners: 0, courseEnrollments: 0 });
});
