import type { Logger } from '../logger.js';
import type { AuditChain } from '../services/audit/chain/append.js';
import type { AnnouncedCertificates } from '../services/certificate/announced-certificate.js';
import type { CourseEmailService } from '../services/course-emails/course-email.service.js';
import type { CourseRunService } from '../services/course-run/course-run.service.js';
import type { DataExportService } from '../services/data-export/data-export.service.js';
import type { EdxApiTokenService } from '../services/edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { EdxPushService } from '../services/edx-push/edx-push.service.js';
import type { EdxRepairService } from '../services/edx-repair/edx-repair.service.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';
import type { EnrollmentMoveService } from '../services/enrollment-move/enrollment-move.service.js';
import type { IdentityProviders } from '../services/identity-provider/identity-providers.js';
import type { TieLearner } from '../services/identity-provider/tie-learner.js';
import type { LearningHints } from '../services/learning-hint/follow-hints.js';
import type { LmsUserIds } from '../services/lms-event/learn-user-ids.js';
import type { MailService } from '../services/mail/mail.service.js';
import type { OperationService } from '../services/operation/operation.service.js';
import type { PruneService } from '../services/prune.service.js';
import type { RetirementService } from '../services/retirement/retirement.service.js';
import type { ScheduleLog } from '../services/schedule-log.service.js';
import type { SigningKeyService } from '../services/signing-key/signing-key.service.js';
import { createAdvanceEnrollmentMoveJob } from './advance-enrollment-move.job.js';
import { createAdvanceSigningKeysJob } from './advance-signing-keys.job.js';
import { createBeginRetirementsJob } from './begin-retirements.job.js';
import { createChainAuditJob } from './chain-audit.job.js';
import { createCheckEdxLinkJob } from './check-edx-link.job.js';
import { createCreateEdxAccountJob } from './create-edx-account.job.js';
import { createDeliverLogoutJob } from './deliver-logout.job.js';
import { createExportDataJob } from './export-data.job.js';
import { createFollowLearningHintsJob } from './follow-learning-hints.job.js';
import type { Jobs } from './job.js';
import { createLearnLmsUserIdsJob } from './learn-lms-user-ids.job.js';
import { createLookAtCertificateJob } from './look-at-certificate.job.js';
import { createLookAtCourseRunJob } from './look-at-course-run.job.js';
import { createLookAtEnrollmentJob } from './look-at-enrollment.job.js';
import { createObtainEdxApiTokenJob } from './obtain-edx-api-token.job.js';
import { createPerformEnrollmentJob } from './perform-enrollment.job.js';
import { createPruneExpiredJob } from './prune-expired.job.js';
import { createPushCourseEmailsJob } from './push-course-emails.job.js';
import { createPushEmailJob } from './push-email.job.js';
import { createPushProfileJob } from './push-profile.job.js';
import { createRetireAccountJob } from './retire-account.job.js';
import { createRevokeEdxApiTokenJob } from './revoke-edx-api-token.job.js';
import { createResumeOperationsJob, createRunOperationJob } from './run-operation.job.js';
import type { Schedule } from './schedule.js';
import { createSendMailJob } from './send-mail.job.js';
import { createCheckDriftJob, createRepairLinksJob, createRetryEnrollmentsJob } from './sweeps.job.js';
import { createSyncCourseRunsJob } from './sync-course-runs.job.js';
import { createSyncGradesJob } from './sync-grades.job.js';
import { createTieLearnerJob } from './tie-learner.job.js';
import { watchSchedules } from './watch-schedules.js';

/** What the jobs are thin callers of. */
export interface JobServices {
  edxLinks: EdxLinkService;
  edxApiTokens: EdxApiTokenService;
  enrollments: EnrollmentService;
  enrollmentMoves: EnrollmentMoveService;
  courseEmails: CourseEmailService;
  announcedCertificates: AnnouncedCertificates;
  courseRuns: CourseRunService;
  learningHints: LearningHints;
  lmsUserIds: LmsUserIds;
  edxPush: EdxPushService;
  tieLearner: TieLearner;
  dataExports: Pick<DataExportService, 'assemble' | 'resume'>;
  retirements: Pick<RetirementService, 'run' | 'beginDue'>;
  edxRepair: Pick<EdxRepairService, 'repairIfNeeded' | 'checkAll'>;
  identityProviders: Pick<IdentityProviders, 'reseal'>;
  scheduleLog: Pick<ScheduleLog, 'run'>;
  operations: Pick<OperationService, 'begin' | 'run' | 'resumeForgotten'>;
  prune: PruneService;
  signingKeys: Pick<SigningKeyService, 'advance'>;
  auditChain: AuditChain;
  mail: Pick<MailService, 'deliver'>;
  logoutNotices: Parameters<typeof createDeliverLogoutJob>[0]['logoutNotices'];
}

/** Every job of Portico; those of the schedules note when they ran. */
export function createJobs(services: JobServices, logger: Logger, schedules: readonly Schedule[] = []): Jobs {
  const jobs: Jobs = {
    'create-edx-account': createCreateEdxAccountJob(services),
    'check-edx-link': createCheckEdxLinkJob(services),
    'obtain-edx-api-token': createObtainEdxApiTokenJob(services),
    'revoke-edx-api-token': createRevokeEdxApiTokenJob(services),
    'perform-enrollment': createPerformEnrollmentJob(services),
    'advance-enrollment-move': createAdvanceEnrollmentMoveJob(services),
    'look-at-certificate': createLookAtCertificateJob(services),
    'look-at-enrollment': createLookAtEnrollmentJob(services),
    'follow-learning-hints': createFollowLearningHintsJob(services),
    'learn-lms-user-ids': createLearnLmsUserIdsJob(services),
    'look-at-course-run': createLookAtCourseRunJob(services),
    'push-course-emails': createPushCourseEmailsJob(services),
    'push-email': createPushEmailJob(services),
    'push-profile': createPushProfileJob(services),
    'tie-learner': createTieLearnerJob(services),
    'sync-course-runs': createSyncCourseRunsJob(services),
    'sync-grades': createSyncGradesJob(services),
    'repair-links': createRepairLinksJob({ ...services, logger }),
    'retry-enrollments': createRetryEnrollmentsJob({ ...services, logger }),
    'check-drift': createCheckDriftJob(services),
    'retire-account': createRetireAccountJob(services),
    'begin-retirements': createBeginRetirementsJob({ ...services, logger }),
    'export-data': createExportDataJob(services),
    'prune-expired': createPruneExpiredJob({ ...services, logger }),
    'deliver-logout': createDeliverLogoutJob(services),
    'advance-signing-keys': createAdvanceSigningKeysJob({ ...services, logger }),
    'chain-audit': createChainAuditJob({ ...services, logger }),
    'run-operation': createRunOperationJob(services),
    'resume-operations': createResumeOperationsJob({ ...services, logger }),
    'send-mail': createSendMailJob(services),
  };
  return watchSchedules(jobs, schedules, services.scheduleLog);
}
