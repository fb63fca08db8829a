import type { TestAccountServices } from './account-services.js';
import type { CaughtMail } from './mail-catcher.js';

/** Sends the mails that wait in the queue, as the job does, and answers them in the order in which they were asked for. */
export async function deliverQueuedMail(
  services: Pick<TestAccountServices, 'orm' | 'mail'>,
  catcher: { mails: CaughtMail[] },
) {
  const jobs = await services.orm.em.fork().execute<{ id: string; payload: { sealed: string } }[]>(
    `select id, payload from graphile_worker._private_jobs
       where task_id = (select id from graphile_worker._private_tasks where identifier = 'send-mail') order by id`,
  );
  for (const { id, payload } of jobs) {
    await services.mail.deliver(payload.sealed);
    await services.orm.em.fork().execute('select graphile_worker.complete_jobs(array[?]::bigint[])', [id]);
  }
  return catcher.mails.splice(0);
}
