import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { ProgramEnrollment } from '../../rows.js';
import { readRows, writeRows } from './batch-write.js';
import { findProgram, PROGRAMS_API, programEnrollment, putProgramEnrollment, STAFF_VIEW } from './programs.js';

const STATUSES = ['enrolled', 'pending', 'suspended', 'canceled', 'ended'];
export const PAGE_SIZE = 100;

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
  const rows = lms.state.programEnrollmentsByProgram.of(uuid).sort((a, b) => a.id - b.id);
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

async function write(
  lms: Lms,
  call: Call,
  { mayCreate, mayUpdate }: { mayCreate: boolean; mayUpdate: boolean },
): Promise<Answer> {
  const { uuid } = findProgram(lms, call);
  const rows = await readRows(call, ['student_key', 'status', ...(mayCreate ? ['curriculum_uuid'] : [])]);
  return lms.state.atomically(() =>
    writeRows(rows, (studentKey, row) => {
      const status = String(row.status);
      if (!STATUSES.includes(status)) return 'invalid-status';
      const before = programEnrollment(lms, uuid, studentKey);
      if (before === undefined && !mayCreate) return 'not-in-program';
      if (before !== undefined && !mayUpdate) return 'conflict';
      putProgramEnrollment(lms, {
        id: before?.id ?? lms.state.nextId('programEnrollment'),
        programUuid: uuid,
        curriculumUuid: String(row.curriculum_uuid ?? before?.curriculumUuid),
        studentKey: before?.studentKey ?? studentKey,
        username: before?.username ?? null,
        status,
      });
      return status;
    }),
  );
}
