import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProgramEnrollmentReads } from '../../datasources/program/read-enrollments.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Program } from '../../entities/program.entity.js';
import { ConflictError } from '../../errors.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { OperationFiles } from '../operation/operation-files.js';
import type { OperationRun } from '../operation/run.js';
import { activeRuns } from '../program/active-runs.js';
import { type ProgramSource, refOf } from '../program/source.js';
import { requireProgram } from '../program-write/writable-program.js';
import { type EnrollmentFileRow, writeEnrollments } from './write-enrollments.js';

export interface ProgramExportDeps {
  em: EntityManager;
  reads: Pick<ProgramEnrollmentReads, 'learnersOf' | 'courseLearnersOf' | 'gradesOf'>;
  source: Pick<ProgramSource, 'isTied' | 'howToTie'>;
  files: Pick<OperationFiles, 'write'>;
}

const mediaTypes = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const;

type Kind = 'EXPORT_PROGRAM_ENROLLMENTS' | 'EXPORT_COURSE_ENROLLMENTS' | 'EXPORT_PROGRAM_GRADES';

/** Writes the learners of a program, as they are listed where they are kept, to the operation's file. */
export function createExportProgramEnrollments(
  deps: ProgramExportDeps,
): OperationDefinition<'EXPORT_PROGRAM_ENROLLMENTS'> {
  return exportOf(deps, {
    columns: ['student_key', 'status', 'account_exists'],
    async *read(run, program) {
      // In the order in which the LMS's own clients know the members.
      for await (const page of deps.reads.learnersOf(refOf(program), reading(run)))
        for (const { externalKey, status, hasAccount } of page)
          yield run.input.format === 'csv'
            ? { student_key: externalKey, status, account_exists: hasAccount }
            : { account_exists: hasAccount, status, student_key: externalKey };
    },
  });
}

/** The same for a course run of the program, or for all of its active curriculum, run after run. */
export function createExportCourseEnrollments(
  deps: ProgramExportDeps,
): OperationDefinition<'EXPORT_COURSE_ENROLLMENTS'> {
  return exportOf(deps, {
    columns: ['course_id', 'student_key', 'status', 'account_exists'],
    async *read(run, program) {
      const runs = activeRuns(program).filter(
        ({ courseKey }) => run.input.courseKey === undefined || courseKey === run.input.courseKey,
      );
      for (const { courseKey, externalKey: ownKey } of runs)
        for await (const page of deps.reads.courseLearnersOf(refOf(program), courseKey, reading(run)))
          for (const { externalKey, status, hasAccount } of page)
            yield { course_id: ownKey ?? courseKey, student_key: externalKey, status, account_exists: hasAccount };
    },
  });
}

/** The grades of the program's learners in a course run of it, by the keys of the partner. A learner without one is told with the reason. */
export function createExportProgramGrades(deps: ProgramExportDeps): OperationDefinition<'EXPORT_PROGRAM_GRADES'> {
  return exportOf(deps, {
    name: 'grades',
    columns: ['student_key', 'letter_grade', 'percent', 'passed', 'error'],
    async *read(run, program) {
      for await (const page of deps.reads.gradesOf(refOf(program), run.input.courseKey, reading(run)))
        for (const grade of page)
          yield 'error' in grade
            ? { student_key: grade.externalKey, letter_grade: null, error: grade.error }
            : {
                student_key: grade.externalKey,
                letter_grade: grade.letterGrade,
                percent: grade.percent.toFixed(3),
                passed: grade.passed,
              };
    },
    isFailed: (row) => 'error' in row,
  });
}

function exportOf<K extends Kind>(
  { em, source, files }: ProgramExportDeps,
  {
    name = 'enrollments',
    columns,
    read,
    isFailed = () => false,
  }: {
    /** Of the file, and of what is counted. */
    name?: 'enrollments' | 'grades';
    columns: readonly string[];
    read: (run: OperationRun<K>, program: Program) => AsyncIterable<EnrollmentFileRow>;
    isFailed?: (row: EnrollmentFileRow) => boolean;
  },
): OperationDefinition<K> {
  return {
    isJoined: false,
    lane: () => null,
    async run(run) {
      const { programId, format } = run.input;
      const program = await requireProgram(em, programId);
      if (!source.isTied(program))
        throw new ConflictError(`The learners of the program ${program.key} cannot be read. ${source.howToTie}`);
      let [rows, failed] = [0, 0];
      const counted = async function* () {
        for await (const row of read(run, program)) {
          rows += 1;
          if (isFailed(row)) failed += 1;
          yield row;
        }
      };
      await files.write(run.id, { name: `${name}.${format}`, mediaType: mediaTypes[format] }, (out) =>
        writeEnrollments(counted(), out, { format, columns, signal: run.signal }),
      );
      await run.progress({ done: rows, failed, total: rows });
      return { [name]: rows };
    },
  };
}

function reading(run: OperationRun): CallOptions {
  return { purpose: 'job', signal: run.signal };
}
