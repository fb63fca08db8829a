import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import type { Operation } from '../../entities/operation.entity.js';
import { InvalidInputError } from '../../errors.js';
import { systemActor } from '../../services/actor.js';
import type { OperationService } from '../../services/operation/operation.service.js';
import type { UploadService } from '../../services/upload/upload.service.js';
import { openContext } from '../command-context.js';
import type { ReportedRow } from '../enrollments/read-all-rows.js';
import { countOf, printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface UploadEnrollmentsOptions {
  dryRun: boolean;
  json: boolean;
}

const pageSize = 200;

/** `portico upload-program-enrollments` and `upload-course-enrollments`: the operations of the graph's mutations, with a file of this machine. */
export async function uploadEnrollments(
  programKey: string,
  path: string,
  level: EnrollmentLevel,
  { dryRun, json }: UploadEnrollmentsOptions,
): Promise<void> {
  await using opened = await openContext();
  const { operations, programWrites, uploads } = opened.context.services;
  const program = await programWrites.requireProgram(programKey);
  const uploadId = await sendIn(uploads, path);
  using progress = createProgress('rows done');
  const begun = await programWrites.upload(program, level, { uploadId, isDryRun: dryRun }, systemActor);
  const ended = await operations.follow(begun.id, { onProgress: (operation) => progress.report(operation) });
  const rows = dryRun || ended.failed > 0 ? await readRows(operations, ended.id, { isAll: dryRun }) : [];
  const { id, state, total, done, failed, failure } = ended;
  printAnswer(
    json,
    {
      operationId: id,
      program: program.key,
      state,
      dryRun,
      total,
      done,
      failed,
      failure: failure?.message ?? null,
      rows,
    },
    describe(ended, rows, dryRun),
  );
  if (state !== 'SUCCEEDED') process.exitCode = 1;
}

/** @throws {@link InvalidInputError} when the file cannot be read, or is none of the kind */
async function sendIn(uploads: Pick<UploadService, 'receive'>, path: string): Promise<string> {
  try {
    const file = path === '-' ? process.stdin : (await open(path)).createReadStream();
    const { id } = await uploads.receive(file, { name: basename(path), actor: systemActor });
    return id;
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new InvalidInputError(`${path} cannot be read: ${error.message}`);
  }
}

/** Rows that failed, or all of them, in the order of the file. */
async function readRows(
  operations: Pick<OperationService, 'rows'>,
  operationId: string,
  { isAll }: { isAll: boolean },
): Promise<ReportedRow[]> {
  const rows: ReportedRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = await operations.rows(operationId, {}, { size: pageSize, ...(after !== undefined && { after }) });
    for (const { number, key, outcome, reason } of page.rows)
      if (isAll || outcome !== 'OK')
        rows.push({ number, key: key ?? null, outcome: outcome ?? null, reason: reason ?? null });
    after = page.rows.at(-1)?.id;
    if (!page.hasNextPage || after === undefined) return rows;
  }
}

function describe({ done, failed, failure }: Operation, rows: readonly ReportedRow[], dryRun: boolean): string[] {
  return [
    ...rows.map(({ number, key, outcome, reason }) => `row ${number}  ${key}  ${outcome}  ${reason ?? ''}`),
    `${countOf(done, 'row')}, ${failed} failed.`,
    ...(failure ? [failure.message] : []),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ];
}
