import type { UpstreamCall } from '../upstream/call.js';

/**
 * Every call of the LMS, by the name that metrics and logs know it by. The fault matrix (`docs/resilience.md`) has a row for
 * each: what happens when it fails is decided before it is made for the first time.
 */
export const lmsOperations = [
  'account.by-email',
  'account.fix-lti-user',
  'account.list',
  'account.me',
  'account.search-emails',
  'account.update',
  'block.list',
  'certificate.list',
  'course.list',
  'course.read',
  'course-emails.change',
  'course-mode.list',
  'enrollment.course',
  'enrollment.list',
  'enrollment.list-of-user',
  'enrollment.read',
  'enrollment.write',
  'grade.breakdown',
  'grade.list',
  'grade.read',
  'gradebook.read',
  'heartbeat',
  'learner-home.read',
  'mapping.list',
  'oauth.authorization_code',
  'oauth.client_credentials',
  'oauth.refresh_token',
  'oauth.revoke',
  'program-enrollment.find',
  'program-enrollment.write',
  'program-course-enrollment.list',
  'program-enrollment.list',
  'program-grade.list',
  'program-learner.link',
  'progress.read',
  'provider.list',
  'registration.create',
  'registration.describe',
  'registration.validate',
  'retirement.deactivate',
  'retirement.read',
  'retirement.readiness',
  'retirement.request',
] as const;

export type LmsOperation = (typeof lmsOperations)[number];

/** A call of the LMS: an upstream call whose operation is one of those that are listed. */
export type LmsCall<T> = UpstreamCall<T> & { operation: LmsOperation };
