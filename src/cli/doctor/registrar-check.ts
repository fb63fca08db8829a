import type { Config } from '../../config/config.js';
import { readHeartbeat } from '../../datasources/registrar/heartbeat.js';
import { createRegistrarPrograms, type RegistrarProgram } from '../../datasources/registrar/programs.js';
import { createRegistrarClient } from '../../datasources/registrar/registrar-client.js';
import { createLogger } from '../../logger.js';
import type { Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

const request = { purpose: 'request' } as const;

/** Whether the Registrar answers, knows the service worker, and lets it read and write enrollments. */
export async function checkRegistrar(
  { client, config }: Pick<Examination, 'client' | 'config'>,
  registrarConfig: NonNullable<Config['registrar']>,
): Promise<Finding[]> {
  const { baseUrl } = registrarConfig;
  await using registrar = createRegistrarClient({
    config: registrarConfig,
    timeouts: config.timeouts,
    workerJwt: client.workerJwt,
    logger: createLogger('silent'),
    clock: () => new Date(),
  });
  const isUp = await find(
    'Registrar',
    async () => {
      await readHeartbeat(registrar, request);
      return `${baseUrl} is up`;
    },
    `Check REGISTRAR_API_BASE_URL (${baseUrl}): the Registrar must run, reach its database, and answer /health.`,
  );
  if (isUp.status !== 'ok') return [isUp];
  const rights = await find(
    'Registrar rights',
    async () => {
      const seen: RegistrarProgram[] = [];
      for await (const { programs } of createRegistrarPrograms(registrar).list({}, request)) seen.push(...programs);
      return judge(seen);
    },
    'The Registrar must take the JWTs of this LMS: JWT_AUTH there needs the LMS as issuer, its keys or secret, and the audience of the token.',
  );
  return [isUp, rights];
}

const role = 'organization_read_write_enrollments';

function judge(programs: readonly RegistrarProgram[]): string {
  if (programs.length === 0)
    throw new Trouble('it shows the service worker no program', {
      advice: `In the Registrar's administration put the service worker's user into a group with the role ${role}, for each organization.`,
    });
  const unknown = programs.filter(({ typeName }) => typeName === null);
  if (unknown.length > 0)
    throw new Trouble(`it could not ask Discovery about ${listOf(unknown)}`, {
      advice:
        'It remembers that for a day, and has nobody in these programs meanwhile: mend its way to Discovery, or the ids of the programs there, then DELETE /api/internal/cache/.',
    });
  const masters = programs.filter(({ typeName }) => typeName === 'Masters');
  const shut = masters.filter(({ permissions }) => !permissions.includes('write_enrollments'));
  if (shut.length > 0)
    throw new Trouble(`the service worker may not write enrollments of ${listOf(shut)}`, {
      advice: `In the Registrar's administration give the service worker's user the role ${role} there.`,
    });
  return `${programs.length} programs, enrollments of ${masters.length} Masters`;
}

function listOf(programs: readonly RegistrarProgram[]): string {
  const some = programs.slice(0, 5).map(({ key }) => key);
  return programs.length > some.length
    ? `${some.join(', ')} and ${programs.length - some.length} more`
    : some.join(', ');
}
