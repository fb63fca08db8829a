import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { DiscoveryReads } from '../../datasources/discovery/programs.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Program, ProgramEntity } from '../../entities/program.entity.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { storeDescriptions } from './store-descriptions.js';

/** A program with what Discovery says of it, and how good that is. */
export interface DescribedProgram {
  program: Program;
  /** Whether what is told is older than it should be, because Discovery could not say, or does not know the program any more. */
  isStale: boolean;
}

export interface DescribeOptions extends CallOptions {
  /** Asks even if what is known is fresh. */
  isForced?: boolean;
}

/** Describes programs: from what is stored while that is fresh, else by one call for a hundred of them. */
export type Describe = (programs: readonly Program[], options: DescribeOptions) => Promise<DescribedProgram[]>;

/** A Discovery that failed, or that does not know a program, is not asked about it again for so long. */
const pauseMs = 30_000;

/**
 * @param discovery - undefined: there is none, and what is stored is all that there is
 */
export function createDescribe({
  em,
  discovery,
  maxAgeMs,
  clock,
  logger,
}: {
  em: EntityManager;
  discovery: Pick<DiscoveryReads, 'programsByUuid'> | undefined;
  maxAgeMs: number;
  clock: Clock;
  logger: Logger;
}): Describe {
  /** When Discovery was last asked for nothing, by program. */
  const askedInVain = new Map<string, number>();
  /** One flight per program: whoever asks meanwhile waits for the same answer. */
  const underWay = new Map<string, Promise<void>>();

  const ask = async (uuids: readonly string[], options: CallOptions): Promise<void> => {
    const at = clock();
    try {
      const found = await (discovery?.programsByUuid(uuids, options) ?? new Map());
      await storeDescriptions(em.fork(), [...found.values()], at);
      for (const uuid of uuids)
        if (found.has(uuid)) askedInVain.delete(uuid);
        else askedInVain.set(uuid, at.getTime());
    } catch (error) {
      if (!(error instanceof AppError) || options.signal?.aborted) throw error;
      logger.warn({ err: error, programs: uuids.length }, 'Discovery does not describe programs');
      for (const uuid of uuids) askedInVain.set(uuid, at.getTime());
    }
  };

  return async (programs, { isForced = false, ...options }) => {
    const now = clock().getTime();
    const isOld = ({ syncedAt }: Program) => !syncedAt || syncedAt.getTime() < now - maxAgeMs;
    const old = programs.filter((program) => discovery && program.discoveryUuid && (isForced || isOld(program)));
    const wanted = old
      .flatMap(({ discoveryUuid }) => discoveryUuid ?? [])
      .filter((uuid) => {
        const last = askedInVain.get(uuid);
        return isForced || last === undefined || last < now - pauseMs;
      });
    if (wanted.length > 0) {
      const fresh = [...new Set(wanted)].filter((uuid) => !underWay.has(uuid));
      if (fresh.length > 0) {
        // It is for everyone who waits: the first caller's leaving does not end it.
        const flight = ask(fresh, { ...options, signal: undefined }).finally(() => {
          for (const uuid of fresh) underWay.delete(uuid);
        });
        for (const uuid of fresh) underWay.set(uuid, flight);
      }
      await Promise.all([...new Set(wanted.flatMap((uuid) => underWay.get(uuid) ?? []))]);
    }
    const ids = old.map(({ id }) => id);
    const known = ids.length === 0 ? [] : await em.fork().find(ProgramEntity, { id: { $in: ids } });
    const latest = new Map(known.map((program) => [program.id, program]));
    return programs.map((given) => {
      const program = latest.get(given.id) ?? given;
      return { program, isStale: Boolean(discovery && program.discoveryUuid) && isOld(program) };
    });
  };
}
