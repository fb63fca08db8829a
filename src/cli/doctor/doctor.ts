import { pino } from 'pino';
import { ConfigurationError } from '../../config/config.js';
import { createLmsApi } from '../../datasources/lms/lms-api.js';
import { createLmsClient } from '../../datasources/lms/lms-client.js';
import { createOrm } from '../../entities/orm.js';
import { createLogger } from '../../logger.js';
import { readEnvironment } from '../environment.js';
import { printAnswer } from '../output.js';
import { openDatabase, type Project, readProject } from '../project.js';
import { checkDatabase } from './database-check.js';
import { type Finding, find } from './finding.js';
import { checkLms } from './lms-checks.js';
import { checkRetirement } from './retirement-check.js';
import { checkSignOn } from './sign-on-check.js';

/** `portico doctor`: looks at everything that can be seen from here, changes nothing, and fails when a check does. */
export async function runDoctor({ json }: { json: boolean }): Promise<void> {
  const findings = await examine();
  const isWell = findings.every((finding) => finding.isWell);
  printAnswer(json, { ok: isWell, checks: findings }, findings.flatMap(linesOf));
  if (!isWell) process.exitCode = 1;
}

async function examine(): Promise<Finding[]> {
  const read = await readProject(readEnvironment()).catch((error: unknown) => {
    if (error instanceof ConfigurationError) return error;
    throw error;
  });
  if (read instanceof ConfigurationError)
    return [
      { name: 'settings', isWell: false, detail: read.problems.join('; '), advice: 'See docs/configuration.md.' },
    ];
  return [{ name: 'settings', isWell: true, detail: 'complete' }, ...(await examineConnections(read))];
}

async function examineConnections(project: Project): Promise<Finding[]> {
  const logger = createLogger('silent', pino.destination(2));
  await using stack = new AsyncDisposableStack();
  const { config } = stack.use(await openDatabase(project, logger));
  const orm = stack.adopt(createOrm({ ...config.database, poolSize: 2 }), (it) => it.close());
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
  return [
    ...(await checkDatabase(orm)),
    await checkPortico(config.http.publicUrl),
    ...(await checkLms(api, config.lms)),
    await checkRetirement(api, client.retirementCredentials !== undefined),
    ...(await checkSignOn(client, orm, config)),
  ];
}

function checkPortico(publicUrl: string): Promise<Finding> {
  return find(
    'Portico',
    async () => {
      const { status } = await fetch(`${publicUrl}/health/ready`, { signal: AbortSignal.timeout(5000) });
      if (status !== 200) throw new Error(`${publicUrl}/health/ready answered ${status}`);
      return `${publicUrl} is ready`;
    },
    `Start Portico, and check that PORTICO_PUBLIC_URL (${publicUrl}) leads to it from this machine.`,
  );
}

function linesOf({ name, isWell, detail, advice }: Finding): string[] {
  const line = `${isWell ? 'ok    ' : 'FAILED'}  ${name}: ${detail}`;
  return advice === undefined ? [line] : [line, `        → ${advice}`];
}
