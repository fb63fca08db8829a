import type { EntityManager } from '@mikro-orm/postgresql';
import { type Figures, readFigures } from './read.js';

export interface FiguresService {
  /** Never older than some seconds, however many ask. */
  read(): Promise<Figures>;
}

/** Scrapes of several collectors, and a page that is reloaded, cost one reading. */
const freshMs = 5000;

/**
 * @param queues - the classes of queues, so that an empty one is told as well
 * @param queueOf - the class of a job, by its name
 */
export function createFiguresService({
  em,
  queues,
  queueOf,
}: {
  em: EntityManager;
  queues: readonly string[];
  queueOf: (job: string) => string;
}): FiguresService {
  let latest: { figures: Promise<Figures>; readAt: number } | undefined;
  return {
    read() {
      if (!latest || performance.now() - latest.readAt > freshMs) {
        const figures = readFigures(em.fork(), queues, queueOf);
        latest = { figures, readAt: performance.now() };
        // Whoever asks next shall not be told of a failure that is over.
        figures.catch(() => {
          latest = undefined;
        });
      }
      return latest.figures;
    },
  };
}
