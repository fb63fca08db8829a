import type { EntityManager } from '@mikro-orm/postgresql';
import { enqueue } from '../../jobs/queue.js';

/** A user of the LMS, by the number and the name that it gave them. */
export interface NumberedUser {
  id: number;
  username: string;
}

/** An LMS that did not know the user, or did not show the number, is not asked for it again before so long. */
const soughtAgainAfter = `interval '1 day'`;

/** SQL condition on `edx_link link`: it ties an LMS user whose number is not known and may be asked for. */
export const lacksUserId = `link.state = 'LINKED' and link.edx_user_id is null and link.edx_username is not null
  and (link.edx_user_id_sought_at is null or link.edx_user_id_sought_at < now() - ${soughtAgainAfter})`;

/**
 * Notes the numbers of LMS users at the links that tie these users.
 *
 * @param options.isCurrent - the LMS just said so: a number that differs is replaced. Otherwise only what is missing is added
 */
export async function storeUserIds(
  em: EntityManager,
  users: readonly NumberedUser[],
  { isCurrent }: { isCurrent: boolean },
): Promise<void> {
  if (users.length === 0) return;
  await em.execute(
    `update edx_link link set edx_user_id = said.id
     from (select distinct on (lower(username)) id, username
       from jsonb_to_recordset(?::jsonb) as said (id bigint, username text) where id between 1 and 2147483647) as said
     where lower(link.edx_username) = lower(said.username)
       and ${isCurrent ? 'link.edx_user_id is distinct from said.id' : 'link.edx_user_id is null'}`,
    [JSON.stringify(users)],
  );
}

/** Has a job ask the LMS for the numbers that are missing. There is one; another wish does not put it off. */
export function enqueueLearnUserIds(em: EntityManager, runAt: Date): Promise<void> {
  return enqueue(em, 'learn-lms-user-ids', {}, { key: 'lms-user-ids', runAt, keepsTime: true });
}

/** Has {@link enqueueLearnUserIds} done where a number is missing. */
export async function learnMissingUserIds(em: EntityManager, now: Date): Promise<void> {
  const [row] = await em.execute<{ isMissing: boolean }[]>(
    `select exists (select 1 from edx_link link where ${lacksUserId}) as "isMissing"`,
  );
  if (row?.isMissing) await enqueueLearnUserIds(em, now);
}
