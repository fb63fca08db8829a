import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { readPageArgument } from '../upstream/page-argument.js';
import { encodeCoursePath, encodePathSegment, queryString } from '../upstream/query.js';
import {
  parseCourseDetails,
  parseEnrollment,
  parseEnrollmentPage,
  parseEnrollments,
  type WireCourseDetails,
  type WireEnrollment,
  type WireEnrollmentRow,
} from './enrollments.wire.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall, LmsOperation } from './operations.js';
import { accepted, assertCursorAccepted } from './refusals.js';
import { readDate } from './wire-types.js';

/** What the LMS says of one learner in one course run. `isActive` false means unenrolled; the row stays. */
export interface LmsEnrollment {
  /** In the LMS's own spelling. */
  username: string;
  courseKey: string;
  mode: string;
  isActive: boolean;
  /** Creation of the row; does not change when it is activated again. */
  createdAt: Date | null;
}

/** What decides whether someone may enroll in a course run. */
export interface LmsCourseDetails {
  courseKey: string;
  title: string | null;
  enrollmentStart: Date | null;
  enrollmentEnd: Date | null;
  isInvitationOnly: boolean;
  /** Expired modes are left out. */
  modes: { slug: string; name: string; minPrice: number; currency: string; expiresAt: Date | null }[];
}

/** At least one list must be given, and none may be empty: the LMS takes an empty filter for none. */
export interface EnrollmentFilter {
  /** At most 100, each matching `^[-a-zA-Z0-9_]+$`: one that does not fails the whole request. */
  usernames?: readonly string[] | undefined;
  /** Compared by the LMS without regard to case. */
  courseKey?: string | undefined;
  /** At most 100; a substring match in the LMS: answers may hold other keys. */
  courseKeys?: readonly string[] | undefined;
}

export interface EnrollmentPage {
  rows: LmsEnrollment[];
  /** Of the next page; undefined on the last. */
  cursor: string | undefined;
}

const family = 'enrollments';
const base = '/api/enrollment/v1';

/** Enrollment API v1, reads. All but {@link EnrollmentReads.courseDetails} are counted by the LMS's throttle. */
export interface EnrollmentReads {
  /** One page of the staff list, inactive rows included, newest first. */
  enrollmentPage(filter: EnrollmentFilter, cursor: string | undefined, options: CallOptions): Promise<EnrollmentPage>;
  /** One row, active or not; undefined when there is no row, no such user or no such course. */
  readEnrollment(username: string, courseKey: string, options: CallOptions): Promise<LmsEnrollment | undefined>;
  /** Active rows only, unpaged; works for usernames that the list refuses, and on every release. */
  enrollmentsOf(username: string, options: CallOptions): Promise<LmsEnrollment[]>;
  /**
   * The same in the learner's own name, who has a throttle of their own.
   *
   * @param accessToken - of that learner
   */
  ownEnrollments(username: string, accessToken: string, options: CallOptions): Promise<LmsEnrollment[]>;
  /** Undefined when there is no such course run. */
  courseDetails(courseKey: string, options: CallOptions): Promise<LmsCourseDetails | undefined>;
}

export function createEnrollmentReads(client: LmsClient): EnrollmentReads {
  const read = <T>(operation: LmsOperation, path: string, readAnswer: (answer: UpstreamAnswer) => T): LmsCall<T> => ({
    operation,
    family,
    method: 'GET',
    path: `${base}/${path}`,
    credentials: 'worker',
    isIdempotent: true,
    budget: 'enrollment',
    read: readAnswer,
  });
  const listOfUser = (username: string) =>
    read('enrollment.list-of-user', `enrollment${queryString({ user: username })}`, (answer) =>
      parseEnrollments(accepted('enrollment.list-of-user', answer)).map(fromEnrollment),
    );
  return {
    enrollmentPage({ usernames, courseKey, courseKeys }, cursor, options) {
      const query = queryString({
        username: usernames,
        course_id: courseKey,
        course_ids: courseKeys,
        page_size: 100,
        cursor,
      });
      const call = read('enrollment.list', `enrollments/${query}`, (answer): EnrollmentPage => {
        assertCursorAccepted(answer, cursor);
        const page = parseEnrollmentPage(accepted('enrollment.list', answer));
        return { rows: page.results.map(fromRow), cursor: readPageArgument('lms', page.next, 'cursor') };
      });
      return client.request(call, options);
    },
    readEnrollment(username, courseKey, options) {
      const path = `enrollment/${encodePathSegment(username)},${encodeCoursePath(courseKey)}`;
      const call = read('enrollment.read', path, (answer) => {
        const body = accepted('enrollment.read', answer);
        return body === undefined ? undefined : fromEnrollment(parseEnrollment(body));
      });
      return client.request(call, options);
    },
    enrollmentsOf: (username, options) => client.request(listOfUser(username), options),
    ownEnrollments(username, accessToken, options) {
      const credentials = { authorization: `Bearer ${accessToken}` };
      // What one learner is refused says nothing of the others' calls.
      const call = { ...listOfUser(username), family: 'own-enrollments', credentials, budget: undefined };
      return client.request(call, options);
    },
    courseDetails(courseKey, options) {
      const call = read('enrollment.course', `course/${encodeCoursePath(courseKey)}`, (answer) =>
        // An unknown course is a 400 here.
        answer.status === 400 && answer.isJson
          ? undefined
          : fromDetails(parseCourseDetails(accepted('enrollment.course', answer))),
      );
      // The view reads no credentials, and counts by address instead of by user.
      return client.request({ ...call, credentials: 'none', budget: undefined }, options);
    },
  };
}

function fromRow(row: WireEnrollmentRow): LmsEnrollment {
  return {
    username: row.user,
    courseKey: row.course_id,
    mode: row.mode,
    isActive: row.is_active,
    createdAt: readDate(row.created),
  };
}

export function fromEnrollment({ course_details, ...row }: WireEnrollment): LmsEnrollment {
  return fromRow({ ...row, course_id: course_details.course_id });
}

function fromDetails(details: WireCourseDetails): LmsCourseDetails {
  return {
    courseKey: details.course_id,
    title: details.course_name,
    enrollmentStart: readDate(details.enrollment_start),
    enrollmentEnd: readDate(details.enrollment_end),
    isInvitationOnly: details.invite_only,
    modes: details.course_modes.map((mode) => ({
      slug: mode.slug,
      name: mode.name,
      minPrice: mode.min_price,
      currency: mode.currency,
      expiresAt: readDate(mode.expiration_datetime),
    })),
  };
}
