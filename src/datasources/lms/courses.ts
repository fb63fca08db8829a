import { UpstreamRejectedError } from '../../errors.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { encodeCoursePath, queryString } from '../upstream/query.js';
import { parseCourse, parseCoursePage, parseCourseRows, type WireCourse } from './courses.wire.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall, LmsOperation } from './operations.js';
import { accepted, isObject } from './refusals.js';
import { readDate } from './wire-types.js';

export interface LmsCourseRun {
  courseKey: string;
  /** Plain text. */
  title: string | null;
  org: string | null;
  number: string | null;
  shortDescription: string | null;
  effort: string | null;
  /** Null when the course team has not set one. */
  start: Date | null;
  end: Date | null;
  enrollmentStart: Date | null;
  enrollmentEnd: Date | null;
  pacing: 'self' | 'instructor' | null;
  isInvitationOnly: boolean;
  /** Not meant for catalogs. */
  isHidden: boolean;
  /** Absolute. */
  imageUrl: string | null;
}

/** A course run of the list that could not be read. */
export interface OddCourseRun {
  /** Undefined when not even that can be told. */
  courseKey: string | undefined;
  why: string;
}

export interface CoursePage {
  rows: LmsCourseRun[];
  odd: OddCourseRun[];
  /** How many pages there are, as far as the LMS knows before the last one. */
  pageCount: number;
}

const family = 'courses';
const base = '/api/courses/v1/courses/';

/** Course API v1, with the service worker's view: without its username hidden runs would be missing. */
export interface CourseReads {
  /**
   * At most 100 runs; counted by the LMS's throttle with the lowest limit of all. Unknown and invisible keys are missing.
   *
   * @param courseKeys - all runs when undefined
   * @param page - from 1; a page beyond the end is empty
   */
  coursePage(courseKeys: readonly string[] | undefined, page: number, options: CallOptions): Promise<CoursePage>;
  /** One run, not throttled; undefined when absent or invisible. Slower for the LMS than a row of the list. */
  course(courseKey: string, options: CallOptions): Promise<LmsCourseRun | undefined>;
}

export function createCourseReads(client: LmsClient): CourseReads {
  const fromCourse = (course: WireCourse) => toCourseRun(course, client.browserUrl);
  const read = <T>(operation: LmsOperation, path: string, readAnswer: (answer: UpstreamAnswer) => T): LmsCall<T> => ({
    operation,
    family,
    method: 'GET',
    path: `${base}${path}`,
    credentials: 'worker',
    isIdempotent: true,
    read: readAnswer,
  });
  return {
    coursePage(courseKeys, page, options) {
      const query = queryString({
        course_keys: courseKeys,
        username: client.workerUsername,
        page_size: 100,
        page: page === 1 ? undefined : page,
      });
      const call = read('course.list', query, (answer): CoursePage => {
        // The number of pages is an estimate until the last one was read.
        if (answer.status === 404 && answer.isJson && page > 1) return { rows: [], odd: [], pageCount: page - 1 };
        const { results, pagination } = parseCoursePage(accepted('course.list', answer));
        const { rows, misfits } = parseCourseRows(results);
        const odd = misfits.map(({ row, why }) => ({ courseKey: courseKeyOf(row), why }));
        return { rows: rows.map(fromCourse), odd, pageCount: pagination.num_pages };
      });
      return client.request({ ...call, budget: 'course-list' }, options);
    },
    async course(courseKey, options) {
      const path = `${encodeCoursePath(courseKey)}/${queryString({ username: client.workerUsername })}`;
      const call = read('course.read', path, (answer) => fromCourse(parseCourse(accepted('course.read', answer))));
      try {
        return await client.request(call, options);
      } catch (error) {
        if (error instanceof UpstreamRejectedError && (error.status === 404 || error.status === 400)) return undefined;
        throw error;
      }
    },
  };
}

function courseKeyOf(row: unknown): string | undefined {
  return isObject(row) && typeof row.course_id === 'string' ? row.course_id : undefined;
}

function toCourseRun(course: WireCourse, rootUrl: string): LmsCourseRun {
  return {
    courseKey: course.course_id,
    title: course.name === null ? null : unescapeAngles(course.name),
    org: course.org,
    number: course.number,
    shortDescription: course.short_description ?? null,
    effort: course.effort ?? null,
    // An unset start is the LMS's placeholder date, year 2030.
    start: course.start_type === 'empty' ? null : readDate(course.start),
    end: readDate(course.end),
    enrollmentStart: readDate(course.enrollment_start),
    enrollmentEnd: readDate(course.enrollment_end),
    pacing: course.pacing === 'self' || course.pacing === 'instructor' ? course.pacing : null,
    isInvitationOnly: course.invitation_only ?? false,
    isHidden: course.hidden ?? false,
    imageUrl: resolveUrl(course.media.image?.raw ?? course.media.course_image?.uri ?? null, rootUrl),
  };
}

/** The course API escapes these two in names, and nothing else; other APIs do not. */
function unescapeAngles(name: string): string {
  return name.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}

/** LMS links may be relative to its root. Anything that is no web address is dropped. */
export function resolveUrl(link: string | null, rootUrl: string): string | null {
  if (link === null || link === '' || !URL.canParse(link, `${rootUrl}/`)) return null;
  const url = new URL(link, `${rootUrl}/`);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
}
