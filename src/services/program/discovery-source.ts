import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { DiscoveryReads } from '../../datasources/discovery/programs.js';
import type { Logger } from '../../logger.js';
import type { ProgramSource } from './source.js';
import { storeDescriptions } from './store-descriptions.js';
import { syncPrograms } from './sync-programs.js';

/**
 * Programs as Discovery describes them, by their ids; their enrollments are in the LMS.
 *
 * @param discovery - undefined: there is none, and what is stored is all that there is
 */
export function createDiscoverySource(deps: {
  em: EntityManager;
  discovery: DiscoveryReads | undefined;
  programTypes: readonly string[];
  clock: Clock;
  logger: Logger;
}): ProgramSource {
  const { em, discovery } = deps;
  return {
    name: 'Discovery',
    needsCurriculum: true,
    howToTie: 'It is not tied to a program of Discovery yet. An administrator can do that.',
    isDescribed: ({ discoveryUuid }) => discovery !== undefined && discoveryUuid != null,
    isTied: ({ discoveryUuid }) => discoveryUuid != null,
    async renew(programs, at, options) {
      const uuids = programs.flatMap(({ discoveryUuid }) => discoveryUuid ?? []);
      const found = await (discovery?.programsByUuid(uuids, options) ?? new Map());
      await storeDescriptions(em.fork(), [...found.values()], at);
      return new Set(
        programs.flatMap(({ id, discoveryUuid }) => (discoveryUuid != null && found.has(discoveryUuid) ? [id] : [])),
      );
    },
    sync: (options) => syncPrograms({ ...deps, em }, options),
  };
}
