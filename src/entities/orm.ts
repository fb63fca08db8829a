import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { AccountEntity } from './account.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { BlockedEmailEntity } from './blocked-email.entity.js';
import { CertificateEntity, CertificateReadingEntity } from './certificate.entity.js';
import { ClientProviderEntity } from './client-provider.entity.js';
import { CourseGradeEntity } from './course-grade.entity.js';
import { CourseRunEntity } from './course-run.entity.js';
import { DataExportEntity, DataExportPartEntity } from './data-export.entity.js';
import { type DatabasePatience, patientPool } from './database-outage.js';
import { EdxLinkEntity, EdxLinkEventEntity } from './edx-link.entity.js';
import { EdxRegistrationPaceEntity } from './edx-registration-pace.entity.js';
import { EmailChangeEntity } from './email-change.entity.js';
import { EnrollmentEntity, EnrollmentEventEntity } from './enrollment.entity.js';
import { EnrollmentMoveEntity } from './enrollment-move.entity.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { IdentityProviderEntity, IdentitySignInEntity, LinkedIdentityEntity } from './identity-provider.entity.js';
import { LearnerLinkEntity, LearnerLinkEventEntity } from './learner-link.entity.js';
import { migrations } from './migrations.js';
import { OAuthClientEntity, OAuthClientSecretEntity } from './oauth-client.entity.js';
import { OAuthConsentEntity } from './oauth-consent.entity.js';
import { OidcArtifactEntity, OidcSessionEntity } from './oidc-artifact.entity.js';
import { OperationEntity, OperationRowEntity } from './operation.entity.js';
import { OperationFileEntity, OperationFilePartEntity } from './operation-file.entity.js';
import { OrganizationEntity } from './organization.entity.js';
import { ParkedEventEntity } from './parked-event.entity.js';
import { PartnerGrantEntity } from './partner-grant.entity.js';
import { PasskeyChallengeEntity, PasskeyEntity } from './passkey.entity.js';
import { ProgramEntity } from './program.entity.js';
import { ProgramCourseEnrollmentEntity, ProgramEnrollmentEntity } from './program-enrollment.entity.js';
import { RegistrationEntity } from './registration.entity.js';
import { RetirementEntity, RetirementStepEntity } from './retirement.entity.js';
import { AuthenticatorEntity, RecoveryCodeEntity } from './second-factor.entity.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { UploadEntity, UploadPartEntity } from './upload.entity.js';

/**
 * Milliseconds: how long a connection that nobody uses stays open. A new one has every statement planned anew, which after each
 * short lull would cost more than the statements.
 */
const idleConnectionMs = 60_000;

/**
 * Opens the database. No query runs yet.
 *
 * @param url - `postgres://…`
 * @param poolSize - most connections of this process
 * @param patience - how long to wait for a connection and for an answer; for ever, unless given
 */
export function createOrm({
  url,
  poolSize,
  patience,
}: {
  url: string;
  poolSize: number;
  patience?: DatabasePatience;
}): MikroORM {
  return new MikroORM(
    defineConfig({
      clientUrl: url,
      pool: { min: 0, max: poolSize, idleTimeoutMillis: idleConnectionMs },
      ...(patience && { driverOptions: patientPool(patience) }),
      entities: [
        AccountEntity,
        BlockedEmailEntity,
        RegistrationEntity,
        EmailChangeEntity,
        AuthenticatorEntity,
        RecoveryCodeEntity,
        ParkedEventEntity,
        PasskeyEntity,
        PasskeyChallengeEntity,
        EdxLinkEntity,
        EdxLinkEventEntity,
        EdxRegistrationPaceEntity,
        EnrollmentEntity,
        EnrollmentEventEntity,
        EnrollmentMoveEntity,
        CourseRunEntity,
        CourseGradeEntity,
        CertificateEntity,
        CertificateReadingEntity,
        OAuthClientEntity,
        OAuthClientSecretEntity,
        OAuthConsentEntity,
        OidcArtifactEntity,
        OidcSessionEntity,
        SigningKeyEntity,
        AuditEventEntity,
        IdempotencyKeyEntity,
        RetirementEntity,
        RetirementStepEntity,
        DataExportEntity,
        DataExportPartEntity,
        OperationEntity,
        OperationFileEntity,
        OperationFilePartEntity,
        UploadEntity,
        UploadPartEntity,
        OperationRowEntity,
        OrganizationEntity,
        ProgramEntity,
        LearnerLinkEntity,
        LearnerLinkEventEntity,
        ProgramEnrollmentEntity,
        ProgramCourseEnrollmentEntity,
        PartnerGrantEntity,
        ClientProviderEntity,
        IdentityProviderEntity,
        LinkedIdentityEntity,
        IdentitySignInEntity,
      ],
      extensions: [Migrator],
      migrations: { tableName: 'migration', snapshot: false, silent: true, migrationsList: migrations },
      forceUtcTimezone: true,
    }),
  );
}
