import { Type } from 'typebox';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { createParser } from '../upstream/parser.js';
import type { LmsClient } from './lms-client.js';

export interface CourseEmailWrites {
  /**
   * Whether a learner gets the mails that a course run's staff send. Repeating it is harmless.
   *
   * @param learnerToken - opaque access token of that learner; nobody else may decide
   * @see LMS `POST /api/change_email_settings`
   */
  changeCourseEmails(
    change: { courseKey: string; receives: boolean },
    learnerToken: string,
    options: CallOptions,
  ): Promise<{ kind: 'changed' } | { kind: 'token-refused' }>;
}

const parseAnswer = createParser('lms', Type.Object({ success: Type.Boolean() }));

export function createCourseEmailWrites(client: LmsClient): CourseEmailWrites {
  return {
    changeCourseEmails: ({ courseKey, receives }, learnerToken, options) =>
      client.request(
        {
          operation: 'course-emails.change',
          family: 'accounts',
          method: 'POST',
          path: '/api/change_email_settings',
          // Left out, it unsubscribes: as the form of the LMS's dashboard does.
          body: { json: { course_id: courseKey, ...(receives && { receive_emails: 'on' }) } },
          credentials: { authorization: `Bearer ${learnerToken}` },
          isIdempotent: true,
          read: readOutcome,
        },
        options,
      ),
  };
}

function readOutcome(answer: UpstreamAnswer): { kind: 'changed' } | { kind: 'token-refused' } {
  if (answer.status === 401 || answer.status === 403) return { kind: 'token-refused' };
  if (answer.status >= 400) throw rejected('lms', 'course-emails.change', answer);
  if (!parseAnswer(answer.body).success) throw unavailable('lms', 'bad-answer', { status: answer.status });
  return { kind: 'changed' };
}
