import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, LmsCrash, type View } from '../../http/view.js';
import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { ProgramEnrollment } from '../../program-tables.js';
import { readRows, type WriteRow, writeRows } from './batch-write.js';
import { createKeyLookup } from './key-lookup.js';
import { findProgram, PAGE_SIZE, PROGRAMS_API, STAFF_VIEW } from './programs.js';

export const PROGRAM_STATUSES = ['enrolled', 'pending', 'suspended', 'canceled', 'ended'];

/** What a write may do: POST creates, PATCH updates, PUT does both. */
export interface WriteRights {
  readonly mayCreate: boolean;
  readonly mayUpdate: boolean;
}

/** `programs/{uuid}/enrollments/`: who is in a program, by the keys of their organization. */
export function programEnrollmentViews(lms: Lms): View[] {
  return [
    apiView(`${PROGRAMS_API}/programs/{uuid}/enrollments/`, {
      ...STAFF_VIEW,
      methods: {
        GET: (call) => list(lms, call),
        POST: (call) => write(lms, call, { mayCreate: true, mayUpdate: false }),
        PUT: (call) => write(lms, call, { mayCreate: true, mayUpdate: true }),
        PATCH: (call) => write(lms, call, { mayCreate: false, mayUpdate: true }),
      },
    }),
  ];
}

function list(lms: Lms, call: Call): Answer {
  const { uuid } = findProgram(lms, call);
  const rows = lms.state.programs.byProgram.of(uuid);
  const page = cursorPage(call, rows, pageSizeArgument(call, PAGE_SIZE) || PAGE_SIZE, byId());
  return json({ ...page, results: page.results.map((row) => rowView(lms, row)) });
}

function rowView(
  { state }: Lms,
  { studentKey, status, curriculumUuid, username }: ProgramEnrollment,
): Record<string, unknown> {
  const user = username === null ? undefined : state.user(username);
  return {
    student_key: studentKey,
    status,
    account_exists: user !== undefined,
    curriculum_uuid: curriculumUuid,
    username: user?.username ?? '',
    email: user?.email ?? '',
  };
}

async function write(lms: Lms, call: Call, rights: WriteRights): Promise<Answer> {
  const program = findProgram(lms, call);
  const rows = await readRows(call, { hasCurriculum: rights.mayCreate });
  const usernameOf = createKeyLookup(lms, program);
  return lms.state.atomically(() =>
    writeRows(rows, PROGRAM_STATUSES, (row) => ({
      key: row.studentKey,
      outcome: writeRow(lms, program.uuid, row, rights, usernameOf, call.now),
    })),
  );
}

function writeRow(
  lms: Lms,
  programUuid: string,
  { studentKey, status, curriculumUuid }: WriteRow,
  { mayCreate, mayUpdate }: WriteRights,
  usernameOf: (studentKey: string) => string | null,
  now: Date,
): string {
  const { programs } = lms.state;
  if (!PROGRAM_STATUSES.includes(status)) return 'invalid-status';
  const before = programs.enrollment(programUuid, studentKey);
  const modified = toInstant(now);
  if (before !== undefined) {
    if (!mayUpdate) return 'conflict';
    // An update changes nothing but the status: it links nobody and leaves course enrollments alone.
    programs.putEnrollment({ ...before, status, modified });
    return status;
  }
  if (!mayCreate) return 'not-in-program';
  const row: ProgramEnrollment = {
    id: lms.state.nextId('programEnrollment'),
    programUuid,
    curriculumUuid,
    studentKey,
    username: usernameOf(studentKey),
    status,
    created: modified,
    modified,
  };
  requireUnlinked(lms, row);
  programs.putEnrollment(row);
  return status;
}

/** A user has one place in a curriculum. @throws LmsCrash when there is one under another key: the whole request is undone */
export function requireUnlinked({ state }: Lms, row: ProgramEnrollment): void {
  if (row.username === null) return;
  const isTaken = state.programs.byUsername
    .of(row.username.toLowerCase())
    .some(
      ({ id, programUuid, curriculumUuid }) =>
        id !== row.id && programUuid === row.programUuid && curriculumUuid === row.curriculumUuid,
    );
  if (isTaken) throw new LmsCrash(`${row.username} is in this curriculum under another key.`);
}
