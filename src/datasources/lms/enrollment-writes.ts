import { UpstreamRejectedError } from '../../errors.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { type EnrollmentRefusal, explainRefusal } from './enrollment-refusal.js';
import { type EnrollmentReads, fromEnrollment, type LmsEnrollment } from './enrollments.js';
import { parseEnrollment } from './enrollments.wire.js';
import type { LmsClient } from './lms-client.js';
import { isObject } from './refusals.js';

export interface EnrollmentWrite {
  username: string;
  courseKey: string;
  /** Undefined: the LMS's default on creation, unchanged otherwise. */
  mode?: string | undefined;
  isActive: boolean;
  /** Enroll in spite of the window or invitation rule, or in an expired mode; not into a full course. */
  force?: boolean | undefined;
}

/** `enrolled`: as the LMS now has it; check `isActive` and `mode`. `refused`: final until something changes in the LMS. */
export type EnrollmentOutcome =
  | { kind: 'enrolled'; enrollment: LmsEnrollment }
  | { kind: 'refused'; refusal: EnrollmentRefusal };

export interface EnrollmentWrites {
  /**
   * Creates, re-activates, deactivates or changes the mode of one enrollment. Read the row first: deactivating twice
   * changes the mode. Never repeated by itself; counted by the LMS's throttle. A mode change makes the LMS compute the
   * grade anew.
   *
   * @throws UpstreamUnavailableError - `credentials` when the service worker lacks staff rights
   * @see LMS Enrollment API, `POST /api/enrollment/v1/enrollment`
   */
  postEnrollment(write: EnrollmentWrite, options: CallOptions): Promise<EnrollmentOutcome>;
}

export function createEnrollmentWrites(client: LmsClient, reads: EnrollmentReads): EnrollmentWrites {
  return {
    async postEnrollment(write, options) {
      const { username, courseKey, mode, isActive, force } = write;
      try {
        const enrollment = await client.request(
          {
            operation: 'enrollment.write',
            family: 'enrollments',
            method: 'POST',
            path: '/api/enrollment/v1/enrollment',
            body: {
              json: {
                user: username,
                course_details: { course_id: courseKey },
                is_active: isActive,
                ...(mode === undefined ? {} : { mode }),
                ...(force ? { force_enrollment: true } : {}),
              },
            },
            credentials: 'worker',
            isIdempotent: false,
            budget: 'enrollment',
            read: readWritten,
          },
          options,
        );
        return { kind: 'enrolled', enrollment };
      } catch (error) {
        if (!(error instanceof UpstreamRejectedError)) throw error;
        return settleRefusal(error, write, reads, options, client.clock());
      }
    },
  };
}

function readWritten(answer: UpstreamAnswer): LmsEnrollment {
  // An empty 404 hides that the worker may not write for others; one of HTML says that there is no such API.
  const isHidden = answer.status === 404 && answer.contentType === undefined;
  const isWithoutRight = isHidden || (answer.status === 403 && !isPluginVeto(answer.body));
  if (isWithoutRight) throw unavailable('lms', 'credentials', { status: answer.status });
  if (answer.status >= 400) throw rejected('lms', 'enrollment.write', answer);
  return fromEnrollment(parseEnrollment(answer.body));
}

/** Plug-ins and the embargo of the learner's country say no with members that a lack of rights does not have. */
function isPluginVeto(body: unknown): boolean {
  return isObject(body) && ('localizedMessage' in body || 'user_message_url' in body);
}

async function settleRefusal(
  error: UpstreamRejectedError,
  write: EnrollmentWrite,
  reads: EnrollmentReads,
  options: CallOptions,
  now: Date,
): Promise<EnrollmentOutcome> {
  const { username, courseKey, mode, isActive } = write;
  const present = error.status === 400 ? await reads.readEnrollment(username, courseKey, options) : undefined;
  // In a closed course the LMS refuses even what is the case already.
  if (present?.isActive === isActive && (mode === undefined || present.mode === mode))
    return { kind: 'enrolled', enrollment: present };
  const isAmbiguous = error.status === 400 && !(isObject(error.body) && 'course_details' in error.body);
  const details = isAmbiguous ? await reads.courseDetails(courseKey, options) : undefined;
  const { status } = error;
  const isEnrolled = present?.isActive === true;
  return { kind: 'refused', refusal: explainRefusal({ status, isAmbiguous, isActive, isEnrolled, details, now }) };
}
