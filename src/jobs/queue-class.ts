import type { JobName } from './queue.js';

/** Kinds of work that must not stand in each other's way. */
export const queueClasses = ['interactive', 'bulk', 'scheduled'] as const;
export type QueueClass = (typeof queueClasses)[number];

const scheduled: ReadonlySet<string> = new Set<JobName>([
  'sync-course-runs',
  'repair-links',
  'begin-retirements',
  'prune-expired',
  'advance-signing-keys',
  'chain-audit',
]);

/** The class of a job, by its name. */
export function queueClassOf(job: string): QueueClass {
  return scheduled.has(job) ? 'scheduled' : 'interactive';
}
