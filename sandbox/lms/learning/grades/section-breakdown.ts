import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { Enrollment } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { requireStaff } from '../access.js';
import { GRADING_POLICY } from '../courses/outline.js';
import { findEnrollments } from '../enrollment/list.js';
import { readFilters } from '../enrollment/list-filters.js';
import { GRADES_VIEW, gradesPageSize } from './course-grades.js';
import { meanOf, sectionScores } from './section-scores.js';

/** `section_grades_breakdown/`: grades of many users in many courses, with their parts. */
export function sectionBreakdownViews(lms: Lms): View[] {
  return [
    apiView('/api/grades/v1/section_grades_breakdown/', {
      ...GRADES_VIEW,
      profile: 'P3',
      permission: requireStaff,
      isHidden: () => lms.state.settings.oldRelease,
      methods: { GET: (call) => readBreakdown(lms, call) },
    }),
  ];
}

function readBreakdown({ state }: Lms, call: Call): Answer {
  // The form reads lists of keys and addresses too, and the view ignores them.
  const filters = { ...readFilters(call, false), courseKeyParts: null, emails: null };
  const rows = findEnrollments(state, filters)
    .filter(({ isActive }) => isActive)
    .sort((a, b) => a.id - b.id);
  const page = cursorPage(call, rows, gradesPageSize(call), byId());
  // The LMS loads each course once, so a page comes grouped by course.
  const byCourse = Map.groupBy(page.results, ({ courseKey }) => courseKey);
  return json({ ...page, results: [...byCourse.values()].flat().map((row) => breakdownView(state, row)) });
}

function breakdownView(state: LmsState, { username, courseKey }: Enrollment): Record<string, unknown> {
  const grade = state.grade(username, courseKey);
  return {
    course_id: courseKey,
    username,
    passed: grade?.passed ?? false,
    // Truncated in doubles, so 0.29 is 28.
    current_grade: Math.trunc((grade?.percent ?? 0) * 100),
    section_breakdown: GRADING_POLICY.flatMap(({ type }) => assignmentParts(state, username, courseKey, type)),
  };
}

function assignmentParts(
  state: LmsState,
  username: string,
  courseKey: string,
  type: string,
): Record<string, unknown>[] {
  const scores = sectionScores(state, username, courseKey);
  const own = scores.filter(({ section }) => section.format === type);
  const shortLabel = GRADING_POLICY.find((each) => each.type === type)?.shortLabel ?? type;
  const mean = meanOf(scores, type);
  const summary = { percent: mean, category: type, prominent: true };
  if (own.length === 1) return [{ ...summary, label: shortLabel, detail: `${type} = ${inPercent(mean)}` }];
  const parts = own.map(({ section, percent, earned, possible }, at) => ({
    percent,
    label: section.label,
    detail: `${type} ${at + 1} - ${section.displayName} - ${inPercent(percent)} (${earned}/${possible})`,
    category: type,
  }));
  return [...parts, { ...summary, label: `${shortLabel} Avg`, detail: `${type} Average = ${inPercent(mean)}` }];
}

function inPercent(value: number): string {
  return `${(value * 100).toFixed(2)}%`;
}
