import type { EntityManager } from '@mikro-orm/postgresql';

/** Whose grades: all that is given must hold. */
export interface ExportFilter {
  courseKeys?: readonly string[] | undefined;
}

/** One grade, with what names its learner here, in the LMS, and to the LMS's partners. */
export interface ExportedGrade {
  courseKey: string;
  /** Of Portico. */
  username: string;
  email: string;
  name: string;
  lmsUsername: string;
  lmsUserId: number | null;
  /** By which the LMS knows the account. */
  remoteId: string | null;
  mode: string | null;
  percent: number;
  letterGrade: string | null;
  passed: boolean;
  /** Whether there is a certificate that counts. */
  hasCertificate: boolean;
  /** When the LMS last said so. */
  asOf: Date;
}

const pageSize = 500;

/** Reads stored grades page by page, by course run and account: at no time are more than one page in memory. */
export async function* readGrades(em: EntityManager, { courseKeys }: ExportFilter): AsyncGenerator<ExportedGrade> {
  const keys = courseKeys ? JSON.stringify(courseKeys) : null;
  for (let after: Row | undefined; ; ) {
    const page = await em
      .fork()
      .execute<Row[]>(statement, [
        keys,
        keys,
        after?.courseKey ?? null,
        after?.courseKey ?? '',
        after?.accountId ?? nobody,
        pageSize,
      ]);
    for (const { accountId: _, asOf, ...grade } of page) yield { ...grade, asOf: new Date(asOf) };
    after = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/** Dates come as the database writes them. */
type Row = Omit<ExportedGrade, 'asOf'> & { accountId: string; asOf: string };

/** Below every id. */
const nobody = '00000000-0000-0000-0000-000000000000';

const statement = `
  select grade.course_key as "courseKey", grade.account_id as "accountId", account.username, account.email, account.name,
    grade.lms_username as "lmsUsername", link.edx_user_id as "lmsUserId", link.remote_id as "remoteId", enrollment.mode,
    grade.percent, grade.letter_grade as "letterGrade", grade.passed, certificate.id is not null as "hasCertificate",
    grade.as_of as "asOf"
  from course_grade grade
    join account on account.id = grade.account_id
    left join edx_link link on link.account_id = grade.account_id
    left join enrollment on enrollment.account_id = grade.account_id and enrollment.course_key = grade.course_key
    left join certificate on certificate.account_id = grade.account_id and certificate.course_key = grade.course_key
      and certificate.withdrawn_at is null and (grade.passed or grade.as_of <= certificate.as_of)
  where (?::jsonb is null or grade.course_key in (select jsonb_array_elements_text(?::jsonb)))
    and (?::text is null or (grade.course_key, grade.account_id) > (?::text, ?::uuid))
  order by grade.course_key, grade.account_id limit ?`;
