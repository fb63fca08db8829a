import type { EntityManager } from '@mikro-orm/postgresql';
import { readFigures } from './read.js';

/** How work stands, for whoever watches over Portico: the same in every process, since the database says so. */
export interface Figures {
  links: { stuck: number; newlyDead: number };
  /** `oldestPendingSeconds` is 0 when nothing waits for the LMS. */
  enrollments: { pending: number; oldestPendingSeconds: number; dead: number; newlyDead: number };
  /** By class of queue, every class named. `lagSeconds`: how long the job that is due longest has been waiting. */
  queues: Record<string, QueueFigures>;
}

export interface QueueFigures {
  due: number;
  lagSeconds: number;
  /** Jobs that were tried too often and rest. */
  dead: number;
}

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
