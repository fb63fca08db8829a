import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { announcing } from '../../changes/publish-change.js';
import type { LmsGrade } from '../../datasources/lms/grades.js';
import { runPrepared } from '../../entities/prepared-statement.js';
import { linkOfLearner } from '../edx-link/link-of-learner.js';

/** A grade, and when the LMS was asked for it. */
export interface SeenGrade extends LmsGrade {
  asOf: Date;
}

/** What became of one grade. `unknown`: no account is linked to its LMS user. */
export type GradeOutcome = 'created' | 'updated' | 'unchanged' | 'unknown';

export interface StoredGrade {
  grade: SeenGrade;
  outcome: GradeOutcome;
}

const statement = {
  name: 'course_grade_store',
  text: `
  with seen as (
    select * from jsonb_to_recordset($1::jsonb) as seen (number int, id uuid, username text, course_key text,
      percent float8, letter_grade text, passed boolean, as_of timestamptz)
  ), known as (
    select seen.*, link.account_id, link.edx_username from seen ${linkOfLearner('seen.username')}
  ), before as (
    select grade.* from known cross join lateral (select * from course_grade
      where account_id = known.account_id and course_key = known.course_key limit 1) grade
  ), written as (
    insert into course_grade as present
      (id, created_at, updated_at, account_id, course_key, lms_username, percent, letter_grade, passed, as_of)
    select id, as_of, as_of, account_id, course_key, edx_username, percent, letter_grade, passed, as_of
    from known order by account_id, course_key
    on conflict (account_id, course_key) do update set
      lms_username = excluded.lms_username, percent = excluded.percent, letter_grade = excluded.letter_grade,
      passed = excluded.passed, as_of = excluded.as_of,
      updated_at = case when (present.percent, present.letter_grade, present.passed)
        is distinct from (excluded.percent, excluded.letter_grade, excluded.passed)
        then excluded.updated_at else present.updated_at end
    where present.as_of <= excluded.as_of and (
      (present.percent, present.letter_grade, present.passed)
        is distinct from (excluded.percent, excluded.letter_grade, excluded.passed)
      or present.as_of <= excluded.as_of - make_interval(secs => $2))
    returning account_id, course_key, percent, letter_grade, passed
  ), outcome as (
    select seen.number, known.account_id, known.edx_username, known.course_key, before.id is null as is_new,
      written.account_id is not null
        and (before.percent, before.letter_grade, before.passed)
          is distinct from (written.percent, written.letter_grade, written.passed) as is_changed
    from seen left join known using (number)
      left join before on before.account_id = known.account_id and before.course_key = known.course_key
      left join written on written.account_id = known.account_id and written.course_key = known.course_key
  )
  select number, account_id is not null as "isKnown", is_new as "isNew", is_changed as "isChanged",
    case when is_changed and ($3 or not is_new) then ${announcing(`jsonb_build_object(
      'topic', 'grade', 'accountId', account_id, 'courseKey', course_key, 'lmsUsername', edx_username)`)} end
  from outcome order by number`,
};

interface Answer {
  number: number;
  isKnown: boolean;
  isNew: boolean;
  isChanged: boolean;
}

/**
 * Stores grades, all or none, for the accounts that are linked to their LMS users, in whatever letter case. What was seen later is
 * kept. A grade that changes is announced; one that is seen for the first time only if the LMS told of it: nobody has known another.
 *
 * @param touchAfterSeconds - a grade that is the same is written, for its `asOf`, only when the stored one is so much older
 */
export async function storeGrades(
  em: EntityManager,
  seen: readonly SeenGrade[],
  { touchAfterSeconds = 0, announcesNew = false }: { touchAfterSeconds?: number; announcesNew?: boolean } = {},
): Promise<StoredGrade[]> {
  const grades = [
    ...new Map(seen.map((grade) => [`${grade.username.toLowerCase()} ${grade.courseKey}`, grade])).values(),
  ];
  const rows = grades.map(({ username, courseKey, percent, letterGrade, isPassed, asOf }, number) => ({
    number,
    id: uuidv7(),
    username,
    course_key: courseKey,
    percent,
    letter_grade: letterGrade,
    passed: isPassed,
    as_of: asOf,
  }));
  const answers = await runPrepared<Answer>(em, statement, [JSON.stringify(rows), touchAfterSeconds, announcesNew]);
  return answers.flatMap(({ number, ...answer }) => {
    const grade = grades[number];
    return grade ? [{ grade, outcome: outcomeOf(answer) }] : [];
  });
}

function outcomeOf({ isKnown, isNew, isChanged }: Omit<Answer, 'number'>): GradeOutcome {
  if (!isKnown) return 'unknown';
  return isNew ? 'created' : isChanged ? 'updated' : 'unchanged';
}
