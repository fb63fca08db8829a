import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { apiView, LmsCrash, type View } from '../lms/http/view.js';
import { programAndRun } from './course-enrollments.js';
import { acceptJob } from './job-views.js';
import { versionedPath } from './paths.js';
import { requireKeys } from './program-enrollments.js';
import type { Registrar } from './registrar-context.js';
import { formatOf, type Row, resultFile } from './result-file.js';
import { requirePermission } from './rights.js';
import { statusOf } from './write-batches.js';

const COLUMNS = ['student_key', 'letter_grade', 'percent', 'passed', 'error'];

/** Grades of a program's learners in one of its runs; those whom nobody is linked to have none. */
export function gradeViews(registrar: Registrar): View[] {
  return [
    apiView(versionedPath('programs/{program_key}/courses/{course_id}/grades'), {
      profile: 'P5',
      permission: (call) => requirePermission(registrar.lms, call, 'read_enrollments'),
      methods: { GET: (call) => list(registrar, call) },
    }),
  ];
}

function list(registrar: Registrar, call: Call): Answer {
  const { program, run } = programAndRun(registrar, call);
  const format = formatOf(call);
  return acceptJob(registrar, call, { name: 'get_course_run_grades', writesTo: null, format }, async () => {
    // A 204 has no body, which the Registrar cannot read: the job fails.
    const { statuses, rows } = await registrar.client.readAll(
      `${program.uuid}/courses/${run.key}/grades/`,
      [200, 207, 422],
    );
    const text = statusOf({
      hasGood: statuses.some((status) => status !== 422),
      hasBad: statuses.some((status) => status !== 200),
    });
    return { file: resultFile(format, COLUMNS, requireKeys(rows.map(gradeRow))), text: String(text) };
  });
}

function gradeRow({ student_key, letter_grade, percent, passed, error }: Row): Row {
  if (error !== undefined) return { student_key, error };
  return { student_key, letter_grade, percent: decimal(percent), passed };
}

/** Three decimals, as text. @throws LmsCrash for a number that has more, or is none: the job fails */
function decimal(value: unknown): string {
  if (typeof value !== 'number' || Number(value.toFixed(3)) !== value || value >= 10)
    throw new LmsCrash(`${value} is no percent.`);
  return value.toFixed(3);
}
