import type { Viewer } from '../../access/viewer.js';
import { sha256 } from '../../crypto/hash.js';
import { type EnrollmentLevel, foldKey, judgeKey, judgeStatus } from '../../datasources/program/judge-row.js';
import type { Operation, OperationRow } from '../../entities/operation.entity.js';
import type { Program } from '../../entities/program.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { EnrollmentWriteMode } from '../operation/inputs.js';
import type { OperationService } from '../operation/operation.service.js';
import type { PlannedRow } from '../operation/rows.js';
import type { ProgramPermissions } from '../partner-grant/program-permissions.js';
import type { ProgramService } from '../program/program.service.js';
import type { UploadService } from '../upload/upload.service.js';
import { readHeaderOf } from './read-header-of.js';
import { readEnrollmentRows } from './read-rows.js';
import type { EnrollmentRowInput } from './row-input.js';
import { toWritable } from './writable-program.js';

/** Rows of one write that somebody waits for. */
export const mostRowsOfWrite = 100;
/** Of a file that comes with the request; a longer one is uploaded first. */
export const mostCsvBytes = 1024 * 1024;
/** How long a write is waited for; it goes on without anybody waiting. */
const longestWaitMs = 20_000;

/** A file of enrollments: with the request, or sent before it. Exactly one of them. */
export interface UploadRequest {
  csv?: string | undefined;
  uploadId?: string | undefined;
  isDryRun: boolean;
  idempotencyKey?: string | undefined;
  /** Also writes what became of each row to a file that can be downloaded. */
  hasResultFile?: true;
  /** Refused while another upload of the program is not finished, in place of waiting for it. */
  isAlone?: true;
}

export interface WriteRow {
  externalKey: string;
  /** In the words of the LMS. */
  status: string;
  courseStaff?: boolean | undefined;
}

export interface WriteRequest {
  mode: EnrollmentWriteMode;
  rows: readonly WriteRow[];
  /** For enrollments in a course run of the program: its own key or the partner's. */
  courseId?: string | undefined;
  idempotencyKey?: string | undefined;
}

export interface WriteAnswer {
  /** Has ended, unless the LMS took too long. */
  operation: Operation;
  /** Those that are settled, in the order in which they were given. */
  rows: OperationRow[];
}

/** Enrollments in programs, and in the course runs of programs, as partners write them. */
export interface ProgramWriteService {
  /**
   * A program whose enrollments the caller may write, by its key.
   *
   * @param viewer - left out by commands, whose caller may do everything
   * @throws NotFoundError; ForbiddenError
   */
  requireProgram(key: string, viewer?: Viewer): Promise<Program>;
  /**
   * Begins to write a file of enrollments, after the other uploads of the program. Row by row, the operation says what became of it.
   *
   * @throws InvalidInputError when the file is none of the kind; ConflictError when the program takes nobody; NotFoundError for an upload
   * that is not the caller's
   */
  upload(program: Program, level: EnrollmentLevel, request: UploadRequest, actor: Actor): Promise<Operation>;
  /** Whether an upload of the program is not finished. */
  isUploading(program: Program): Promise<boolean>;
  /**
   * Writes a few enrollments, at most {@link mostRowsOfWrite}, and waits for the LMS.
   *
   * @throws InvalidInputError for too many rows, or a course run that the program does not have; ConflictError when it takes nobody
   */
  write(program: Program, level: EnrollmentLevel, request: WriteRequest, actor: Actor): Promise<WriteAnswer>;
}

const uploadKinds = { program: 'UPLOAD_PROGRAM_ENROLLMENTS', course: 'UPLOAD_COURSE_ENROLLMENTS' } as const;
const writeKinds = { program: 'WRITE_PROGRAM_ENROLLMENTS', course: 'WRITE_COURSE_ENROLLMENTS' } as const;

export function createProgramWriteService({
  operations,
  uploads,
  programs,
  programPermissions,
}: {
  operations: Pick<OperationService, 'begin' | 'isBusy' | 'follow' | 'findByIds' | 'rows'>;
  uploads: Pick<UploadService, 'require' | 'text'>;
  programs: Pick<ProgramService, 'findByKey' | 'describe' | 'source'>;
  programPermissions: Pick<ProgramPermissions, 'require'>;
}): ProgramWriteService {
  return {
    async requireProgram(key, viewer) {
      const program = await programs.findByKey(key);
      if (!program) throw new NotFoundError('There is no such program.');
      if (viewer) await programPermissions.require(viewer, program, 'WRITE_ENROLLMENTS');
      // Its curriculum and course runs as they are now.
      const [described] = await programs.describe([program], { purpose: 'request' });
      return described?.program ?? program;
    },
    upload(program, level, { csv, uploadId, isDryRun, idempotencyKey, hasResultFile, isAlone }, actor) {
      const { id: programId, findRun } = toWritable(program, programs.source, { isAdding: level === 'program' });
      if (uploadId !== undefined && csv === undefined) {
        const input = { programId, isDryRun, uploadId, ...(hasResultFile && { hasResultFile }) };
        return operations.begin(uploadKinds[level], input, actor, {
          idempotencyKey,
          ...(isAlone && { isAlone }),
          // Looked at when the request is new, and then before anything is stored.
          pages: checkUpload({ uploads, uploadId, level, actor }),
        });
      }
      if (csv === undefined || uploadId !== undefined)
        throw new InvalidInputError('Give either the file as `csv`, or the `uploadId` of one that was sent before.', {
          reason: 'CSV_OR_UPLOAD',
        });
      refuseLongCsv(csv);
      const input = { programId, isDryRun, sha256: sha256(csv) };
      return operations.begin(uploadKinds[level], input, actor, {
        idempotencyKey,
        pages: readEnrollmentRows([csv], level, findRun),
      });
    },
    isUploading: ({ id: programId }) => operations.isBusy('UPLOAD_PROGRAM_ENROLLMENTS', { programId, isDryRun: false }),
    async write(program, level, { mode, rows, courseId, idempotencyKey }, actor) {
      const { id: programId, findRun } = toWritable(program, programs.source, { isAdding: mode !== 'UPDATE' });
      if (rows.length === 0 || rows.length > mostRowsOfWrite)
        throw new InvalidInputError(`Give 1 to ${mostRowsOfWrite} rows; more of them as an upload.`, {
          field: ['rows'],
          reason: rows.length === 0 ? 'NO_ROWS' : 'TOO_MANY_ROWS',
        });
      const courseKey = level === 'course' ? requireRun(courseId ?? '', findRun) : undefined;
      const planned = rows.map((row, index) => planRow(row, { number: index + 1, level, courseId, courseKey }));
      const input = { programId, mode, sha256: sha256(JSON.stringify(planned)) };
      const begun = await operations.begin(writeKinds[level], input, actor, { idempotencyKey, rows: planned });
      const operation = await waitFor(operations, begun);
      const { rows: settled } = await operations.rows(operation.id, {}, { size: mostRowsOfWrite });
      return { operation, rows: settled };
    },
  };
}

// biome-ignore lint/correctness/useYield: it looks at the upload when the first page is asked for, and there is none.
async function* checkUpload({
  uploads,
  uploadId,
  level,
  actor,
}: {
  uploads: Pick<UploadService, 'require' | 'text'>;
  uploadId: string;
  level: EnrollmentLevel;
  actor: Actor;
}): AsyncGenerator<PlannedRow[]> {
  await uploads.require(uploadId, actor);
  await readHeaderOf(uploads.text(uploadId), level);
}

function refuseLongCsv(csv: string): void {
  if (csv.trim() === '')
    throw new InvalidInputError('The file is empty. Send one whose first line names its columns.', {
      field: ['csv'],
      reason: 'EMPTY_FILE',
    });
  if (Buffer.byteLength(csv) > mostCsvBytes)
    throw new InvalidInputError('The file is larger than 1 MB. Send it to /api/uploads, and give its uploadId.', {
      field: ['csv'],
      reason: 'TOO_LARGE',
    });
}

function requireRun(courseId: string, findRun: (key: string) => string | undefined): string {
  const courseKey = findRun(courseId);
  if (courseKey === undefined)
    throw new InvalidInputError('The program has no such course run, neither by its key nor by your own.', {
      field: ['courseId'],
      reason: 'COURSE_NOT_FOUND',
    });
  return courseKey;
}

function planRow(
  { externalKey, status, courseStaff }: WriteRow,
  {
    number,
    level,
    courseId,
    courseKey,
  }: { number: number; level: EnrollmentLevel; courseId: string | undefined; courseKey: string | undefined },
): PlannedRow {
  const refusal = judgeKey(externalKey) ?? judgeStatus(status, level);
  const input: EnrollmentRowInput = {
    fold: foldKey(externalKey),
    status,
    ...(courseId !== undefined && { courseId }),
    ...(courseKey !== undefined && { courseKey }),
    ...(courseStaff !== undefined && { courseStaff }),
    ...(refusal && { refusal }),
  };
  return { number, key: externalKey.trim(), input: { ...input } };
}

async function waitFor(
  operations: Pick<OperationService, 'follow' | 'findByIds'>,
  begun: Operation,
): Promise<Operation> {
  const signal = AbortSignal.timeout(longestWaitMs);
  try {
    return await operations.follow(begun.id, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    const [operation] = await operations.findByIds([begun.id]);
    return operation ?? begun;
  }
}
