import type { EntityManager } from '@mikro-orm/postgresql';
import { bulkPriority, scheduledPriority, taskOf } from './queue-class.js';

export { bulkPriority, scheduledPriority };

/** How often the job already came and found its upstream unable to answer; decides how long it waits next. */
interface Waiting {
  waits?: number;
}

/**
 * Every job by name, with its payload. A payload holds ids, never a secret: what must not be read at rest is sealed.
 */
export interface JobPayloads {
  'create-edx-account': { accountId: string; isBulk?: boolean } & Waiting;
  /** Looks whether the LMS still holds what an edX link says. */
  'check-edx-link': { accountId: string } & Waiting;
  /** With `isAnew` however good the present token is. */
  'obtain-edx-api-token': { accountId: string; isAnew?: true } & Waiting;
  /** Ends a token at the LMS that Portico has forgotten; `sealed` is the token as JWE. */
  'revoke-edx-api-token': { sealed: string };
  'perform-enrollment': { enrollmentId: string } & Waiting;
  /** Goes on with a deferral, transfer or refund. */
  'advance-enrollment-move': { moveId: string };
  /** Reads anew what the LMS told of. */
  'follow-learning-hints': Record<string, never>;
  /** Asks the LMS for the numbers of its users that links lack. */
  'learn-lms-user-ids': Record<string, never>;
  /** Takes over a course run that the LMS told of. */
  'look-at-course-run': { courseKey: string };
  /** Looks how an enrollment stands that the LMS told of. */
  'look-at-enrollment': { enrollmentId: string; looks: number };
  /** Reads grade and certificate of a learner anew. */
  'look-at-certificate': { accountId: string; courseKey: string };
  /** Tells the LMS whether a learner gets the mails of a course run. */
  'push-course-emails': { enrollmentId: string } & Waiting;
  'push-profile': { accountId: string } & Waiting;
  'push-email': { accountId: string } & Waiting;
  /** Ties a learner to the account that signed in at the learner's school. */
  'tie-learner': { identityId: string } & Waiting;
  'sync-course-runs': Record<string, never>;
  /** Begins a pull of grades and certificates. */
  'sync-grades': Record<string, never>;
  /** Finds links that wait without a job or lack something, and conflicts that may have resolved themselves. */
  'repair-links': Record<string, never>;
  /** Finds enrollments that wait without a job. */
  'retry-enrollments': Record<string, never>;
  /** Compares every link with the LMS. */
  'check-drift': Record<string, never>;
  /** Takes the steps of a retirement that are left. */
  'retire-account': { accountId: string } & Waiting;
  /** Begins the retirements that were asked for and are due, and finds those that nobody works on. */
  'begin-retirements': Record<string, never>;
  /** Assembles the copy of a person's data. */
  'export-data': { accountId: string };
  'prune-expired': Record<string, never>;
  /** A client that was not reached when somebody signed out. */
  'deliver-logout': { clientId: string; accountId: string; sid: string };
  /** Takes the steps of a key rotation that are due. */
  'advance-signing-keys': Record<string, never>;
  /** Finds acts of the audit that no process has chained, e.g. because it was killed. */
  'chain-audit': Record<string, never>;
  /** Carries out an operation, or goes on with it. */
  'run-operation': { operationId: string };
  /** Finds operations that wait although no job is left for them. */
  'resume-operations': Record<string, never>;
  /** `sealed` is the whole message (to, subject, text, html) as JWE, since it may carry a code. */
  'send-mail': { sealed: string };
}
export type JobName = keyof JobPayloads;

export interface EnqueueOptions {
  /** One waiting job per key: a second one replaces payload and time of the first. */
  key?: string;
  /** The waiting job of the key keeps its time. */
  keepsTime?: boolean;
  runAt?: Date;
  /** Lower runs first. From 10 on it is work of many rows that nobody waits for, which has slots of its own. */
  priority?: number;
  /** Jobs of one named queue run one after the other. */
  queueName?: string;
}

/**
 * Adds a job. Inside a transaction the job exists from the commit on, or not at all.
 *
 * @param em - the entity manager of the row that the job concerns
 */
export async function enqueue<Name extends JobName>(
  em: EntityManager,
  name: Name,
  payload: JobPayloads[Name],
  options: EnqueueOptions = {},
): Promise<void> {
  await em.execute(
    `select graphile_worker.add_job(?, payload => ?::json, queue_name => ?, run_at => ?, max_attempts => 25, job_key => ?, priority => ?, job_key_mode => ?)`,
    [
      taskOf(name, options.priority),
      JSON.stringify(payload),
      options.queueName ?? null,
      options.runAt ?? null,
      options.key ?? null,
      options.priority ?? 0,
      options.keepsTime ? 'preserve_run_at' : 'replace',
    ],
  );
}

/** Takes back the waiting job with a key; one that runs already goes on. */
export async function withdraw(em: EntityManager, key: string): Promise<void> {
  await em.execute('select graphile_worker.remove_job(?)', [key]);
}
