import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { LmsUser, Program } from '../../rows.js';
import { isCourseStaff } from '../access.js';
import { PROGRAMS_API } from './programs.js';

/** Statuses that count as being in a program. */
const ACTIVE = ['enrolled', 'pending'];

/** `programs/enrollments/`, also called `programs/readonly_access/`: the programs that the caller has to do with. */
export function myProgramViews(lms: Lms): View[] {
  const options = {
    profile: 'P1',
    errors: 'E2',
    methods: { GET: (call: Call) => list(lms, call) },
  } as const;
  return ['enrollments', 'readonly_access'].map((name) => apiView(`${PROGRAMS_API}/programs/${name}/`, options));
}

function list(lms: Lms, call: Call): Answer {
  const type = call.argument('type') ?? 'masters';
  const programs = [...lms.state.programs.values()].filter((program) => program.type === type);
  const mine = programs.filter((program) => isMine(lms, call.user, program));
  return json(mine.map(({ uuid, slug }) => ({ uuid, slug })));
}

function isMine(lms: Lms, user: LmsUser, { uuid, courseKeys }: Program): boolean {
  return (
    user.isStaff ||
    courseKeys.some((key) => isCourseStaff(lms, user, key)) ||
    lms.state.programEnrollmentsByProgram
      .of(uuid)
      .some(({ username, status }) => username === user.username && ACTIVE.includes(status))
  );
}
