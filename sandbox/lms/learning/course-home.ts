import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { notFound } from '../http/errors.js';
import { apiView, LmsCrash, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import type { CourseRun, LmsUser } from '../rows.js';
import { isCourseStaff } from './access.js';
import { completionKey } from './completion.js';
import { blocksOf, GRADING_POLICY, outlineOf } from './courses/outline.js';
import { percentOfLearner, sectionScores } from './grades/section-scores.js';

const KEY = '(?<course_key>[^/+]+\\+[^/+]+\\+[^/?]+)';

/** The learning front end's own API, as an installation without that front end answers it. */
export function courseHomeViews(lms: Lms): View[] {
  return [
    apiView(new RegExp(`^/api/course_home(?:/v1)?/outline/${KEY}$`), {
      profile: 'P1',
      anonymous: true,
      methods: {
        GET: () => {
          throw new LmsCrash('No outline was generated for this course.');
        },
      },
    }),
    apiView(
      new RegExp(`^/api/course_home(?:/v1)?/progress/${KEY.replace('[^/?]+', '[^/?]+?')}(?:/(?<user_id>\\d+))?$`),
      { profile: 'P1', methods: { GET: (call) => readProgress(lms, call) } },
    ),
  ];
}

/** One's own progress page, or for staff of the course that of the learner with the id in the path. */
function readProgress(lms: Lms, call: Call): Answer {
  const { state } = lms;
  const course = state.course(call.param('course_key'));
  // The course flag `course_home.course_home_mfe_progress_tab` is off unless a lever switches it on.
  if (!state.settings.progressPages || course === undefined) throw notFound();
  const user = subjectOf(lms, call, course);
  const enrollment = state.enrollment(user.username, course.courseKey);
  if (enrollment?.isActive !== true) return json('User not enrolled.', 401);
  const percent = percentOfLearner(state, user.username, course.courseKey);
  const letter = letterOf(course, percent);
  return json({
    access_expiration: null,
    certificate_data: null,
    completion_summary: completionSummary(lms, user.username, course),
    course_grade: { letter_grade: letter, percent, is_passing: letter !== null },
    credit_course_requirements: null,
    disable_progress_graph: false,
    end: course.end,
    enrollment_mode: enrollment.mode,
    grading_policy: {
      assignment_policies: GRADING_POLICY.map(({ type, shortLabel, count, dropped, weight }) => ({
        num_droppable: dropped,
        num_total: count,
        short_label: shortLabel,
        type,
        weight,
      })),
      grade_range: course.gradeCutoffs,
    },
    has_scheduled_content: false,
    section_scores: sectionScores(state, user.username, course.courseKey).map((score) => ({
      display_name: score.section.displayName,
      subsections: [
        {
          assignment_type: score.section.format,
          block_key: score.usageKey,
          display_name: score.section.displayName,
          has_graded_assignment: true,
          num_points_earned: score.earned,
          num_points_possible: score.possible,
          percent_graded: score.percent,
        },
      ],
    })),
    studio_url: null,
    user_has_passing_grade: state.grade(user.username, course.courseKey)?.passed ?? false,
    username: user.username,
    verification_data: { link: null, status: 'none', status_date: null },
    verified_mode: null,
  });
}

/** @throws ApiError 404 for an id that the caller has no right to, or that nobody has */
function subjectOf(lms: Lms, call: Call, course: CourseRun): LmsUser {
  const id = call.params.user_id;
  if (id === undefined) return call.user;
  const user = lms.state.usersById.one(id);
  if (user === undefined || !isCourseStaff(lms, call.user, course.courseKey)) throw notFound();
  return user;
}

/** Counted in units: one is complete when all its problems are. */
function completionSummary({ state }: Lms, username: string, course: CourseRun): Record<string, number> {
  const units = blocksOf(outlineOf(course.courseKey, course.displayName)).filter(({ type }) => type === 'vertical');
  const isComplete = ({ children }: (typeof units)[number]) =>
    children.every(({ usageKey }) => state.completions.get(completionKey(username, usageKey))?.value === 1);
  const complete = units.filter(isComplete).length;
  return { complete_count: complete, incomplete_count: units.length - complete, locked_count: 0 };
}

function letterOf({ gradeCutoffs }: CourseRun, percent: number): string | null {
  const reached = Object.entries(gradeCutoffs).filter(([, cutoff]) => percent >= cutoff);
  return reached.sort(([, a], [, b]) => b - a).at(0)?.[0] ?? null;
}
