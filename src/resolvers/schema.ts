import 'reflect-metadata';
import { type GraphQLSchema, isInputObjectType } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { withAccessDirective } from './access/access.directive.js';
import { guardFields } from './access/guard-fields.js';
import { AccountMutations } from './account/account.mutations.js';
import { AccountResolver } from './account/account.resolver.js';
import { OwnAccountMutations } from './account/own-account.mutations.js';
import { AuditEventResolver } from './audit-event/audit-event.resolver.js';
import { CertificateResolver } from './certificate/certificate.resolver.js';
import { CourseOfRunResolver, CourseResolver } from './course/course.resolver.js';
import { CourseRunMutations } from './course-run/course-run.mutations.js';
import { CourseRunResolver } from './course-run/course-run.resolver.js';
import { CourseRunLearnersResolver } from './course-run/course-run-learners.resolver.js';
import { DataExportResolver } from './data-export/data-export.resolver.js';
import { EdxLinkEventResolver, EdxLinkResolver } from './edx-link/edx-link.resolver.js';
import { EdxLinkSubscription } from './edx-link/edx-link.subscription.js';
import { EdxLinkCareResolver } from './edx-link/edx-link-care.resolver.js';
import { BulkEnrollMutation } from './enrollment/bulk-enroll.mutation.js';
import { CourseEmailsResolver } from './enrollment/course-emails.resolver.js';
import { EnrollmentMutations } from './enrollment/enrollment.mutations.js';
import {
  AccountLearningResolver,
  EnrollmentConnectionResolver,
  EnrollmentEventResolver,
  EnrollmentResolver,
} from './enrollment/enrollment.resolver.js';
import { EnrollmentSubscription } from './enrollment/enrollment.subscription.js';
import { EnrollmentOperationMutations } from './enrollment/enrollment-operations.mutations.js';
import { LearningStateResolver } from './enrollment/learning-state.resolver.js';
import { UpgradeDeadlineResolver } from './enrollment/upgrade-deadline.resolver.js';
import { EnrollmentMoveResolver, EnrollmentMovesResolver } from './enrollment-move/enrollment-move.resolver.js';
import { GradeMutations } from './grade/grade.mutations.js';
import { GradeConnectionResolver, GradeResolver } from './grade/grade.resolver.js';
import { GradeSubscription } from './grade/grade.subscription.js';
import { IdentityProviderResolver } from './identity-provider/identity-provider.resolver.js';
import { LearnerLinkMutations } from './learner-link/learner-link.mutations.js';
import {
  LearnerLinkEventResolver,
  LearnerLinkResolver,
  WaitingLearnersResolver,
} from './learner-link/learner-link.resolver.js';
import { NodeResolver } from './node/node.resolver.js';
import { OAuthClientMutations } from './oauth-client/administration.mutations.js';
import { ClientGrantResolver } from './oauth-client/client-grant.resolver.js';
import { ClientInsightsResolver } from './oauth-client/client-insights.resolver.js';
import { ClientProviderResolver } from './oauth-client/client-provider.resolver.js';
import { OAuthClientResolver } from './oauth-client/oauth-client.resolver.js';
import { OperationDownloadResolver } from './operation/download.resolver.js';
import { OperationMutations } from './operation/operation.mutations.js';
import { OperationResolver } from './operation/operation.resolver.js';
import { OperationSubscription } from './operation/operation.subscription.js';
import { ParkedEventResolver } from './parked-event/parked-event.resolver.js';
import { AccountPartnerResolver, PartnerResolver } from './partner/partner.resolver.js';
import { ProgramMutations } from './program/program.mutations.js';
import { ProgramResolver } from './program/program.resolver.js';
import {
  AccountProgramsResolver,
  ProgramCourseEnrollmentResolver,
  ProgramEnrollmentResolver,
  ProgramLearnersResolver,
} from './program-enrollment/program-enrollment.resolver.js';
import { ProgramExportMutations } from './program-export/program-export.mutations.js';
import { ProgramReportResolver } from './program-report/program-report.resolver.js';
import { ProgramWriteMutations } from './program-write/program-write.mutations.js';
import { AccountRetirementResolver, RetirementResolver } from './retirement/retirement.resolver.js';
import { DateTimeScalar } from './scalars/date-time.scalar.js';
import { SecondFactorResolver } from './second-factor/second-factor.resolver.js';
import { SigningKeyResolver } from './signing-key/signing-key.resolver.js';
import { ThirdPartyMappingResolver } from './third-party-mapping/third-party-mapping.resolver.js';
import { UpstreamResolver } from './upstream/upstream.resolver.js';
import { UpstreamSubscription } from './upstream/upstream.subscription.js';

const resolvers: NonEmptyArray<new () => object> = [
  NodeResolver,
  AccountResolver,
  AccountMutations,
  OwnAccountMutations,
  DataExportResolver,
  AccountRetirementResolver,
  RetirementResolver,
  AccountLearningResolver,
  AuditEventResolver,
  CertificateResolver,
  CourseResolver,
  CourseOfRunResolver,
  CourseRunResolver,
  CourseRunLearnersResolver,
  CourseRunMutations,
  GradeMutations,
  GradeResolver,
  GradeConnectionResolver,
  GradeSubscription,
  EdxLinkResolver,
  EdxLinkCareResolver,
  EdxLinkEventResolver,
  EdxLinkSubscription,
  EnrollmentResolver,
  EnrollmentConnectionResolver,
  EnrollmentEventResolver,
  EnrollmentMutations,
  BulkEnrollMutation,
  CourseEmailsResolver,
  EnrollmentOperationMutations,
  EnrollmentMoveResolver,
  EnrollmentMovesResolver,
  EnrollmentSubscription,
  LearningStateResolver,
  UpgradeDeadlineResolver,
  OperationResolver,
  OperationDownloadResolver,
  OperationMutations,
  ProgramExportMutations,
  ProgramWriteMutations,
  OperationSubscription,
  ParkedEventResolver,
  OAuthClientResolver,
  OAuthClientMutations,
  ClientInsightsResolver,
  ClientProviderResolver,
  ClientGrantResolver,
  SecondFactorResolver,
  SigningKeyResolver,
  PartnerResolver,
  AccountPartnerResolver,
  ThirdPartyMappingResolver,
  ProgramResolver,
  ProgramReportResolver,
  ProgramMutations,
  ProgramLearnersResolver,
  ProgramEnrollmentResolver,
  ProgramCourseEnrollmentResolver,
  AccountProgramsResolver,
  LearnerLinkEventResolver,
  LearnerLinkResolver,
  WaitingLearnersResolver,
  IdentityProviderResolver,
  LearnerLinkMutations,
  UpstreamResolver,
  UpstreamSubscription,
];

/** Each subscription brings a source of its own; TypeGraphQL asks for this all the same. */
const noPubSub: PubSub = {
  publish: () => {
    throw new Error('subscriptions are fed by the change feed');
  },
  subscribe: () => {
    throw new Error('subscriptions are fed by the change feed');
  },
};

let built: GraphQLSchema | undefined;

/**
 * The graph: every resolver, every access declaration compiled into it. It depends on nothing but its declarations, so it is built and
 * found valid once for a process, however many servers it has.
 *
 * @throws Error when a field declares no access, or the types do not fit together
 */
export function buildGraphSchema(): GraphQLSchema {
  built ??= build();
  return built;
}

function build(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    validate: false,
    pubSub: noPubSub,
  });
  for (const type of Object.values(schema.getTypeMap()))
    if (isInputObjectType(type) && type.extensions.oneOf === true) type.isOneOf = true;
  guardFields(schema);
  return withAccessDirective(schema);
}
