import type { CatalogRun, Program } from '../catalog/rows.js';
import { type Answer, jsonObject } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { notFound } from '../lms/http/errors.js';
import { apiView, type View } from '../lms/http/view.js';
import { acceptJob } from './job-views.js';
import { versionedPath } from './paths.js';
import { requireEnrollmentPermission, requireKeys } from './program-enrollments.js';
import { readRows } from './read-rows.js';
import type { Registrar } from './registrar-context.js';
import { formatOf, type Row, resultFile } from './result-file.js';
import { findProgram, findRun, requirePermission, runsOf } from './rights.js';
import { type SentRow, statusOf, type Written, writeBatches } from './write-batches.js';

const COLUMNS = ['course_id', 'student_key', 'status', 'account_exists'];

/** Who of a program takes one of its runs, and who takes any of them. */
export function courseEnrollmentViews(registrar: Registrar): View[] {
  const write = (call: Call): Promise<Answer> => writeRows(registrar, call);
  return [
    apiView(versionedPath('programs/{program_key}/courses/{course_id}/enrollments'), {
      profile: 'P5',
      permission: (call) => requireEnrollmentPermission(registrar, call),
      methods: {
        GET: (call) => {
          const { program, run } = programAndRun(registrar, call);
          return list(registrar, call, program, [run], 'list_course_run_enrollments');
        },
        POST: write,
        PATCH: write,
      },
    }),
    apiView(versionedPath('programs/{program_key}/course_enrollments'), {
      profile: 'P5',
      permission: (call) => requirePermission(registrar.lms, call, 'read_enrollments'),
      methods: {
        GET: (call) => {
          const program = findProgram(registrar.lms, call);
          return list(registrar, call, program, runsOf(registrar.lms, program), 'list_all_course_run_enrollments');
        },
      },
    }),
  ];
}

/** @throws ApiError 404 for a run that the active curriculum does not have */
export function programAndRun({ lms }: Registrar, call: Call): { program: Program; run: CatalogRun } {
  const program = findProgram(lms, call);
  const run = findRun(lms, program, call.param('course_id'));
  if (run === undefined) throw notFound();
  return { program, run };
}

function list(registrar: Registrar, call: Call, program: Program, runs: readonly CatalogRun[], task: string): Answer {
  const format = formatOf(call);
  const name = `${program.marketingSlug}:read:${task}`;
  return acceptJob(registrar, call, { name, writesTo: null, format }, async () => {
    const all: Row[] = [];
    for (const { key, externalKey } of runs) {
      const { rows } = await registrar.client.readAll(`${program.uuid}/courses/${key}/enrollments/`);
      for (const { student_key, status, account_exists } of rows)
        all.push({ course_id: externalKey ?? key, student_key, status, account_exists });
    }
    return { file: resultFile(format, COLUMNS, requireKeys(all)), text: null };
  });
}

async function writeRows(registrar: Registrar, call: Call): Promise<Answer> {
  const { program, run } = programAndRun(registrar, call);
  const written = await writeCourse(registrar, program, run, call.method, await readRows(call, true));
  return jsonObject(written.outcomes, statusOf(written));
}

/** Writes learners of a program into one of its runs. */
export function writeCourse(
  { client }: Registrar,
  program: Program,
  { key }: CatalogRun,
  method: string,
  rows: readonly SentRow[],
): Promise<Written> {
  return writeBatches(rows, (batch) => client.write(method, `${program.uuid}/courses/${key}/enrollments/`, batch));
}
