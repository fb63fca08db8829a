import type { Call } from '../../http/call.js';
import type { CourseRun } from '../../rows.js';
import { NO_START } from '../enrollment/course-details.js';

/** Months as the LMS abbreviates them in English. */
const MONTHS = ['Jan.', 'Feb.', 'March', 'April', 'May', 'June', 'July', 'Aug.', 'Sept.', 'Oct.', 'Nov.', 'Dec.'];

/** A course as the course API lists it. Links carry the host of the request. */
export function courseItem(course: CourseRun, call: Call): Record<string, unknown> {
  const { courseKey, start } = course;
  const image = `/${courseKey.replace(/^course-v1:/, 'asset-v1:')}+type@asset+block@images_course_image.jpg`;
  const absolute = `${call.origin}${image}`;
  return {
    blocks_url: `${call.origin}/api/courses/v2/blocks/?course_id=${encodeURIComponent(courseKey)}`,
    effort: course.effort,
    end: course.end,
    enrollment_start: course.enrollmentStart,
    enrollment_end: course.enrollmentEnd,
    id: courseKey,
    media: {
      banner_image: { uri: image, uri_absolute: absolute },
      course_image: { uri: image },
      course_video: { uri: null },
      image: { raw: absolute, small: absolute, large: absolute },
    },
    name: escapeName(course.displayName),
    number: course.number,
    org: course.org,
    short_description: course.shortDescription,
    start: start ?? NO_START,
    start_display: start === null ? null : displayDate(start),
    start_type: start === null ? 'empty' : 'timestamp',
    pacing: course.selfPaced ? 'self' : 'instructor',
    mobile_available: course.mobileAvailable,
    hidden: course.catalogVisibility !== 'both',
    invitation_only: course.invitationOnly,
    course_id: courseKey,
  };
}

/** The LMS escapes these two characters of a name, and only in this API. */
function escapeName(name: string): string {
  return name.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `Jan. 1, 2020` */
function displayDate(instant: string): string {
  const date = new Date(instant);
  return `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
}

/** The description page of a course, as authors find it when they begin. */
export function courseOverview({ displayName, shortDescription }: CourseRun): string {
  const about = shortDescription ?? `Everything about ${escapeName(displayName)}.`;
  return `<section class="about">\n  <h2>About This Course</h2>\n  <p>${about}</p>\n</section>\n`;
}
