import type { CourseMode, CourseRun, Enrollment } from '../../rows.js';
import { modesOf } from '../modes.js';

/** Start of courses that have none. */
export const NO_START = '2030-01-01T00:00:00Z';

/** A course as the enrollment API describes it. */
export function courseDetails(course: CourseRun, now: Date, withExpired = false): Record<string, unknown> {
  return {
    course_id: course.courseKey,
    course_name: course.displayName,
    enrollment_start: course.enrollmentStart,
    enrollment_end: course.enrollmentEnd,
    course_start: course.start ?? NO_START,
    course_end: course.end,
    invite_only: course.invitationOnly,
    course_modes: modesOf(course, now, withExpired).map(modeView),
    pacing_type: course.selfPaced ? 'Self Paced' : 'Instructor Paced',
  };
}

function modeView(mode: CourseMode): Record<string, unknown> {
  return {
    slug: mode.slug,
    name: mode.name,
    min_price: mode.minPrice,
    suggested_prices: '',
    currency: mode.currency,
    expiration_datetime: mode.expiresAt,
    description: mode.description,
    sku: mode.sku,
    bulk_sku: mode.bulkSku,
  };
}

export function enrollmentView(row: Enrollment, course: CourseRun, now: Date): Record<string, unknown> {
  return {
    created: row.created,
    mode: row.mode,
    is_active: row.isActive,
    course_details: courseDetails(course, now),
    user: row.username,
  };
}
