import type { EntityManager } from '@mikro-orm/postgresql';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import type { RowOutcome } from '../../entities/operation.entity.js';
import type { OperationFiles } from '../operation/operation-files.js';
import type { OperationRun } from '../operation/run.js';
import { writeEnrollments } from '../program-export/write-enrollments.js';
import { wordOf } from './row-word.js';

interface ResultRow {
  key: string;
  courseId: string | null;
  status: string;
  outcome: RowOutcome;
}

const columns = {
  program: ['student_key', 'status'],
  course: ['course_id', 'student_key', 'status'],
} as const;
const pageSize = 1_000;

/**
 * Writes what became of the rows of an upload to the operation's file, as CSV: by course as the file names it, then by key, both by code
 * point; a key that stood there more than once has one row.
 */
export async function writeResultFile(
  { em, files }: { em: EntityManager; files: Pick<OperationFiles, 'write'> },
  run: OperationRun,
  level: EnrollmentLevel,
): Promise<void> {
  const rows = async function* () {
    for await (const { key, courseId, status, outcome } of resultsOf(em, run.id)) {
      const word = wordOf({ outcome, status });
      yield level === 'course'
        ? { course_id: courseId ?? '', student_key: key, status: word }
        : { student_key: key, status: word };
    }
  };
  await files.write(run.id, { name: 'results.csv', mediaType: 'text/csv; charset=utf-8' }, (out) =>
    writeEnrollments(rows(), out, { format: 'csv', columns: columns[level], signal: run.signal }),
  );
}

/** Read through a cursor: they are sorted once, and a page of them is in memory at a time. */
async function* resultsOf(em: EntityManager, operationId: string): AsyncGenerator<ResultRow> {
  const tx = em.fork();
  await tx.begin();
  try {
    await tx.execute(
      `declare upload_results no scroll cursor for
       select key, input->>'courseId' as "courseId", input->>'status' as status, outcome from (
         select distinct on (key, input->>'courseId', case when outcome <> 'DUPLICATED' then number end) key, input, outcome, number
         from operation_row where operation_id = ? and outcome is not null) result
       order by input->>'courseId' collate "C", key collate "C", number`,
      [operationId],
    );
    for (;;) {
      const page = await tx.execute<ResultRow[]>(`fetch ${pageSize} from upload_results`);
      yield* page;
      if (page.length < pageSize) return;
    }
  } finally {
    await tx.rollback();
  }
}
