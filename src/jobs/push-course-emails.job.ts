import type { CourseEmailService } from '../services/course-emails/course-email.service.js';
import type { Job } from './job.js';

/** Tells the LMS whether a learner gets the mails of a course run. */
export function createPushCourseEmailsJob({
  courseEmails,
}: {
  courseEmails: Pick<CourseEmailService, 'push'>;
}): Job<'push-course-emails'> {
  return ({ enrollmentId, waits }) => courseEmails.push(enrollmentId, { waits });
}
