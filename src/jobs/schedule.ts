import { parseCronItems } from 'graphile-worker';
import type { JobName } from './queue.js';

interface Scheduled {
  job: JobName;
  /** Minute, hour, day, month, day of week; UTC. */
  cron: string;
}

/** What runs by the clock. One process adds the job however many there are, and none queues up behind itself. */
export const schedule: readonly Scheduled[] = [
  { job: 'sync-course-runs', cron: '17 3 * * *' },
  { job: 'repair-links', cron: '*/30 * * * *' },
  { job: 'begin-retirements', cron: '* * * * *' },
  { job: 'resume-operations', cron: '* * * * *' },
  { job: 'prune-expired', cron: '* * * * *' },
  { job: 'advance-signing-keys', cron: '* * * * *' },
  { job: 'chain-audit', cron: '* * * * *' },
];

export const cronItems = parseCronItems(
  schedule.map(({ job, cron }) => ({
    task: job,
    match: cron,
    identifier: job,
    options: { jobKey: `schedule:${job}`, priority: 20 },
  })),
);
