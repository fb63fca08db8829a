import { type Answer, html, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { byId, cursorPage, pageSizeArgument } from '../../http/cursor-page.js';
import { AnswerNow, permissionDenied } from '../../http/errors.js';
import { apiView, type View } from '../../http/view.js';
import { isPast } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, LmsUser, Program } from '../../rows.js';
import { downloadPath } from '../certificates.js';
import { NO_START } from '../enrollment/course-details.js';
import { findProgram, PROGRAMS_API, programCourseEnrollment } from './programs.js';

const PAGE_SIZE = 10;
const MOST_PAGE_SIZE = 25;

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

function runsOf(lms: Lms, call: Call): { id: number; view: Record<string, unknown> }[] {
  const program = findProgram(lms, call);
  const own = lms.state.programEnrollmentsByProgram.of(program.uuid).find((row) => row.username === call.user.username);
  if (own?.status !== 'enrolled') throw new AnswerNow(FORBIDDEN);
  return program.courseKeys.flatMap((key) => {
    const row = programCourseEnrollment(lms, program.uuid, key, own.studentKey);
    const course = lms.state.course(key);
    return row && course ? [{ id: row.id, view: runView(lms, call, call.user, program, course) }] : [];
  });
}

/** Django's own page: this check runs before the view's error handling. */
const FORBIDDEN = html(
  '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>403 Forbidden</title>\n</head>\n<body>\n  <h1>403 Forbidden</h1><p></p>\n</body>\n</html>\n',
  403,
);

function runView(
  { state }: Lms,
  call: Call,
  user: LmsUser,
  program: Program,
  course: CourseRun,
): Record<string, unknown> {
  const certificate = state.certificate(user.username, course.courseKey);
  const path = certificate === undefined ? null : downloadPath(certificate.status, certificate.verifyUuid);
  const base = `${call.origin}${PROGRAMS_API}/users/${user.username}/programs/${program.uuid}`;
  return {
    course_run_id: course.courseKey,
    display_name: course.displayName,
    // The learning front end has no address, which makes the link relative to this very request.
    course_run_url: `${base}/None/course/${course.courseKey}/home`,
    start_date: course.start ?? NO_START,
    end_date: course.end,
    course_run_status: runStatus(course, call.now),
    due_dates: [],
    ...(path === null ? {} : { certificate_download_url: `${call.origin}${path}` }),
  };
}

function runStatus({ start, end }: CourseRun, now: Date): string {
  if (end !== null && isPast(end, now)) return 'completed';
  return start !== null && !isPast(start, now) ? 'upcoming' : 'in_progress';
}
