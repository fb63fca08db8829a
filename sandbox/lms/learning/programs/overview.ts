import type { Program } from '../../../catalog/rows.js';
import { type Answer, html, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { AnswerNow, permissionDenied } from '../../http/errors.js';
import { apiView, type View } from '../../http/view.js';
import { isPast } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { Certificate, CourseRun, LmsUser } from '../../rows.js';
import { downloadPath } from '../certificates.js';
import { NO_START } from '../enrollment/course-details.js';
import { cachedPrograms, findProgram, PROGRAMS_API, programRunKeys } from './programs.js';

const PAGE_SIZE = 10;
const MOST_PAGE_SIZE = 25;
/** Modes whose learners see a course on the program's pages. */
const SHOWN_MODES = [
  'verified',
  'masters',
  'professional',
  'no-id-professional',
  'credit',
  'executive-education',
  'unpaid-executive-education',
  'paid-executive-education',
  'unpaid-bootcamp',
  'paid-bootcamp',
];
/** A self-paced run counts as completed this long after a passing certificate. */
const CERTIFICATE_REST_MS = 30 * 86_400_000;

/** Course runs of the caller in a program: paged under the user, and unpaged under the program as before. */
export function programOverviewViews(lms: Lms): View[] {
  const view = { profile: 'P1', errors: 'E2' } as const;
  return [
    apiView(`${PROGRAMS_API}/users/{username}/programs/{uuid}/courses`, {
      ...view,
      methods: { GET: (call) => listRuns(lms, call) },
    }),
    apiView(`${PROGRAMS_API}/programs/{uuid}/overview/`, {
      ...view,
      methods: { GET: (call) => json({ course_runs: runsOf(lms, call).map(({ view: run }) => run) }) },
    }),
  ];
}

function listRuns(lms: Lms, call: Call): Answer {
  const runs = runsOf(lms, call);
  if (call.param('username') !== call.user.username) throw permissionDenied();
  const size = pageSizeArgument(call, PAGE_SIZE, MOST_PAGE_SIZE) || PAGE_SIZE;
  const page = cursorPage(call, runs, size, byId());
  return json({ ...page, results: page.results.map(({ view }) => view) });
}

/** All active enrollments of the caller in runs of the program, also those that were not made through it. */
function runsOf(lms: Lms, call: Call): { id: number; view: Record<string, unknown> }[] {
  const { state } = lms;
  const program = findProgram(lms, call);
  const own = state.programs.byUsername
    .of(call.user.username.toLowerCase())
    .find(({ programUuid, status }) => programUuid === program.uuid && status === 'enrolled');
  if (own === undefined) throw new AnswerNow(FORBIDDEN);
  const keys = programRunKeys(state, program);
  return state.enrollmentsByUsername
    .of(call.user.username.toLowerCase())
    .filter(({ isActive, mode, courseKey }) => isActive && SHOWN_MODES.includes(mode) && keys.has(courseKey))
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, courseKey }) => {
      const course = state.course(courseKey);
      return course === undefined ? [] : [{ id, view: runView(lms, call, call.user, program, course) }];
    });
}

/** Django's own page: this check runs before the view's error handling. */
const FORBIDDEN = html(
  '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>403 Forbidden</title>\n</head>\n<body>\n  <h1>403 Forbidden</h1><p></p>\n</body>\n</html>\n',
  403,
);

function runView(lms: Lms, call: Call, user: LmsUser, program: Program, course: CourseRun): Record<string, unknown> {
  const certificate = lms.state.certificate(user.username, course.courseKey);
  const path = certificate === undefined ? null : downloadPath(certificate.status, certificate.verifyUuid);
  const base = `${call.origin}${PROGRAMS_API}/users/${user.username}/programs/${program.uuid}`;
  const microMasters = cachedPrograms(lms.state).find(
    (each) => each.type === 'micromasters' && programRunKeys(lms.state, each).has(course.courseKey),
  );
  return {
    course_run_id: course.courseKey,
    display_name: course.displayName,
    // The learning front end has no address, which makes the link relative to this very request.
    course_run_url: `${base}/None/course/${course.courseKey}/home`,
    start_date: course.start ?? NO_START,
    end_date: course.end,
    course_run_status: course.selfPaced ? ownPaceStatus(course, certificate, call.now) : datedStatus(course, call.now),
    due_dates: [],
    ...(microMasters === undefined ? {} : { micromasters_title: microMasters.title }),
    ...(path === null ? {} : { certificate_download_url: `${call.origin}${path}` }),
  };
}

function datedStatus({ start, end }: CourseRun, now: Date): string {
  if (end !== null && isPast(end, now)) return 'completed';
  return start !== null && !isPast(start, now) ? 'upcoming' : 'in_progress';
}

function ownPaceStatus(course: CourseRun, certificate: Certificate | undefined, now: Date): string {
  const isEarned =
    certificate?.status === 'downloadable' && Date.parse(certificate.created) + CERTIFICATE_REST_MS <= now.getTime();
  return isEarned ? 'completed' : datedStatus(course, now);
}
