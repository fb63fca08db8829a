import { pino } from 'pino';
import { createContext } from '../../app/context.js';
import { ConfigurationError } from '../../config/config.js';
import { createLmsApi } from '../../datasources/lms/lms-api.js';
import { createLmsClient } from '../../datasources/lms/lms-client.js';
import { createOrm } from '../../entities/orm.js';
import { createLogger } from '../../logger.js';
import { busUrlOf } from '../demo/demo-environment.js';
import { readEnvironment } from '../environment.js';
import { printAnswer } from '../output.js';
import { openDatabase, type Project, readProject } from '../project.js';
import { checkApiClient } from './api-client-check.js';
import { checkCourses } from './course-checks.js';
import { checkDatabase } from './database-check.js';
import { checkEventBus } from './event-bus-check.js';
import type { Examination } from './examination.js';
import { type Finding, skipped } from './finding.js';
import { listLeftToCheck } from './left-to-check.js';
import { createLmsPages } from './lms-pages.js';
import { checkPortico, checkReach } from './reach-checks.js';
import { checkRegistrar } from './registrar-check.js';
import { checkRegistration } from './registration-checks.js';
import { checkReports } from './report-check.js';
import { checkRetirement } from './retirement-check.js';
import { goRoundTrip } from './round-trip.js';
import { checkSignOn } from './sign-on-checks.js';
import { checkSignOut } from './sign-out-checks.js';
import { checkWorker } from './worker-checks.js';

/** `portico doctor`: looks at everything that can be seen from here, and fails when a check does. */
export async function runDoctor({ json, roundTrip }: { json: boolean; roundTrip?: boolean }): Promise<void> {
  const findings = await examine(roundTrip ?? false);
  const failed = findings.filter(({ status }) => status === 'failed');
  const problems = [...new Set(failed.flatMap(({ problem }) => problem ?? []))];
  printAnswer(json, { ok: failed.length === 0, problems, checks: findings }, toLines(findings));
  if (failed.length > 0) process.exitCode = 1;
}

async function examine(withRoundTrip: boolean): Promise<Finding[]> {
  const read = await readProject(readEnvironment()).catch((error: unknown) => {
    if (error instanceof ConfigurationError) return error;
    throw error;
  });
  if (read instanceof ConfigurationError)
    return [
      { name: 'settings', status: 'failed', detail: read.problems.join('; '), advice: 'See docs/configuration.md.' },
    ];
  return [{ name: 'settings', status: 'ok', detail: 'complete' }, ...(await examineProject(read, withRoundTrip))];
}

async function examineProject(project: Project, withRoundTrip: boolean): Promise<Finding[]> {
  const logger = createLogger('silent', pino.destination(2));
  await using stack = new AsyncDisposableStack();
  const { config } = stack.use(await openDatabase(project, logger));
  const orm = stack.adopt(createOrm({ ...config.database, poolSize: 4 }), (it) => it.close());
  const client = stack.use(
    createLmsClient({
      config: config.lms,
      timeouts: config.timeouts,
      secrets: project.secrets,
      logger,
      clock: () => new Date(),
    }),
  );
  const api = createLmsApi(client);
  const secrets = project.secrets;
  const busUrl = busUrlToCheck(project);
  const [connections, bus] = await Promise.all([
    examineConnections({ config, secrets, orm, client, api, pages: createLmsPages(client) }),
    busUrl === undefined ? [] : [checkEventBus(busUrl, config.eventBus)],
  ]);
  const read = [...connections, ...(await Promise.all(bus))];
  if (!withRoundTrip) return read;
  const failed = read.find(({ status }) => status === 'failed');
  // What is known to fail would only use up what the LMS allows.
  if (failed) return [...read, skipped('round trip', failed.name)];
  const isRegistrationSeen = read.some(({ name, status }) => name === 'registration' && status === 'ok');
  const context = stack.use(await createContext({ config, secrets, logger }));
  return [...read, ...(await goRoundTrip(context, { isRegistrationSeen }))];
}

/** The bus that the sandbox brings is found by its own start only. */
function busUrlToCheck({ secrets, sandboxPlace }: Project): string | undefined {
  const url = secrets.eventBusRedisUrl;
  return sandboxPlace && url === busUrlOf(sandboxPlace.busPort) ? undefined : url;
}

/** What does not hang on each other is looked at side by side. */
export async function examineConnections(examination: Examination): Promise<Finding[]> {
  const { orm, config, api, client } = examination;
  const { folder } = config.reports;
  const [database, portico, reports, reach] = await Promise.all([
    checkDatabase(orm),
    checkPortico(config.http.publicUrl),
    folder === undefined ? [] : checkReports(folder).then((finding) => [finding]),
    checkReach(examination),
  ]);
  const here = [...database, portico, ...reports, ...reach];
  const [lms] = reach;
  if (lms?.status !== 'ok') return [...here, skipped('everything at the LMS', 'LMS')];
  const needed = [...database, portico].find(({ status }) => status !== 'ok');
  const registrar = config.registrar ? checkRegistrar(examination, config.registrar) : [];
  const [worker, apiClient, signOn, registration, signOut, retirement] = await Promise.all([
    checkWorker(examination),
    checkApiClient(examination),
    needed ? [skipped('single sign-on', needed.name)] : checkSignOn(examination),
    checkRegistration(examination),
    checkSignOut(examination),
    checkRetirement(api, client.retirementCredentials !== undefined),
  ]);
  const isWorkerWell = worker.at(-1)?.status === 'ok';
  const courses = isWorkerWell ? await checkCourses(examination) : skipped('courses', 'service worker rights');
  return [
    ...here,
    ...worker,
    apiClient,
    ...signOn,
    ...registration,
    ...signOut,
    retirement,
    courses,
    ...(await registrar),
    ...listLeftToCheck(examination),
  ];
}

const marks: Record<Finding['status'], string> = {
  ok: 'ok     ',
  failed: 'FAILED ',
  skipped: 'skipped',
  'to-check': '-',
};

function toLines(findings: readonly Finding[]): string[] {
  const checks = findings.filter(({ status }) => status !== 'to-check');
  const left = findings.filter(({ status }) => status === 'to-check');
  return [
    ...checks.flatMap(({ name, status, detail, problem, advice }) => [
      `${marks[status]}  ${name}: ${detail}${problem ? ` [${problem}]` : ''}`,
      ...(advice === undefined ? [] : [`         → ${advice}`]),
    ]),
    ...(left.length === 0
      ? []
      : ['', 'To check in the LMS:', ...left.map(({ name, detail }) => `  - ${name}: ${detail}`)]),
  ];
}
