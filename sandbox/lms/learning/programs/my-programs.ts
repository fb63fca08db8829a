import type { Program } from '../../../catalog/rows.js';
import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { LmsUser } from '../../rows.js';
import { isCourseStaff } from '../access.js';
import { cachedPrograms, PROGRAMS_API, programRunKeys } from './programs.js';

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
  const programs = cachedPrograms(lms.state).filter((program) => program.type === type);
  const mine = programs.filter((program) => isMine(lms, call.user, program));
  return json(mine.map(({ uuid, marketingSlug }) => ({ uuid, slug: marketingSlug })));
}

function isMine(lms: Lms, user: LmsUser, program: Program): boolean {
  return (
    user.isStaff ||
    [...programRunKeys(lms.state, program)].some((key) => isCourseStaff(lms, user, key)) ||
    lms.state.programs.byUsername
      .of(user.username.toLowerCase())
      .some(({ programUuid, status }) => programUuid === program.uuid && ACTIVE.includes(status))
  );
}
