/**
 * Kinds of work that must not stand in each other's way; each has slots of its own. What somebody waits for is interactive, what
 * concerns many rows is bulk, what the clock begins is scheduled.
 */
export const queueClasses = ['interactive', 'bulk', 'scheduled'] as const;
export type QueueClass = (typeof queueClasses)[number];

/** The class of a job, unless it is added as work of many rows. */
const ownClasses = {
  'create-edx-account': 'interactive',
  'check-edx-link': 'interactive',
  'obtain-edx-api-token': 'interactive',
  'perform-enrollment': 'interactive',
  'advance-enrollment-move': 'interactive',
  'look-at-enrollment': 'interactive',
  'follow-learning-hints': 'interactive',
  'learn-lms-user-ids': 'interactive',
  'look-at-course-run': 'interactive',
  'look-at-certificate': 'interactive',
  'revoke-edx-api-token': 'interactive',
  'push-profile': 'interactive',
  'push-email': 'interactive',
  'push-course-emails': 'interactive',
  'tie-learner': 'interactive',
  'retire-account': 'interactive',
  'export-data': 'interactive',
  'deliver-logout': 'interactive',
  'send-mail': 'interactive',
  'run-operation': 'bulk',
  'sync-course-runs': 'scheduled',
  'sync-grades': 'scheduled',
  'repair-links': 'scheduled',
  'retry-enrollments': 'scheduled',
  'check-drift': 'scheduled',
  'begin-retirements': 'scheduled',
  'resume-operations': 'scheduled',
  'prune-expired': 'scheduled',
  'advance-signing-keys': 'scheduled',
  'chain-audit': 'scheduled',
} as const satisfies Record<string, QueueClass>;
type ClassedJob = keyof typeof ownClasses;

/** Priorities from here on are those of repairs and sweeps: many rows that nobody waits for. */
export const bulkPriority = 10;
/** Of what the clock begins: after repairs that somebody asked for. */
export const scheduledPriority = 20;
const bulkPrefix = 'bulk/';

/** @returns the name under which a job is queued: one of another class than its own carries that in front */
export function taskOf(job: ClassedJob, priority = 0): string {
  return ownClasses[job] === 'interactive' && priority >= bulkPriority ? `${bulkPrefix}${job}` : job;
}

/** The class of a job, by the name under which it is queued. */
export function queueClassOf(task: string): QueueClass {
  if (task.startsWith(bulkPrefix)) return 'bulk';
  return new Map<string, QueueClass>(Object.entries(ownClasses)).get(task) ?? 'interactive';
}

/** Every name under which a job may be queued. */
export function tasksOf(job: ClassedJob): string[] {
  return ownClasses[job] === 'interactive' ? [job, `${bulkPrefix}${job}`] : [job];
}
