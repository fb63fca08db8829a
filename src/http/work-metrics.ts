import { Gauge, type Registry } from 'prom-client';

/** What the database says of the work that is left. */
export interface WorkFigures {
  links: { stuck: number; newlyDead: number };
  enrollments: { pending: number; oldestPendingSeconds: number; dead: number; newlyDead: number };
  queues: Record<string, { due: number; lagSeconds: number; dead: number }>;
}

type Samples = [labels: Record<string, string>, value: number][];

const kinds = (edxLink: number, enrollment: number): Samples => [
  [{ kind: 'edx_link' }, edxLink],
  [{ kind: 'enrollment' }, enrollment],
];
const byQueue = (figures: WorkFigures, read: (queue: WorkFigures['queues'][string]) => number): Samples =>
  Object.entries(figures.queues).map(([queue, each]) => [{ queue }, read(each)]);

/** Every gauge that the database knows: name, what it means, its labels, and how it is read. */
const gauges: readonly [name: string, help: string, labelNames: string[], read: (figures: WorkFigures) => Samples][] = [
  [
    'enrollment_pending',
    'Enrollments of which something is wanted that the LMS does not have yet',
    [],
    ({ enrollments }) => [[{}, enrollments.pending]],
  ],
  [
    'enrollment_oldest_pending_seconds',
    'How long the oldest of them has been waiting',
    [],
    ({ enrollments }) => [[{}, enrollments.oldestPendingSeconds]],
  ],
  [
    'portico_dead_letters',
    'What rests until somebody acts',
    ['kind'],
    ({ links, enrollments, queues }) => [
      ...kinds(links.stuck, enrollments.dead),
      [{ kind: 'job' }, Object.values(queues).reduce((sum, { dead }) => sum + dead, 0)],
    ],
  ],
  [
    'portico_dead_letters_last_hour',
    'What of it came within the last hour',
    ['kind'],
    ({ links, enrollments }) => kinds(links.newlyDead, enrollments.newlyDead),
  ],
  [
    'job_lag_seconds',
    'How long the job that is due longest has been waiting',
    ['queue'],
    (figures) => byQueue(figures, ({ lagSeconds }) => lagSeconds),
  ],
  [
    'portico_jobs_due',
    'Jobs whose time has come and that nobody works on yet',
    ['queue'],
    (figures) => byQueue(figures, ({ due }) => due),
  ],
];

/**
 * Gauges of the work that is left, read when somebody scrapes. While the database is away they are left out, rather than
 * repeated as they were, and `portico_database_up` is 0.
 *
 * @param readFigures - asked once for each gauge of a scrape, so that it keeps what it read for a moment
 */
export function registerWorkMetrics(registry: Registry, readFigures: () => Promise<WorkFigures>): void {
  for (const [name, help, labelNames, read] of gauges) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const figures = await readFigures().catch(() => undefined);
        gauge.reset();
        if (!figures && labelNames.length === 0) gauge.remove();
        for (const [labels, value] of figures ? read(figures) : []) gauge.set(labels, value);
      },
    });
  }
  const database: Gauge = new Gauge({
    name: 'portico_database_up',
    help: 'Whether the database answers',
    registers: [registry],
    async collect() {
      const isUp = await readFigures().then(
        () => true,
        () => false,
      );
      database.set(isUp ? 1 : 0);
    },
  });
}
