import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Program } from '../../entities/program.entity.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { type ReadLearnersDeps, type ReadLearnersReport, readLearners } from './read-learners.js';

/** Learners of programs, kept in step with the LMS. */
export interface ProgramLearners {
  /** Reads them now. @throws as {@link readLearners} */
  read(program: Program, options: CallOptions): Promise<ReadLearnersReport>;
  /**
   * Reads them unless that was done a moment ago, and waits for it for a while: what is stored is good enough while the LMS is slow or
   * away. Whoever asks meanwhile waits for the same reading.
   *
   * @throws UpstreamUnavailableError or UpstreamRejectedError when nothing was ever read of the program and nothing can be now
   */
  keepFresh(program: Program, options: CallOptions): Promise<void>;
}

/** Stored learners are as good as read for so long. */
const maxAgeMs = 60_000;
/** An LMS that could not say is not asked again for so long. */
const pauseMs = 30_000;
/** A person waits for a list for so long; a large one goes on being read. */
const patienceMs = 5_000;
/** The same while there is nothing to show in its stead: an empty list would be taken for the answer. */
const firstPatienceMs = 20_000;

/** Keeps learners of programs in step; one reading of a program at a time in this process. */
export function createProgramLearners(deps: ReadLearnersDeps & { logger: Logger }): ProgramLearners {
  const { clock, logger } = deps;
  const underWay = new Map<string, Promise<ReadLearnersReport>>();
  const failures = new Map<string, { at: number; error: AppError }>();

  const read = (program: Program, options: CallOptions): Promise<ReadLearnersReport> => {
    const running = underWay.get(program.id);
    if (running) return running;
    const flight = readLearners(deps, program, options)
      .then(
        (report) => {
          failures.delete(program.id);
          return report;
        },
        (error: unknown) => {
          if (error instanceof AppError) failures.set(program.id, { at: clock().getTime(), error });
          throw error;
        },
      )
      .finally(() => underWay.delete(program.id));
    underWay.set(program.id, flight);
    return flight;
  };

  return {
    read,
    async keepFresh(program, options) {
      if (!deps.source.isTied(program)) return;
      const now = clock().getTime();
      const age = now - (program.learnersReadAt?.getTime() ?? 0);
      if (age < maxAgeMs) return;
      const failed = failures.get(program.id);
      if (failed && now - failed.at < pauseMs) {
        if (program.learnersReadAt == null && failed.error.code !== 'UPSTREAM_REJECTED') throw failed.error;
        return;
      }
      // Goes on without the caller's signal: others may wait for it, and what is read is stored.
      const flight = read(program, { purpose: options.purpose, priority: options.priority });
      const failure = await settledWithin(flight, program.learnersReadAt == null ? firstPatienceMs : patienceMs);
      if (failure === undefined) return;
      if (!(failure instanceof AppError)) throw failure;
      logger.warn({ err: failure, program: program.key }, 'the learners of a program cannot be read');
      if (program.learnersReadAt == null && failure.code !== 'UPSTREAM_REJECTED') throw failure;
    },
  };
}

/** @returns why it failed; undefined when it went well, or goes on */
async function settledWithin(flight: Promise<unknown>, patience: number): Promise<unknown> {
  const { promise: tooLong, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patience);
  try {
    return await Promise.race([
      flight.then(
        () => undefined,
        (error: unknown) => error,
      ),
      tooLong,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
