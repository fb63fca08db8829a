import type { EntityManager } from '@mikro-orm/postgresql';
import type { PresentEnrollment } from '../../datasources/program/find-enrollments.js';
import type { ProgramEnrollmentWrites } from '../../datasources/program/write-program-enrollments.js';
import type { OperationKind } from '../operation/inputs.js';
import type { Counted } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { WritableProgram } from './writable-program.js';

/** Stands in a row of a course run whose learner is in the program. */
const inProgramMark = 'inProgram';

/**
 * Says of each row what would become of it, by what the LMS has now, and changes nothing there. The LMS's lists are read page by
 * page, and compared in the database.
 */
export async function foreseeRows<Kind extends OperationKind>(
  { writes }: { writes: Pick<ProgramEnrollmentWrites, 'list'> },
  run: OperationRun<Kind>,
  { ref }: WritableProgram,
  courseKeys: readonly string[] | undefined,
): Promise<void> {
  const read = (courseKey?: string) => writes.list({ program: ref, courseKey }, { purpose: 'job', signal: run.signal });
  for await (const page of read()) {
    if (courseKeys) await run.change((tx) => markInProgram(tx, run.id, page));
    else await run.change((tx) => foreseePresent(tx, run.id, page));
  }
  for (const courseKey of courseKeys ?? [])
    for await (const page of read(courseKey)) await run.change((tx) => foreseePresent(tx, run.id, page, courseKey));
  await run.change((tx) => foreseeAbsent(tx, run.id, courseKeys !== undefined));
}

/** Course runs that rows of an operation name. */
export async function courseKeysOf(em: EntityManager, operationId: string): Promise<string[]> {
  const rows = await em.fork().execute<{ course_key: string }[]>(
    `select distinct input->>'courseKey' as course_key from operation_row
       where operation_id = ? and outcome is null and input->>'courseKey' is not null order by 1`,
    [operationId],
  );
  return rows.map(({ course_key }) => course_key);
}

const seen = `jsonb_to_recordset(?::jsonb) as seen ("foldedKey" text, status text)`;

async function foreseePresent(
  tx: EntityManager,
  operationId: string,
  page: readonly PresentEnrollment[],
  courseKey: string | null = null,
): Promise<Counted> {
  const rows = await tx.execute<unknown[]>(
    `update operation_row row set outcome = 'OK',
       reason = case when seen.status = row.input->>'status' then 'Nothing would change: it is ' || seen.status || ' already.'
         else 'It would be changed from ' || seen.status || ' to ' || (row.input->>'status') || '.' end,
       detail = jsonb_build_object('status', row.input->>'status', 'from', seen.status,
         'would', case when seen.status = row.input->>'status' then 'nothing' else 'change' end)
     from ${seen}
     where row.operation_id = ? and row.outcome is null and row.input->>'fold' = seen."foldedKey"
       and row.input->>'courseKey' is not distinct from ?::text returning 1`,
    [JSON.stringify(page), operationId, courseKey],
  );
  return { done: rows.length, failed: 0 };
}

async function markInProgram(
  tx: EntityManager,
  operationId: string,
  page: readonly PresentEnrollment[],
): Promise<Counted> {
  await tx.execute(
    `update operation_row row set input = row.input || '{"${inProgramMark}": true}'
     from ${seen} where row.operation_id = ? and row.outcome is null and row.input->>'fold' = seen."foldedKey"`,
    [JSON.stringify(page), operationId],
  );
  return { done: 0, failed: 0 };
}

async function foreseeAbsent(tx: EntityManager, operationId: string, isOfCourses: boolean): Promise<Counted> {
  const strangers = isOfCourses
    ? await tx.execute<unknown[]>(
        `update operation_row set outcome = 'NOT_IN_PROGRAM',
           reason = 'The learner is not in the program. Enroll them there first.', detail = input - 'fold'
         where operation_id = ? and outcome is null and input->>'${inProgramMark}' is null returning 1`,
        [operationId],
      )
    : [];
  const added = await tx.execute<unknown[]>(
    `update operation_row set outcome = 'OK', reason = 'It would be added as ' || (input->>'status') || '.',
       detail = jsonb_build_object('status', input->>'status', 'would', 'add')
     where operation_id = ? and outcome is null returning 1`,
    [operationId],
  );
  return { done: strangers.length + added.length, failed: strangers.length };
}
