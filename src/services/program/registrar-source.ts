import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { RegistrarProgram, RegistrarPrograms } from '../../datasources/registrar/programs.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { startDeadline, type Timeouts } from '../../datasources/upstream/deadline.js';
import type { Program } from '../../entities/program.entity.js';
import type { Logger } from '../../logger.js';
import { addRuns } from './registrar-runs.js';
import type { ProgramSource } from './source.js';
import { storeRegistrarDescriptions } from './store-registrar-programs.js';
import { syncRegistrarPrograms } from './sync-registrar-programs.js';

/** Programs as a Registrar describes them, by the keys that they have there; their enrollments are there too. */
export function createRegistrarSource(deps: {
  em: EntityManager;
  registrar: RegistrarPrograms;
  timeouts: Timeouts;
  clock: Clock;
  logger: Logger;
}): ProgramSource {
  const { em, registrar, timeouts } = deps;
  const isTied: ProgramSource['isTied'] = ({ discoveryUuid, syncedAt }) => syncedAt != null || discoveryUuid != null;
  return {
    name: 'Registrar',
    needsCurriculum: false,
    howToTie: 'It was not taken over from the Registrar yet: syncPrograms does that.',
    isDescribed: isTied,
    isTied,
    async renew(programs, at, options) {
      // One time for all the calls: whoever waits for many programs waits no longer than for one.
      const { deadline = startDeadline(options.purpose, timeouts) } = options;
      const found = await findPrograms(registrar, programs, { ...options, deadline });
      const { described, failure } = await addRuns(registrar, found, { ...options, deadline });
      const ids = await storeRegistrarDescriptions(em.fork(), described, at, { isTying: false });
      if (failure) throw failure.error;
      return new Set(ids);
    },
    sync: (options) => syncRegistrarPrograms(deps, options),
  };
}

/** One by its own address, several from the list. */
async function findPrograms(
  registrar: RegistrarPrograms,
  programs: readonly Program[],
  options: CallOptions,
): Promise<RegistrarProgram[]> {
  const [only, ...others] = programs;
  if (only && others.length === 0) {
    const program = await registrar.find(only.key, options);
    return program ? [program] : [];
  }
  const missing = new Set(programs.map(({ key }) => key.toLowerCase()));
  const found: RegistrarProgram[] = [];
  for await (const page of registrar.list({}, options)) {
    found.push(...page.programs.filter(({ key }) => missing.delete(key.toLowerCase())));
    if (missing.size === 0) break;
  }
  return found;
}
