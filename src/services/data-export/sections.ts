import type { EntityManager } from '@mikro-orm/postgresql';
import type { ClientGrants } from '../../access/client-grants.js';
import type { SignIn } from '../../access/sign-in.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { CertificateEntity } from '../../entities/certificate.entity.js';
import { CourseGradeEntity } from '../../entities/course-grade.entity.js';
import { EdxLinkEntity, EdxLinkEventEntity } from '../../entities/edx-link.entity.js';
import { EmailChangeEntity } from '../../entities/email-change.entity.js';
import { EnrollmentEntity, EnrollmentEventEntity } from '../../entities/enrollment.entity.js';
import { IdentityProviderEntity, LinkedIdentityEntity } from '../../entities/identity-provider.entity.js';
import { LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import { OAuthClientEntity } from '../../entities/oauth-client.entity.js';
import { OAuthConsentEntity } from '../../entities/oauth-consent.entity.js';
import { OperationEntity } from '../../entities/operation.entity.js';
import { PartnerGrantEntity } from '../../entities/partner-grant.entity.js';
import { PasskeyEntity } from '../../entities/passkey.entity.js';
import { ProgramCourseEnrollmentEntity, ProgramEnrollmentEntity } from '../../entities/program-enrollment.entity.js';
import { RetirementEntity } from '../../entities/retirement.entity.js';
import { AuthenticatorEntity, RecoveryCodeEntity } from '../../entities/second-factor.entity.js';

export interface SectionDeps {
  em: EntityManager;
  signIn: Pick<SignIn, 'list'>;
  clientGrants: Pick<ClientGrants, 'list'>;
}

/** A part of the copy: its name in the JSON, and what goes there. Never a secret, a hash or a token. */
type Section = (deps: SectionDeps, accountId: string) => Promise<unknown>;

/** What is known of a person, but for the audit, which may be long. In the order in which it is written. */
export const sections: Readonly<Record<string, Section>> = {
  account: async ({ em }, id) => {
    const account = await em.findOneOrFail(AccountEntity, { id });
    return {
      id,
      username: account.username,
      name: account.name,
      language: account.locale,
      status: account.status,
      roles: ['LEARNER', ...account.roles],
      createdAt: account.createdAt,
      changedAt: account.updatedAt,
      lastSignedInAt: account.lastSignedInAt ?? null,
      passwordChangedAt: account.passwordChangedAt ?? null,
      terms: account.termsAgreedAt ? { version: account.termsVersion, agreedAt: account.termsAgreedAt } : null,
    };
  },

  profile: async ({ em }, id) => (await em.findOneOrFail(AccountEntity, { id })).profile,

  emailAddresses: async ({ em }, accountId) => {
    const { email, emailVerifiedAt } = await em.findOneOrFail(AccountEntity, { id: accountId });
    const change = await em.findOne(EmailChangeEntity, { accountId });
    return {
      current: { email, confirmedAt: emailVerifiedAt ?? null },
      waitingForConfirmation: change && { email: change.email, until: change.expiresAt },
    };
  },

  learningSite: async ({ em }, accountId) => {
    const link = await em.findOne(EdxLinkEntity, { accountId });
    if (!link) return null;
    const events = await em.find(EdxLinkEventEntity, { edxLinkId: link.id }, { orderBy: { id: 'asc' } });
    return {
      state: link.state,
      username: link.edxUsername ?? null,
      userId: link.edxUserId ?? null,
      knownThereAs: link.remoteId ?? null,
      linkedAt: link.linkedAt ?? null,
      lastProblem: link.lastError?.message ?? null,
      history: events.map(({ at, from, to, cause, detail }) => ({ at, from, to, cause, detail })),
    };
  },

  enrollments: async ({ em }, accountId) => {
    const rows = await em.find(EnrollmentEntity, { accountId }, { orderBy: { id: 'asc' } });
    const events = Map.groupBy(
      await em.find(
        EnrollmentEventEntity,
        { enrollmentId: { $in: rows.map(({ id }) => id) } },
        { orderBy: { id: 'asc' } },
      ),
      ({ enrollmentId }) => enrollmentId,
    );
    return rows.map((row) => ({
      courseKey: row.courseKey,
      state: row.state,
      mode: row.mode ?? null,
      requestedMode: row.requestedMode ?? null,
      confirmedByLearningSite: row.confirmedByLms,
      receivesCourseMails: row.receivesEmails ?? null,
      since: row.lmsCreatedAt ?? row.createdAt,
      lastProblem: row.lastError?.message ?? null,
      history: (events.get(row.id) ?? []).map(({ at, before, after, cause }) => ({ at, before, after, cause })),
    }));
  },

  grades: async ({ em }, accountId) =>
    (await em.find(CourseGradeEntity, { accountId }, { orderBy: { id: 'asc' } })).map((grade) => ({
      courseKey: grade.courseKey,
      percent: grade.percent,
      letterGrade: grade.letterGrade ?? null,
      passed: grade.passed,
      asOf: grade.asOf,
    })),

  certificates: async ({ em }, accountId) =>
    (await em.find(CertificateEntity, { accountId }, { orderBy: { id: 'asc' } })).map((certificate) => ({
      courseKey: certificate.courseKey,
      type: certificate.type,
      status: certificate.status,
      grade: certificate.grade ?? null,
      downloadUrl: certificate.downloadUrl ?? null,
      createdAt: certificate.lmsCreatedAt,
      withdrawnAt: certificate.withdrawnAt ?? null,
      asOf: certificate.asOf,
    })),

  schools: async ({ em }, accountId) => {
    const links = await em.find(LearnerLinkEntity, { accountId }, { orderBy: { id: 'asc' } });
    const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
    const inPrograms = await em.find(ProgramEnrollmentEntity, { learnerLinkId: { $in: idsOf(links) } });
    const inCourses = await em.find(ProgramCourseEnrollmentEntity, {
      programEnrollmentId: { $in: idsOf(inPrograms) },
    });
    return links.map((link) => ({
      knownThereAs: link.externalKey,
      state: link.state,
      since: link.createdAt,
      linkedAt: link.linkedAt ?? null,
      programs: inPrograms
        .filter(({ learnerLinkId }) => learnerLinkId === link.id)
        .map(({ id, programId, status, asOf }) => ({
          programId,
          status,
          asOf,
          courses: inCourses
            .filter(({ programEnrollmentId }) => programEnrollmentId === id)
            .map((course) => ({ courseKey: course.courseKey, status: course.status, asOf: course.asOf })),
        })),
    }));
  },

  partnerRoles: async ({ em }, accountId) =>
    (await em.find(PartnerGrantEntity, { accountId }, { orderBy: { id: 'asc' } })).map((grant) => ({
      role: grant.role,
      organizationId: grant.organizationId ?? null,
      programId: grant.programId ?? null,
      grantedAt: grant.createdAt,
    })),

  sitesAndAppsWithAccess: async ({ clientGrants }, accountId) =>
    (await clientGrants.list(accountId)).map(({ clientId, clientName, scopes, grantedAt }) => ({
      clientId,
      name: clientName,
      allowed: scopes,
      grantedAt,
    })),

  consents: async ({ em }, accountId) =>
    (await em.find(OAuthConsentEntity, { accountId }, { orderBy: { id: 'asc' } })).map((consent) => ({
      clientId: consent.clientId,
      scopes: consent.scopes,
      givenAt: consent.createdAt,
      takenBackAt: consent.revokedAt ?? null,
    })),

  ownClients: async ({ em }, ownerId) =>
    (await em.find(OAuthClientEntity, { ownerId }, { orderBy: { id: 'asc' } })).map((client) => ({
      clientId: client.clientId,
      name: client.name,
      scopes: client.scopes,
      createdAt: client.createdAt,
    })),

  sessions: async ({ signIn }, accountId) =>
    (await signIn.list(accountId)).map(({ userAgent, address, createdAt, lastSeenAt, expiresAt }) => ({
      device: userAgent ?? null,
      address: address ?? null,
      signedInAt: createdAt,
      lastSeenAt,
      endsAt: expiresAt ?? null,
    })),

  secondFactors: async ({ em }, accountId) => {
    const app = await em.findOne(AuthenticatorEntity, { accountId });
    const codes = await em.find(RecoveryCodeEntity, { accountId });
    const passkeys = await em.find(PasskeyEntity, { accountId }, { orderBy: { id: 'asc' } });
    return {
      authenticatorApp: app?.confirmedAt ? { addedAt: app.confirmedAt, lastUsedAt: app.lastUsedAt ?? null } : null,
      passkeys: passkeys.map(({ name, createdAt, lastUsedAt }) => ({
        name,
        addedAt: createdAt,
        lastUsedAt: lastUsedAt ?? null,
      })),
      recoveryCodes: {
        unused: codes.filter(({ usedAt }) => !usedAt).length,
        used: codes.flatMap(({ usedAt }) => usedAt ?? []),
      },
    };
  },

  signInsAtSchools: async ({ em }, accountId) => {
    const links = await em.find(LinkedIdentityEntity, { accountId }, { orderBy: { id: 'asc' } });
    const providers = await em.find(IdentityProviderEntity, { id: { $in: links.map((link) => link.providerId) } });
    return links.map(({ providerId, subject, externalKey, createdAt, lastUsedAt }) => ({
      provider: providers.find(({ id }) => id === providerId)?.label ?? null,
      subject,
      key: externalKey ?? null,
      connectedAt: createdAt,
      lastUsedAt,
    }));
  },

  startedOperations: async ({ em }, startedBy) =>
    (await em.find(OperationEntity, { startedBy }, { orderBy: { id: 'asc' } })).map((operation) => ({
      kind: operation.kind,
      state: operation.state,
      startedAt: operation.createdAt,
      finishedAt: operation.finishedAt ?? null,
    })),

  deletionRequest: async ({ em }, accountId) => {
    const request = await em.findOne(RetirementEntity, { accountId });
    return request && { requestedAt: request.createdAt, dueAt: request.dueAt };
  },
};
