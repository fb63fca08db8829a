import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { DiscoveryReads } from '../../datasources/discovery/programs.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { ConflictError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { ProgramSyncReport } from './source.js';
import { storeCatalogue } from './store-catalogue.js';

/**
 * Takes the active programs of some types over from Discovery, page by page; each page is stored before the next is asked for.
 *
 * @throws ConflictError when there is no Discovery
 * @throws UpstreamUnavailableError when Discovery fails
 */
export async function syncPrograms(
  {
    em,
    discovery,
    programTypes,
    clock,
    logger,
  }: {
    em: EntityManager;
    discovery: Pick<DiscoveryReads, 'activePrograms'> | undefined;
    programTypes: readonly string[];
    clock: Clock;
    logger: Logger;
  },
  options: CallOptions,
): Promise<ProgramSyncReport> {
  if (!discovery) throw new ConflictError('There is no Discovery to ask: set DISCOVERY_API_BASE_URL.');
  const report: ProgramSyncReport = { created: [], updated: 0, undecided: [], misfits: [] };
  const at = clock();
  for await (const { programs, misfits } of discovery.activePrograms(programTypes, options)) {
    const stored = await storeCatalogue(em, programs, at);
    report.created.push(...stored.created);
    report.updated += stored.updated;
    report.undecided.push(...stored.undecided);
    report.misfits.push(...misfits);
  }
  logger.info(
    { created: report.created.length, updated: report.updated, undecided: report.undecided, misfits: report.misfits },
    'synchronised the programs',
  );
  return report;
}
