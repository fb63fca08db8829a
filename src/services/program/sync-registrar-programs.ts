import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { RegistrarPrograms } from '../../datasources/registrar/programs.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Logger } from '../../logger.js';
import { addRuns } from './registrar-runs.js';
import type { ProgramSyncReport } from './source.js';
import { addRegistrarPrograms, storeRegistrarDescriptions } from './store-registrar-programs.js';

interface Deps {
  em: EntityManager;
  registrar: RegistrarPrograms;
  clock: Clock;
  logger: Logger;
}

/**
 * Takes the programs of a Registrar over, page by page. It tells of no program which organization manages it, but it lists those of
 * one: new programs of organizations that are known here get a row, of others a person has to say whose they are.
 *
 * @throws UpstreamUnavailableError; what was stored until then stays
 */
export async function syncRegistrarPrograms(
  { em, registrar, clock, logger }: Deps,
  options: CallOptions,
): Promise<ProgramSyncReport> {
  const report: ProgramSyncReport = { created: [], updated: 0, undecided: [], misfits: [] };
  const at = clock();
  let managers: Promise<ReadonlyMap<string, string>> | undefined;
  for await (const { programs, misfits } of registrar.list({}, options)) {
    report.misfits.push(...misfits);
    const { described, failure } = await addRuns(registrar, programs, options);
    if (failure) throw failure.error;
    const isDescribed = new Set(described.map(({ key }) => key));
    for (const { key } of programs)
      if (!isDescribed.has(key)) report.misfits.push(`${key}: Registrar could not ask Discovery about it`);
    const isKnown = await knownKeys(em, [...isDescribed]);
    const fresh = described.filter(({ key }) => !isKnown.has(key.toLowerCase()));
    if (fresh.length > 0) managers ??= managersOf({ em, registrar }, options);
    const managerOf = (await managers) ?? new Map<string, string>();
    const ours = fresh.flatMap(({ key }) => {
      const organizationKey = managerOf.get(key.toLowerCase());
      return organizationKey === undefined ? [] : [{ key, organizationKey }];
    });
    const isOurs = new Set(ours.map(({ key }) => key));
    report.undecided.push(...fresh.filter(({ key }) => !isOurs.has(key)).map(({ key }) => ({ uuid: '', key })));
    await em.fork().transactional(async (tx) => {
      await addRegistrarPrograms(tx, ours);
      await storeRegistrarDescriptions(tx, described, at, { isTying: true });
    });
    report.created.push(...isOurs);
    report.updated += isKnown.size;
  }
  const { created, updated, undecided, misfits } = report;
  logger.info({ created: created.length, updated, undecided, misfits }, 'synchronised the programs');
  return report;
}

async function knownKeys(em: EntityManager, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await em.fork().execute<{ key: string }[]>(
    `select lower(key) as key from program
     where lower(key) in (select lower(value) from jsonb_array_elements_text(?::jsonb))`,
    [JSON.stringify(keys)],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Which organization that is known here manages which program, by the program's key in small letters. */
async function managersOf(
  { em, registrar }: Pick<Deps, 'em' | 'registrar'>,
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const organizations = await em.fork().execute<{ key: string }[]>('select key from organization order by key');
  const managers = new Map<string, string>();
  for (const { key: organizationKey } of organizations)
    for await (const { programs } of registrar.list({ organizationKey }, options))
      for (const { key } of programs) managers.set(key.toLowerCase(), organizationKey);
  return managers;
}
