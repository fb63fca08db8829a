import type { EntityManager } from '@mikro-orm/postgresql';
import { bulkPriority } from '../../jobs/queue.js';
import { learnMissingUserIds } from './lms-user-ids.js';
import { enqueueCheck, enqueueCreation } from './plan.js';

/** Conflicts looked at in one run; each costs the LMS up to three calls. */
const conflictsPerRun = 200;
const pageSize = 500;

/** What a sweep set going. */
export interface SweepCounts {
  restarted: number;
  conflictsLookedAt: number;
}

/**
 * The safety net of the links: one that waits although no job is left for it gets one, and conflicts that the LMS may have
 * resolved since are looked at again. NOT_LINKED and REJECTED links are left alone: somebody must act. The LMS is asked for the
 * numbers of its users that are missing.
 */
export async function sweepLinks(em: EntityManager, now: Date): Promise<SweepCounts> {
  let restarted = 0;
  for (let after: string | undefined; ; ) {
    const page = await findForgotten(em.fork(), after);
    for (const { account_id: accountId } of page) await enqueueCreation(em.fork(), accountId, { isBulk: true });
    restarted += page.length;
    after = page.at(-1)?.id;
    if (page.length < pageSize) break;
  }
  const conflicts = await findResolvable(em.fork());
  for (const { account_id: accountId } of conflicts)
    await enqueueCheck(em.fork(), accountId, { priority: bulkPriority });
  await learnMissingUserIds(em.fork(), now);
  return { restarted, conflictsLookedAt: conflicts.length };
}

/** Has links that wait for the LMS's limit of registrations be tried now. */
export async function wakeThrottled(em: EntityManager): Promise<void> {
  await em.execute(
    `select graphile_worker.reschedule_jobs(
       array(
         select job.id from graphile_worker.jobs job
         join edx_link link on job.key = 'edx-link:' || link.account_id
         where link.state in ('PENDING', 'CREATING') and link.last_error ->> 'code' = 'throttled'),
       run_at => now())`,
  );
}

interface LinkRow {
  id: string;
  account_id: string;
}

function findForgotten(em: EntityManager, after: string | undefined): Promise<LinkRow[]> {
  return em.execute<LinkRow[]>(
    `select link.id, link.account_id from edx_link link join account on account.id = link.account_id
     where link.state in ('PENDING', 'CREATING') and account.status = 'ACTIVE'
       and link.id > ?::uuid
       and not exists (
         select 1 from graphile_worker.jobs job
         where job.key = 'edx-link:' || link.account_id and job.attempts < job.max_attempts)
     order by link.id limit ${pageSize}`,
    [after ?? '00000000-0000-0000-0000-000000000000'],
  );
}

/** Those that were looked at longest ago first. */
function findResolvable(em: EntityManager): Promise<LinkRow[]> {
  return em.execute<LinkRow[]>(
    `select link.id, link.account_id from edx_link link join account on account.id = link.account_id
     where link.state = 'CONFLICT' and account.status = 'ACTIVE'
       and link.last_error ->> 'code' in (
         'email-taken', 'email-taken-no-adoption', 'email-linked-elsewhere', 'unlinked-upstream', 'lms-user-inactive', 'adoption-refused')
     order by link.updated_at limit ${conflictsPerRun}`,
  );
}
