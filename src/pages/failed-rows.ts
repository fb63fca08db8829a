import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Operation, OperationRow, OperationService } from '../services/operation/operation.service.js';
import { type EnrollmentFileRow, writeEnrollments } from '../services/program-export/write-enrollments.js';

const pageSize = 500;
const columns = {
  program: ['student_key', 'status', 'problem'],
  course: ['student_key', 'course_id', 'status', 'course_staff', 'problem'],
} as const;

/**
 * Sends the rows of an upload that failed as a file that can be uploaded once it is put right: the columns of an upload, and the problem of
 * each row, which uploads do not read.
 */
export function sendFailedRows(
  reply: FastifyReply,
  operations: Pick<OperationService, 'rows'>,
  { id, kind }: Pick<Operation, 'id' | 'kind'>,
): FastifyReply {
  const { words, log } = reply.request;
  const level = kind === 'UPLOAD_COURSE_ENROLLMENTS' ? 'course' : 'program';
  const rows = async function* (): AsyncGenerator<EnrollmentFileRow> {
    for await (const row of failedRows(operations, id)) {
      const problem = row.reason == null ? '' : words.ofError({ message: row.reason });
      yield { ...cellsOf(row), problem };
    }
  };
  const out = new PassThrough();
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  writeEnrollments(rows(), out, { format: 'csv', columns: columns[level], signal: left.signal }).catch(
    (error: unknown) => log.debug({ err: error }, 'a file of failed rows was not sent to its end'),
  );
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', 'attachment; filename="failed-rows.csv"')
    .header('cache-control', 'no-store')
    .send(out);
}

async function* failedRows(operations: Pick<OperationService, 'rows'>, id: string): AsyncGenerator<OperationRow> {
  let after: string | undefined;
  for (;;) {
    const page = await operations.rows(id, { isFailed: true }, { size: pageSize, ...(after && { after }) });
    yield* page.rows;
    after = page.rows.at(-1)?.id;
    if (!page.hasNextPage) return;
  }
}

function cellsOf({ key, input }: OperationRow): EnrollmentFileRow {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    student_key: key ?? '',
    course_id: text(input?.courseId),
    status: text(input?.status),
    course_staff: typeof input?.courseStaff === 'boolean' ? input.courseStaff : '',
  };
}
