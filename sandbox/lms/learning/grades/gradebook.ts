import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage } from '../../http/cursor-page.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, Enrollment } from '../../rows.js';
import { isCourseStaff } from '../access.js';
import { GRADING_POLICY, SECTIONS, usageKey } from '../courses/outline.js';
import { updateGradebook } from './bulk-update.js';
import { activeEnrollments, GRADES_VIEW, gradesPageSize } from './course-grades.js';
import { codedError, findCourse } from './course-lookup.js';
import { passesGradebookFilters } from './gradebook-filters.js';
import { sectionScores } from './section-scores.js';

/** `gradebook/{key}/` and what belongs to it; for authors of the course. */
export function gradebookViews(lms: Lms): View[] {
  const base = '/api/grades/v1/gradebook/{course_key}';
  const view = { ...GRADES_VIEW, profile: 'P1' } as const;
  return [
    apiView(`${base}/grading-info`, {
      ...view,
      methods: { GET: (call) => json(gradingInfo(authoredCourse(lms, call), call)) },
    }),
    apiView(`${base}/bulk-update`, {
      ...view,
      methods: { POST: (call) => updateGradebook(lms, call, writableCourse(lms, call)) },
    }),
    apiView(`${base}/`, { ...view, methods: { GET: (call) => readGradebook(lms, call) } }),
  ];
}

/** @throws AnswerNow 404 for an unknown course, 403 for somebody who is no author of it */
function authoredCourse(lms: Lms, call: Call): CourseRun {
  const course = findCourse(lms, call.param('course_key'), 'Requested grade for unknown course');
  if (!isCourseStaff(lms, call.user, course.courseKey))
    throw codedError('The requesting user does not have course author permissions.', 'user_permissions', 403);
  return course;
}

/** @throws AnswerNow like {@link authoredCourse}, and 403 before that where the flag of the gradebook is off */
function writableCourse(lms: Lms, call: Call): CourseRun {
  findCourse(lms, call.param('course_key'), 'Requested grade for unknown course');
  if (lms.state.settings.gradebookOff)
    throw codedError('The writable gradebook feature is not enabled for this course.', 'feature_not_enabled', 403);
  return authoredCourse(lms, call);
}

function readGradebook(lms: Lms, call: Call): Answer {
  const course = writableCourse(lms, call);
  const all = activeEnrollments(lms.state, course.courseKey);
  const username = call.argument('username');
  if (username !== null) {
    const user = lms.state.user(username);
    if (user === undefined)
      throw codedError('The user matching the requested username does not exist.', 'user_does_not_exist');
    const row = lms.state.enrollment(user.username, course.courseKey);
    if (row === undefined)
      throw codedError('The user matching the requested username is not enrolled in this course', 'user_not_enrolled');
    return json(entryView(lms, row));
  }
  const rows = all.filter((row) => passesGradebookFilters(lms, call, row));
  const page = cursorPage(call, rows, gradesPageSize(call), byId());
  return json({
    next: page.next,
    previous: page.previous,
    results: page.results.map((row) => entryView(lms, row)),
    total_users_count: all.length,
    filtered_users_count: rows.length,
  });
}

function entryView({ state }: Lms, { username, courseKey, mode }: Enrollment): Record<string, unknown> {
  const user = state.user(username);
  const isMasters = mode === 'masters';
  return {
    user_id: user?.id ?? 0,
    username,
    ...(isMasters ? { full_name: user?.profile?.name ?? '' } : {}),
    email: isMasters ? (user?.email ?? '') : '',
    percent: state.grade(username, courseKey)?.percent ?? 0,
    section_breakdown: sectionScores(state, username, courseKey).map((score) => ({
      attempted: score.isAttempted,
      category: score.section.format,
      label: score.section.label,
      module_id: score.usageKey,
      percent: score.percent,
      score_earned: score.earned,
      // Nothing is possible yet where nothing was attempted.
      score_possible: score.isAttempted ? score.possible : 0,
      subsection_name: score.section.displayName,
    })),
  };
}

function gradingInfo(course: CourseRun, call: Call): Record<string, unknown> {
  return {
    grade_cutoffs: course.gradeCutoffs,
    assignment_types: Object.fromEntries(
      GRADING_POLICY.map(({ type, shortLabel, count, dropped, weight }) => [
        type,
        { type, short_label: shortLabel, min_count: count, drop_count: dropped, weight },
      ]),
    ),
    subsections: SECTIONS.map(({ blockId, displayName, format, label }) => ({
      assignment_type: format,
      graded: true,
      short_label: label,
      module_id: usageKey(course.courseKey, 'sequential', blockId),
      display_name: displayName,
    })),
    grades_frozen: false,
    can_see_bulk_management: call.user.isSuperuser,
  };
}
