import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Program, ProgramEntity } from '../../entities/program.entity.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { ProgramSource } from './source.js';

/** A program with what its source says of it, and how good that is. */
export interface DescribedProgram {
  program: Program;
  /** Whether what is told is older than it should be, because the source could not say, or does not know the program any more. */
  isStale: boolean;
}

export interface DescribeOptions extends CallOptions {
  /** Asks even if what is known is fresh. */
  isForced?: boolean;
}

/** Describes programs: from what is stored while that is fresh, else by asking for all of them together. */
export type Describe = (programs: readonly Program[], options: DescribeOptions) => Promise<DescribedProgram[]>;

/** A source that failed, or that does not know a program, is not asked about it again for so long. */
const pauseMs = 30_000;

export function createDescribe({
  em,
  source,
  maxAgeMs,
  clock,
  logger,
}: {
  em: EntityManager;
  source: Pick<ProgramSource, 'name' | 'isDescribed' | 'renew'>;
  maxAgeMs: number;
  clock: Clock;
  logger: Logger;
}): Describe {
  /** When the source was last asked for nothing, by program. */
  const askedInVain = new Map<string, number>();
  /** One flight per program: whoever asks meanwhile waits for the same answer. */
  const underWay = new Map<string, Promise<void>>();

  const latestOf = (programs: readonly Program[]): Promise<Program[]> =>
    programs.length === 0
      ? Promise.resolve([])
      : em.fork().find(ProgramEntity, { id: { $in: programs.map(({ id }) => id) } });

  const ask = async (programs: readonly Program[], options: CallOptions): Promise<void> => {
    const at = clock();
    try {
      const found = await source.renew(programs, at, options);
      for (const { id } of programs)
        if (found.has(id)) askedInVain.delete(id);
        else askedInVain.set(id, at.getTime());
    } catch (error) {
      if (!(error instanceof AppError) || options.signal?.aborted) throw error;
      logger.warn({ err: error, programs: programs.length }, `${source.name} does not describe programs`);
      for (const { id } of programs) askedInVain.set(id, at.getTime());
    }
  };

  return async (programs, { isForced = false, ...options }) => {
    const now = clock().getTime();
    const isOld = ({ syncedAt, forgottenAt }: Program) =>
      !syncedAt || syncedAt.getTime() < now - maxAgeMs || (forgottenAt != null && syncedAt <= forgottenAt);
    const old = programs.filter((program) => source.isDescribed(program) && (isForced || isOld(program)));
    // Whoever hands a row in may have read it before somebody else asked.
    const current = isForced ? old : await latestOf(old);
    const wanted = current.filter((program) => {
      const last = askedInVain.get(program.id);
      const isPaused = last !== undefined && last >= now - pauseMs && last > (program.forgottenAt?.getTime() ?? 0);
      return isForced || (source.isDescribed(program) && isOld(program) && !isPaused);
    });
    if (wanted.length > 0) {
      const fresh = [...new Map(wanted.map((program) => [program.id, program])).values()].filter(
        ({ id }) => !underWay.has(id),
      );
      if (fresh.length > 0) {
        // It is for everyone who waits: the first caller's leaving does not end it.
        const flight = ask(fresh, { ...options, signal: undefined }).finally(() => {
          for (const { id } of fresh) underWay.delete(id);
        });
        for (const { id } of fresh) underWay.set(id, flight);
      }
      await Promise.all([...new Set(wanted.flatMap(({ id }) => underWay.get(id) ?? []))]);
    }
    const known = wanted.length > 0 ? await latestOf(old) : current;
    const latest = new Map(known.map((program) => [program.id, program]));
    return programs.map((given) => {
      const program = latest.get(given.id) ?? given;
      return { program, isStale: source.isDescribed(program) && isOld(program) };
    });
  };
}
