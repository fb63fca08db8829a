import type { Program } from '../catalog/rows.js';
import { apiView, type View } from '../lms/http/view.js';
import { writeCourse } from './course-enrollments.js';
import { acceptJob } from './job-views.js';
import type { Outcome } from './jobs.js';
import { versionedPath } from './paths.js';
import { writeProgram } from './program-enrollments.js';
import { readUpload, type UploadedRow } from './read-upload.js';
import type { Registrar } from './registrar-context.js';
import { type Row, resultFile } from './result-file.js';
import { findProgram, findRun, requirePermission } from './rights.js';
import { type SentRow, statusOf, type Written } from './write-batches.js';

interface Upload {
  readonly path: string;
  readonly task: string;
  readonly columns: readonly string[];
  readonly work: (registrar: Registrar, program: Program, rows: readonly UploadedRow[]) => Promise<Outcome>;
}

const UPLOADS: readonly Upload[] = [
  {
    path: 'enrollments',
    task: 'write_program_enrollments',
    columns: ['student_key', 'status'],
    work: writeProgramFile,
  },
  {
    path: 'course_enrollments',
    task: 'write_course_run_enrollments',
    columns: ['student_key', 'course_id', 'status'],
    work: writeCourseFile,
  },
];

/** CSV files of enrollments: each is a job, one at a time for a program. Rows are created or updated. */
export function uploadViews(registrar: Registrar): View[] {
  return UPLOADS.map(({ path, task, columns, work }) =>
    apiView(versionedPath(`programs/{program_key}/${path}/upload`), {
      profile: 'P5',
      accepts: ['multipart'],
      permission: (call) => requirePermission(registrar.lms, call, 'write_enrollments'),
      methods: {
        POST: async (call) => {
          const program = findProgram(registrar.lms, call);
          const rows = await readUpload(call, columns, () => registrar.jobs.isWriting(program.uuid));
          const name = `${program.marketingSlug}:write:${task}`;
          return acceptJob(registrar, call, { name, writesTo: program.uuid, format: 'csv' }, () =>
            work(registrar, program, rows),
          );
        },
      },
    }),
  );
}

async function writeProgramFile(
  registrar: Registrar,
  program: Program,
  rows: readonly UploadedRow[],
): Promise<Outcome> {
  const written = await writeProgram(registrar, program, 'PUT', rows.map(sentRow));
  const shown = [...written.outcomes].map(([student_key, status]) => ({ student_key, status }));
  return outcomeOf(['student_key', 'status'], shown, [written]);
}

/** Rows of a run go together, in the order in which the runs come, a run under two names as two. */
async function writeCourseFile(registrar: Registrar, program: Program, rows: readonly UploadedRow[]): Promise<Outcome> {
  const shown: Row[] = [];
  const all: Pick<Written, 'hasGood' | 'hasBad'>[] = [];
  for (const [course_id, group] of Map.groupBy(rows, (row) => row.course_id ?? '')) {
    const run = findRun(registrar.lms, program, course_id);
    const written = run
      ? await writeCourse(registrar, program, run, 'PUT', group.map(sentRow))
      : {
          outcomes: new Map(group.map(({ student_key }) => [student_key ?? '', 'course-not-found'] as const)),
          hasGood: false,
          hasBad: true,
        };
    all.push(written);
    for (const [student_key, status] of written.outcomes) shown.push({ course_id, student_key, status });
  }
  return outcomeOf(['course_id', 'student_key', 'status'], shown, all);
}

function sentRow({ student_key = '', status = '' }: UploadedRow): SentRow {
  return { student_key, status };
}

function outcomeOf(
  columns: readonly string[],
  rows: readonly Row[],
  written: readonly Pick<Written, 'hasGood' | 'hasBad'>[],
): Outcome {
  const status = statusOf({
    hasGood: written.some(({ hasGood }) => hasGood),
    hasBad: written.some(({ hasBad }) => hasBad),
  });
  return { file: resultFile('csv', columns, rows), text: rows.length === 0 ? '204' : String(status) };
}
