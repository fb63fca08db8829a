import { type ParsedCronItem, parseCronItems } from 'graphile-worker';
import { scheduledPriority } from './queue-class.js';
import type { Schedule } from './schedule.js';

/**
 * Schedules as the queue wants them. A run that has not begun yet is not added twice (the key), and one begins only when the one
 * before it has ended, in whichever process (the queue of its own): that is the lease.
 */
export function createCronItems(schedules: readonly Schedule[]): ParsedCronItem[] {
  return parseCronItems(
    schedules.map(({ job, timing }) => ({
      task: job,
      match: timing.matches,
      identifier: job,
      options: { jobKey: `schedule:${job}`, priority: scheduledPriority, queueName: `schedule:${job}` },
    })),
  );
}
