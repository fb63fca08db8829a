import type { EntityManager } from '@mikro-orm/postgresql';

/** After its end a run is looked at for so long: grades and certificates of the last days still come in. */
const daysAfterEnd = 31;

/**
 * Course runs that are under way or ended not long ago, in which learners take part that are known here.
 *
 * @param accountId - only those of this account, ended ones whenever they did
 */
export async function findRunsToSync(
  em: EntityManager,
  { accountId, now }: { accountId: string | undefined; now: Date },
): Promise<string[]> {
  const rows = await em.fork().execute<{ key: string }[]>(
    accountId === undefined
      ? `select distinct enrollment.course_key as key from enrollment left join course_run run using (course_key)
         where enrollment.confirmed_by_lms and enrollment.state = 'ACTIVE'
           and (run."start" is null or run."start" <= ?::timestamptz)
           and (run."end" is null or run."end" > ?::timestamptz - make_interval(days => ?))
         order by key`
      : 'select course_key as key from enrollment where confirmed_by_lms and account_id = ? order by key',
    accountId === undefined ? [now, now, daysAfterEnd] : [accountId],
  );
  return rows.map(({ key }) => key);
}
