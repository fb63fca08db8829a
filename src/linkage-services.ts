import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from './clock.js';
import type { Config } from './config/config.js';
import type { Secrets } from './config/secrets.js';
import { createSealer } from './crypto/sealer.js';
import type { LearningReads } from './datasources/learning-reads.js';
import { createLearnerTokens } from './datasources/lms/learner-token.js';
import type { LmsApi } from './datasources/lms/lms-api.js';
import type { LmsClient } from './datasources/lms/lms-client.js';
import type { AdvisoryLocks } from './locks/advisory-locks.js';
import type { Logger } from './logger.js';
import { type CourseRunService, createCourseRunService } from './services/course-run/course-run.service.js';
import { createEdxApiTokenService, type EdxApiTokenService } from './services/edx-api-token/edx-api-token.service.js';
import { createTokenStore } from './services/edx-api-token/token-store.js';
import { createEdxLinkService, type EdxLinkService } from './services/edx-link/edx-link.service.js';
import { createEnrollmentService, type EnrollmentService } from './services/enrollment/enrollment.service.js';
import type { HeadlessSessions, RegistrationTokens } from './services/ports.js';
import { createProfilePushService, type ProfilePushService } from './services/profile-push.service.js';

/** Everything that ties accounts to the LMS and keeps it tied. */
export interface LinkageServices extends AsyncDisposable {
  edxLinks: EdxLinkService;
  edxApiTokens: EdxApiTokenService;
  enrollments: EnrollmentService;
  courseRuns: CourseRunService;
  profilePush: ProfilePushService;
}

export interface LinkageOptions {
  config: Config;
  secrets: Secrets;
  em: EntityManager;
  client: LmsClient;
  api: LmsApi;
  learning: Pick<LearningReads, 'invalidate'>;
  registrationTokens: RegistrationTokens;
  headlessSessions: HeadlessSessions;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}

/** Builds the services around edX links; part of the composition root. */
export function createLinkageServices(options: LinkageOptions): LinkageServices {
  const { config, secrets, em, client, api, learning, locks, clock, headlessSessions } = options;
  const logger = options.logger.child({ part: 'linkage' });
  const common = { em, api, locks, clock, logger, config, maxAttempts: config.jobs.maxAttempts };
  const learnerTokens = createLearnerTokens({
    client,
    api,
    publicUrl: config.http.publicUrl,
    socialLoginPath: config.lms.socialLoginPath,
  });
  const edxLinks = createEdxLinkService({ ...common, registrationTokens: options.registrationTokens });
  const courseRuns = createCourseRunService(common);
  const enrollments = createEnrollmentService({
    ...common,
    edxLinks,
    courseRuns,
    onWritten: ({ lmsUsername, courseKey }) =>
      learning.invalidate({
        enrollmentsOf: lmsUsername,
        certificatesOf: lmsUsername,
        // A change of mode makes the LMS compute the grade anew.
        grade: { username: lmsUsername, courseKey },
      }),
  });
  const store = createTokenStore({ em, sealer: createSealer(secrets.keys, 'edx-api-token') });
  const edxApiTokens = createEdxApiTokenService({ ...common, store, learnerTokens, headlessSessions });
  const profilePush = createProfilePushService({
    ...common,
    tokens: edxApiTokens,
    edxLinks,
    onWritten: ({ lmsUsername }) => learning.invalidate({ lmsUser: lmsUsername }),
  });
  return {
    edxLinks,
    edxApiTokens,
    enrollments,
    courseRuns,
    profilePush,
    [Symbol.asyncDispose]: () => learnerTokens[Symbol.asyncDispose](),
  };
}
