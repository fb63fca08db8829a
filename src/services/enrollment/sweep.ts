import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueueEnrollment } from './plan.js';

const pageSize = 500;
const firstId = '00000000-0000-0000-0000-000000000000';

/**
 * The safety net of the enrollments: a wish that is open although no job is left for it gets one.
 *
 * @returns how many
 */
export async function sweepEnrollments(em: EntityManager): Promise<number> {
  let restarted = 0;
  for (let after = firstId; ; ) {
    const page = await em.fork().execute<{ id: string; account_id: string; course_key: string }[]>(
      `select id, account_id, course_key from enrollment
       where intent is not null and id > ?::uuid
         and not exists (
           select 1 from graphile_worker.jobs job
           where job.key = 'enroll:' || account_id || ':' || course_key and job.attempts < job.max_attempts)
       order by id limit ${pageSize}`,
      [after],
    );
    for (const { id, account_id: accountId, course_key: courseKey } of page)
      await enqueueEnrollment(em.fork(), { id, accountId, courseKey }, { isBulk: true });
    restarted += page.length;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return restarted;
    after = last.id;
  }
}
