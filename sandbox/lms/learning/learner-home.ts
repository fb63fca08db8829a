import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { notFound, permissionDenied } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import { compareInstants, isPast } from '../instant.js';
import type { Lms } from '../lms.js';
import type { CourseRun, Enrollment, LmsUser } from '../rows.js';
import { downloadPath } from './certificates.js';
import { parseUsageKey } from './courses/outline.js';
import { NO_START } from './enrollment/course-details.js';
import { cachedPrograms, programRunKeys } from './programs/programs.js';

/** `init`: everything that one learner's home page shows; staff may look at it as somebody else. */
export function learnerHomeViews(lms: Lms): View[] {
  return [apiView('/api/learner_home/init[/]', { profile: 'P1', methods: { GET: (call) => readHome(lms, call) } })];
}

function readHome(lms: Lms, call: Call): Answer {
  const user = subjectOf(lms, call);
  const rows = lms.state.enrollmentsByUsername
    .of(user.username.toLowerCase())
    .filter(({ isActive }) => isActive)
    .sort((a, b) => compareInstants(b.created, a.created));
  return json({
    emailConfirmation: { isNeeded: !user.isActive, sendEmailUrl: '' },
    enterpriseDashboard: null,
    platformSettings: {
      supportEmail: 'feedback@example.com',
      billingEmail: 'billing@example.com',
      courseSearchUrl: '/courses',
    },
    courses: rows.flatMap((row) => {
      const course = lms.state.course(row.courseKey);
      return course ? [courseCard(lms, call, row, course)] : [];
    }),
    socialShareSettings: { facebook: socialShare('Facebook'), twitter: socialShare('Twitter') },
    suggestedCourses: [],
  });
}

function subjectOf({ state }: Lms, call: Call): LmsUser {
  const named = call.argument('user');
  if (named === null) return call.user;
  if (!call.user.isStaff) throw permissionDenied();
  const user = state.user(named) ?? state.usersByEmail.one(named.toLowerCase());
  if (user === undefined) throw notFound();
  return user;
}

function socialShare(brand: string): Record<string, unknown> {
  return { isEnabled: false, socialBrand: `edX.org ${brand}`, utmParams: '' };
}

function courseCard(lms: Lms, call: Call, row: Enrollment, course: CourseRun): Record<string, unknown> {
  const { courseKey } = course;
  const isVerified = ['verified', 'masters', 'professional'].includes(row.mode);
  return {
    course: {
      bannerImgSrc: `/${courseKey.replace(/^course-v1:/, 'asset-v1:')}+type@asset+block@images_course_image.jpg`,
      courseName: course.displayName,
      courseNumber: course.number,
      socialShareUrl: `${call.origin}/courses/${courseKey}/about`,
    },
    courseProvider: { name: course.org },
    courseRun: courseRun(lms, row, course, call.now),
    enrollment: {
      accessExpirationDate: null,
      isAudit: row.mode === 'audit',
      hasStarted: false,
      coursewareAccess: { hasUnmetPrerequisites: false, isTooEarly: isUpcoming(course, call.now), isStaff: false },
      isVerified,
      canUpgrade: false,
      isAuditAccessExpired: false,
      isEmailEnabled: false,
      hasOptedOutOfEmail: false,
      lastEnrolled: row.created,
      isEnrolled: row.isActive,
      mode: row.mode,
    },
    certificate: certificateState(lms, row),
    entitlement: { isEntitlement: false },
    gradeData: { isPassing: lms.state.grade(row.username, courseKey)?.passed ?? false },
    programs: { relatedPrograms: relatedPrograms(lms, courseKey) },
    credit: {},
  };
}

function courseRun(lms: Lms, row: Enrollment, course: CourseRun, now: Date): Record<string, unknown> {
  const { courseKey, gradeCutoffs } = course;
  return {
    isStarted: !isUpcoming(course, now),
    isArchived: course.end !== null && isPast(course.end, now),
    courseId: courseKey,
    minPassingGrade: Math.min(...Object.values(gradeCutoffs)).toFixed(2),
    startDate: course.start ?? NO_START,
    advertisedStart: null,
    endDate: course.end,
    // The learning front end has no address here, and the LMS writes that into the link.
    homeUrl: `None/course/${courseKey}/home`,
    marketingUrl: null,
    progressUrl: `/courses/${courseKey}/progress`,
    unenrollUrl: `/course_run/${courseKey}/refund_status`,
    upgradeUrl: null,
    resumeUrl: resumeUrl(lms, row),
  };
}

/** Relative, to what the learner completed last; null before that. */
function resumeUrl({ state }: Lms, { username, courseKey }: Enrollment): string | null {
  const last = [...state.completions.values()].findLast(
    (completion) =>
      completion.username.toLowerCase() === username.toLowerCase() &&
      completion.value > 0 &&
      parseUsageKey(completion.usageKey)?.courseKey === courseKey,
  );
  return last === undefined ? null : `/courses/${courseKey}/jump_to/${last.usageKey}`;
}

function isUpcoming({ start }: CourseRun, now: Date): boolean {
  return start !== null && !isPast(start, now);
}

function certificateState({ state }: Lms, { username, courseKey }: Enrollment): Record<string, unknown> {
  const certificate = state.certificate(username, courseKey);
  const url = certificate === undefined ? null : downloadPath(certificate.status, certificate.verifyUuid);
  return {
    availableDate: null,
    isRestricted: false,
    isEarned: url !== null,
    isDownloadable: url !== null,
    certPreviewUrl: url,
  };
}

function relatedPrograms({ state }: Lms, courseKey: string): Record<string, unknown>[] {
  return cachedPrograms(state).flatMap((program) => {
    const keys = programRunKeys(state, program);
    if (!keys.has(courseKey)) return [];
    return {
      bannerImgSrc: null,
      logoImgSrc: null,
      numberOfCourses: keys.size,
      programType: program.type,
      programUrl: `/dashboard/programs/${program.uuid}/`,
      provider: null,
      title: program.title,
    };
  });
}
