import type { EntityManager } from '@mikro-orm/postgresql';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { OperationFiles } from '../operation/operation-files.js';
import { type Counted, insertRows } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { UploadService } from '../upload/upload.service.js';
import { courseKeysOf, foreseeRows } from './foresee-rows.js';
import { readEnrollmentRows } from './read-rows.js';
import { type SendDeps, sendRows } from './send-rows.js';
import { settleRefused } from './settle-refused.js';
import { requireProgram, toWritable, type WritableProgram, type WritableSource } from './writable-program.js';
import { writeResultFile } from './write-result-file.js';

export interface UploadOperationDeps extends SendDeps {
  em: EntityManager;
  source: WritableSource;
  uploads: Pick<UploadService, 'text' | 'remove'>;
  files: Pick<OperationFiles, 'write'>;
}

export type UploadKind = 'UPLOAD_PROGRAM_ENROLLMENTS' | 'UPLOAD_COURSE_ENROLLMENTS';

/** How far an upload is; stored with the rows. */
interface Place {
  isLoaded?: boolean;
  /** The operation whose rows were looked through: one that does failed rows again begins with the place of the first. */
  settled?: string;
}

/**
 * Writes the enrollments of a file: its rows are stored and looked through first, and only then sent. Uploads of one program run one
 * after the other.
 */
export function createUploadOperation(
  deps: UploadOperationDeps,
  level: EnrollmentLevel,
): OperationDefinition<UploadKind> {
  return {
    isJoined: false,
    lane: ({ programId }) => `program:${programId}`,
    async run(run) {
      const { programId, isDryRun, uploadId } = run.input;
      const program = toWritable(await requireProgram(deps.em, programId), deps.source, {
        isAdding: level === 'program',
      });
      const place: Place = isPlace(run.checkpoint) ? run.checkpoint : {};
      if (uploadId !== undefined && !place.isLoaded) await load(deps, run, { program, level, uploadId });
      if (place.settled !== run.id)
        await run.change((tx) => settleRefused(tx, run.id), { checkpoint: { isLoaded: true, settled: run.id } });
      run.signal.throwIfAborted();
      if (isDryRun) {
        await foreseeRows(deps, run, program, level === 'course' ? await courseKeysOf(deps.em, run.id) : undefined);
        return { isDryRun };
      }
      await sendRows(deps, run, program, { method: 'PUT' });
      if (run.input.hasResultFile) await writeResultFile(deps, run, level);
      return undefined;
    },
  };
}

/** Takes the rows over from the file: all of them, or, when it is not what it should be, none. */
async function load(
  { em, uploads, clock }: UploadOperationDeps,
  run: OperationRun<UploadKind>,
  { program, level, uploadId }: { program: WritableProgram; level: EnrollmentLevel; uploadId: string },
): Promise<void> {
  const none: Counted = { done: 0, failed: 0 };
  await run.change(
    async (tx) => {
      for await (const page of readEnrollmentRows(uploads.text(uploadId), level, program.findRun)) {
        run.signal.throwIfAborted();
        await insertRows(tx, run.id, page, clock());
      }
      return none;
    },
    { checkpoint: { isLoaded: true } },
  );
  // The statistics of a table that has just grown by a hundred thousand rows are of no use to whoever plans by them.
  await em.fork().execute('analyze operation_row');
  // A dry run is often followed by the real one.
  if (!run.input.isDryRun) await uploads.remove(uploadId);
}

function isPlace(checkpoint: unknown): checkpoint is Place {
  return typeof checkpoint === 'object' && checkpoint !== null;
}
