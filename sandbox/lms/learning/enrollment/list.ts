import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { type CursorOrder, cursorPage, invalidCursor, pageSizeArgument } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import { compareInstants } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { Enrollment } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { requireStaff } from '../access.js';
import { type EnrollmentFilters, readFilters } from './list-filters.js';

/** Rows of one page, by default and at most. */
const PAGE_SIZE = 100;

/** Newest first. Positions are times as Python prints them. */
const BY_CREATION: CursorOrder<Enrollment> = {
  isDescending: true,
  positionOf: ({ created }) => created.replace('T', ' ').replace('Z', '+00:00'),
  compareTo: ({ created }, position) => {
    const instant = position.replace(' ', 'T').replace(/\+00:00$/, 'Z');
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(instant)) throw invalidCursor();
    return compareInstants(created, instant);
  },
};

/** `enrollments/`: the one read of many learners and courses; inactive rows included. */
export function enrollmentListViews(lms: Lms): View[] {
  return [
    apiView('/api/enrollment/v1/enrollments[/]', {
      profile: 'P1',
      errors: 'E2',
      permission: requireStaff,
      throttle: 'enrollment',
      methods: { GET: (call) => listEnrollments(lms, call) },
    }),
  ];
}

function listEnrollments({ state }: Lms, call: Call): Answer {
  const rows = findEnrollments(state, readFilters(call, state.settings.oldRelease));
  const page = cursorPage(call, rows, pageSizeArgument(call, PAGE_SIZE, PAGE_SIZE) || PAGE_SIZE, BY_CREATION);
  return json({ ...page, results: page.results.map(rowView) });
}

function rowView({ created, mode, isActive, username, courseKey }: Enrollment): Record<string, unknown> {
  return { created, mode, is_active: isActive, user: username, course_id: courseKey };
}

/** The rows that pass all filters, newest first; rows of courses that are gone are not there. */
export function findEnrollments(state: LmsState, filters: EnrollmentFilters): Enrollment[] {
  const names = filters.usernames && new Set(filters.usernames.map((name) => name.toLowerCase()));
  const owners = filters.emails && new Set(filters.emails.flatMap((email) => usernamesOf(state, email)));
  const passesCourse = courseTest(state, filters);
  return candidates(state, filters, names, owners).filter(({ username, courseKey }) => {
    const name = username.toLowerCase();
    return (names?.has(name) ?? true) && (owners?.has(name) ?? true) && passesCourse(courseKey);
  });
}

/** The smallest set of rows that an index gives, in order. */
function candidates(
  state: LmsState,
  { courseKey }: EnrollmentFilters,
  names: ReadonlySet<string> | null,
  owners: ReadonlySet<string> | null,
): readonly Enrollment[] {
  const newestFirst = state.enrollmentsNewestFirst;
  const people = names ?? owners;
  if (people !== null)
    return [...people].flatMap((name) => state.enrollmentsByUsername.of(name)).sort(newestFirst.compare);
  if (courseKey !== null) return state.enrollmentsByCourse.of(courseKey.toLowerCase()).sort(newestFirst.compare);
  return newestFirst.rows;
}

function usernamesOf(state: LmsState, email: string): string[] {
  return state.usersByEmail.of(email.toLowerCase()).map(({ username }) => username.toLowerCase());
}

/** Whole keys and parts of keys compare without regard to case, as the database's collation does. */
function courseTest(state: LmsState, { courseKey, courseKeyParts }: EnrollmentFilters): (key: string) => boolean {
  const verdicts = new Map<string, boolean>();
  const wanted = courseKey?.toLowerCase();
  return (key) => {
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const lower = key.toLowerCase();
    const verdict =
      state.course(key) !== undefined &&
      (wanted === undefined || wanted === lower) &&
      (courseKeyParts === null || courseKeyParts.some((part) => lower.includes(part)));
    verdicts.set(key, verdict);
    return verdict;
  };
}
