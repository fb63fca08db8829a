import type { Call } from '../../http/call.js';
import type { Lms } from '../../lms.js';
import type { Enrollment } from '../../rows.js';
import { sectionScores } from './section-scores.js';

/** Whether an enrollment passes every filter of a gradebook call. Bounds are percents from 0 to 100. */
export function passesGradebookFilters(lms: Lms, call: Call, row: Enrollment): boolean {
  return (
    passesNames(lms, call, row) &&
    passesGroups(lms, call, row) &&
    isWithin(call, 'course_grade', (lms.state.grade(row.username, row.courseKey)?.percent ?? 0) * 100) &&
    passesAssignment(lms, call, row)
  );
}

function passesNames({ state }: Lms, call: Call, { username }: Enrollment): boolean {
  const part = call.argument('user_contains')?.toLowerCase();
  const namePart = call.argument('username_contains')?.toLowerCase();
  const texts = [username, state.user(username)?.email ?? ''].map((text) => text.toLowerCase());
  return (
    (!part || texts.some((text) => text.includes(part))) && (!namePart || username.toLowerCase().includes(namePart))
  );
}

function passesGroups({ state }: Lms, call: Call, { username, courseKey, mode }: Enrollment): boolean {
  const cohortId = call.argument('cohort_id');
  const wantedMode = call.argument('enrollment_mode');
  const excluded = call.query.getAll('excluded_course_roles');
  if (wantedMode && wantedMode !== mode) return false;
  if (cohortId) {
    const cohort = [...state.cohorts.values()].find(({ id }) => String(id) === cohortId);
    if (!cohort?.usernames.includes(username)) return false;
  }
  return ![...state.courseRoles.values()].some(
    (role) =>
      role.username === username &&
      role.courseKey === courseKey &&
      (excluded.includes('all') || excluded.includes(role.role)),
  );
}

function passesAssignment({ state }: Lms, call: Call, { username, courseKey }: Enrollment): boolean {
  const assignment = call.argument('assignment');
  if (!assignment) return true;
  const score = sectionScores(state, username, courseKey).find(({ usageKey }) => usageKey === assignment);
  return isWithin(call, 'assignment_grade', (score?.percent ?? 0) * 100);
}

function isWithin(call: Call, name: string, percent: number): boolean {
  const [least, most] = [call.argument(`${name}_min`), call.argument(`${name}_max`)];
  return (!least || percent >= Number(least)) && (!most || percent <= Number(most));
}
