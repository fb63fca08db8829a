import { activeCurriculum } from '../catalog/catalog-tables.js';
import type { Program } from '../catalog/rows.js';
import { type Answer, jsonObject } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { apiView, LmsCrash, type View } from '../lms/http/view.js';
import { acceptJob } from './job-views.js';
import { versionedPath } from './paths.js';
import { readRows } from './read-rows.js';
import type { Registrar } from './registrar-context.js';
import { formatOf, type Row, resultFile } from './result-file.js';
import { findProgram, requirePermission } from './rights.js';
import { type SentRow, statusOf, type Written, writeBatches } from './write-batches.js';

/** Who is in a program: read by a job, written 25 rows at a time. */
export function programEnrollmentViews(registrar: Registrar): View[] {
  return [
    apiView(versionedPath('programs/{program_key}/enrollments'), {
      profile: 'P5',
      permission: (call) => requireEnrollmentPermission(registrar, call),
      methods: {
        GET: (call) => list(registrar, call),
        POST: (call) => write(registrar, call),
        PATCH: (call) => write(registrar, call),
      },
    }),
  ];
}

/** Methods that are not there are refused as such, without a look at rights. HEAD asks for what GET does. */
export function requireEnrollmentPermission({ lms }: Registrar, call: Call): void {
  if (['GET', 'HEAD'].includes(call.method)) requirePermission(lms, call, 'read_enrollments');
  else if (['POST', 'PATCH'].includes(call.method)) requirePermission(lms, call, 'write_enrollments');
  else findProgram(lms, call);
}

function list(registrar: Registrar, call: Call): Answer {
  const program = findProgram(registrar.lms, call);
  const format = formatOf(call);
  const name = `${program.marketingSlug}:read:list_program_enrollments`;
  return acceptJob(registrar, call, { name, writesTo: null, format }, async () => {
    const { rows } = await registrar.client.readAll(`${program.uuid}/enrollments/`);
    const shown = rows.map(({ account_exists, status, student_key }) => ({ account_exists, status, student_key }));
    return { file: resultFile(format, ['student_key', 'status', 'account_exists'], requireKeys(shown)), text: null };
  });
}

/** @throws LmsCrash for a learner without a key, as the LMS itself makes them: the job fails */
export function requireKeys<T extends Row>(rows: readonly T[]): readonly T[] {
  if (rows.some(({ student_key }) => typeof student_key !== 'string')) throw new LmsCrash('A row without a key.');
  return rows;
}

async function write(registrar: Registrar, call: Call): Promise<Answer> {
  const program = findProgram(registrar.lms, call);
  const written = await writeProgram(registrar, program, call.method, await readRows(call, false));
  return jsonObject(written.outcomes, statusOf(written));
}

/** Writes learners into the active curriculum; where there is none, Python's `None` is sent for it. */
export function writeProgram(
  { client }: Registrar,
  program: Program,
  method: string,
  rows: readonly SentRow[],
): Promise<Written> {
  const curriculum_uuid = activeCurriculum(program)?.uuid ?? 'None';
  return writeBatches(rows, (batch) =>
    client.write(
      method,
      `${program.uuid}/enrollments/`,
      batch.map((row) => ({ ...row, curriculum_uuid })),
    ),
  );
}
