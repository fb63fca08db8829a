import type { OperationDefinition } from '../operation/kinds.js';
import type { OperationFiles } from '../operation/operation-files.js';
import type { GradeService } from './grade.service.js';
import { pullGrades, type SyncGradesOperationDeps } from './sync-operation.js';
import { type GradeFormat, writeGrades } from './write-grades.js';

const mediaTypes: Record<GradeFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** Pulls grades, unless the stored ones will do, and writes them to the operation's file. */
export function createExportGrades(
  deps: Omit<SyncGradesOperationDeps, 'grades'> & {
    grades: Pick<GradeService, 'read' | 'runsToSync' | 'syncRun' | 'syncCertificates'>;
    files: Pick<OperationFiles, 'write'>;
  },
): OperationDefinition<'EXPORT_GRADES'> {
  return {
    isJoined: true,
    async run(run) {
      const { courseKeys, format, isStored = false } = run.input;
      const named = courseKeys ? { courseKeys } : {};
      if (!isStored) await pullGrades(deps, run, named);
      run.signal.throwIfAborted();
      let grades = 0;
      const onRow = () => {
        grades += 1;
      };
      await deps.files.write(run.id, { name: `grades.${format}`, mediaType: mediaTypes[format] }, (out) =>
        writeGrades(deps.grades.read(named), out, { format, onRow, signal: run.signal }),
      );
      return { grades };
    },
  };
}
