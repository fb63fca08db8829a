import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createSealer } from '../crypto/sealer.js';
import type { LearningReads } from '../datasources/learning-reads.js';
import { createLearnerTokens } from '../datasources/lms/learner-token.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import type { LmsClient } from '../datasources/lms/lms-client.js';
import type { Events } from '../events.js';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import {
  type AnnouncedCertificates,
  createAnnouncedCertificates,
} from '../services/certificate/announced-certificate.js';
import { type CourseEmailService, createCourseEmailService } from '../services/course-emails/course-email.service.js';
import { type CourseRunService, createCourseRunService } from '../services/course-run/course-run.service.js';
import { createEdxApiTokenService, type EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import { createLearnerSignOn } from '../services/edx-api-token/learner-sign-on.js';
import { createTokenStore } from '../services/edx-api-token/token-store.js';
import { createEdxLinkService, type EdxLinkService } from '../services/edx-link/edx-link.service.js';
import { createRegistrationTurns } from '../services/edx-link/registration-turns.js';
import { createEdxPushService, type EdxPushService } from '../services/edx-push/edx-push.service.js';
import { createEmailWay } from '../services/edx-push/email-way.js';
import { createProfileWay } from '../services/edx-push/profile-way.js';
import { createEnrollmentService, type EnrollmentService } from '../services/enrollment/enrollment.service.js';
import {
  createEnrollmentMoveService,
  type EnrollmentMoveService,
} from '../services/enrollment-move/enrollment-move.service.js';
import {
  createEnrollmentReconciliation,
  type EnrollmentReconciliation,
} from '../services/enrollment-reconciliation/reconciliation.service.js';
import { createEnrollmentRetries, type EnrollmentRetries } from '../services/enrollment-retry/retries.service.js';
import { createGradeService, type GradeService } from '../services/grade/grade.service.js';
import type { HeadlessSessions, RegistrationTokens } from '../services/ports.js';
import { watchLearnerTokens } from './watch-learner-tokens.js';
import { watchCourseSyncs, watchGradeSyncs } from './watch-syncs.js';

/** Everything that reaches into the LMS: accounts there, learners' tokens, enrollments, course runs, profiles. */
export interface LinkageServices extends AsyncDisposable {
  edxLinks: EdxLinkService;
  edxApiTokens: EdxApiTokenService;
  enrollments: EnrollmentService;
  enrollmentMoves: EnrollmentMoveService;
  courseEmails: CourseEmailService;
  enrollmentReconciliation: EnrollmentReconciliation;
  enrollmentRetries: EnrollmentRetries;
  courseRuns: CourseRunService;
  edxPush: EdxPushService;
  grades: GradeService;
  announcedCertificates: AnnouncedCertificates;
}

/** Builds them; part of the composition root. */
export function createLinkageServices({
  config,
  secrets,
  orm,
  locks,
  client,
  api,
  reads,
  registrationTokens,
  headlessSessions,
  events,
  clock,
  logger,
}: {
  config: Config;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  locks: AdvisoryLocks;
  client: LmsClient;
  api: LmsApi;
  /** Told of our own writes to the LMS. */
  reads: Pick<LearningReads, 'invalidate'>;
  registrationTokens: RegistrationTokens;
  headlessSessions: HeadlessSessions;
  events: Events;
  clock: Clock;
  logger: Logger;
}): LinkageServices {
  const { em } = orm;
  const { maxAttempts } = config.jobs;
  const shared = { em, locks, clock, logger: logger.child({ part: 'linkage' }) };
  const courseRuns = watchCourseSyncs(createCourseRunService({ ...shared, api }), events);
  const learnerTokens = createLearnerTokens({
    client,
    api,
    publicUrl: config.http.publicUrl,
    socialLoginPath: config.lms.socialLoginPath,
  });
  const watched = watchLearnerTokens({ api, learnerTokens, events });
  const learnerSignOn = createLearnerSignOn({
    learnerTokens: watched.learnerTokens,
    headlessSessions,
    logger: shared.logger,
  });
  const store = createTokenStore({ em, sealer: createSealer(secrets.keys, 'edx-api-token') });
  const edxLinks = createEdxLinkService({
    ...shared,
    api,
    turns: createRegistrationTurns({ em, api, clock, events }),
    registrationTokens,
    learnerSignOn,
    tokens: store,
    config,
    maxAttempts,
  });
  const edxApiTokens = createEdxApiTokenService({
    ...shared,
    store,
    api: { ...api, ...watched.api },
    learnerSignOn,
    events,
  });
  const enrollments = createEnrollmentService({
    ...shared,
    api,
    edxLinks,
    courseRuns,
    policy: config.enrollment,
    maxAttempts,
    onWritten: ({ lmsUsername, courseKey }) =>
      reads.invalidate({
        enrollmentsOf: lmsUsername,
        certificatesOf: lmsUsername,
        grade: { username: lmsUsername, courseKey },
      }),
  });
  const grades = watchGradeSyncs(createGradeService({ ...shared, api }), events);
  return {
    edxLinks,
    edxApiTokens,
    courseRuns,
    grades,
    announcedCertificates: createAnnouncedCertificates({ em, grades, clock }),
    enrollments,
    enrollmentReconciliation: createEnrollmentReconciliation({ em, api, clock }),
    enrollmentRetries: createEnrollmentRetries({ em, clock }),
    courseEmails: createCourseEmailService({ em, api, tokens: edxApiTokens, clock }),
    enrollmentMoves: createEnrollmentMoveService({ em, clock, policy: config.enrollment, enrollments }),
    edxPush: createEdxPushService({
      ...shared,
      ways: {
        profile: createProfileWay({ api, tokens: edxApiTokens, clock }),
        email: createEmailWay({ api, tokens: edxApiTokens, clock }),
      },
      edxLinks,
      onWritten: ({ lmsUsername }) => reads.invalidate({ lmsUser: lmsUsername }),
    }),
    [Symbol.asyncDispose]: () => learnerTokens[Symbol.asyncDispose](),
  };
}
