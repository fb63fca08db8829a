import { Arg, Args, Ctx, Field, FieldResolver, InputType, Int, Query, Resolver, Root } from 'type-graphql';
import type { LearnerLink } from '../../entities/learner-link.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { LearnerBy as LookUp } from '../../services/learner-link/learner-links.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, accountAccess, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { OrganizationType, programAccess, toOrganization } from '../organization/organization.type.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { pageOfList } from '../page/page-of-list.js';
import { readPage } from '../page/read-page.js';
import { ProgramType } from '../program/program.type.js';
import { ProgramEnrollmentConnection, toProgramEnrollment } from '../program-enrollment/program-enrollment.type.js';
import {
  LearnerLinkConnection,
  LearnerLinkEventType,
  LearnerLinkType,
  toLearnerLink,
  toLearnerLinkEvent,
} from './learner-link.type.js';
import { maySeeLearner, visibleEnrollments } from './may-see-learner.js';

@InputType('LearnerBy', {
  description: 'What a learner is found by: `org` with `externalKey`, or one of the others, which `org` narrows.',
})
export class LearnerBy {
  @Field(() => String, { nullable: true, description: 'Key of the organization, in any letter case.' })
  org?: string | null;

  @Field(() => String, { nullable: true, description: 'The organization’s id for the learner, in any letter case.' })
  externalKey?: string | null;

  @Field(() => String, { nullable: true, description: 'Username of the account.' })
  username?: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address of the account.' })
  email?: string | null;

  @Field(() => Int, { nullable: true, description: 'Number of the LMS user.' })
  lmsUserId?: number | null;
}

@Resolver(() => LearnerLinkType)
export class LearnerLinkResolver {
  @Access(programAccess)
  @Query(() => LearnerLinkType, {
    nullable: true,
    description:
      'One learner; null when there is none, or none that the caller may see. Where several organizations know the person, the first that the caller may see.',
  })
  async learner(
    @Arg('by', () => LearnerBy, { description: 'Which learner.' }) by: LearnerBy,
    @Ctx() context: GraphContext,
  ): Promise<LearnerLinkType | null> {
    for (const row of await findLearners(by, context)) if (await maySeeLearner(row, context)) return toLearnerLink(row);
    return null;
  }

  @FieldResolver(() => OrganizationType, { description: 'Whose learner it is.' })
  async organization(@Root() { row }: LearnerLinkType, @Ctx() { programs }: GraphContext): Promise<OrganizationType> {
    const organization = await programs.organization.load(row.organizationId);
    if (!organization) throw new Error(`the organization ${row.organizationId} is gone`);
    return toOrganization(organization);
  }

  @Access(accountAccess)
  @FieldResolver(() => AccountType, {
    nullable: true,
    description: 'The account that they turned out to have. For themselves and for STAFF.',
  })
  async account(@Root() { row }: LearnerLinkType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const account = row.accountId == null ? undefined : await stored.account.load(row.accountId);
    return account ? toAccount(account) : null;
  }

  @FieldResolver(() => [LearnerLinkEventType], {
    description: 'How it became known, or was forgotten, who they are; oldest first.',
  })
  async history(@Root() { row }: LearnerLinkType, @Ctx() { programs }: GraphContext): Promise<LearnerLinkEventType[]> {
    return (await programs.learnerHistory.load(row.id)).map(toLearnerLinkEvent);
  }

  @FieldResolver(() => ProgramEnrollmentConnection, {
    complexity: 3,
    description: 'Their enrollments in programs that the caller may see.',
  })
  async programEnrollments(
    @Root() { row }: LearnerLinkType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: GraphContext,
  ) {
    const all = await context.programs.enrollmentsOfLearner.load(row.id);
    return toConnection(pageOfList(await visibleEnrollments(all, row, context), readPage(page)), toProgramEnrollment);
  }
}

@Resolver(() => LearnerLinkEventType)
export class LearnerLinkEventResolver {
  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who did it; null for Portico itself. For STAFF.' })
  async actor(@Root() { actorId }: LearnerLinkEventType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const account = actorId === null ? undefined : await stored.account.load(actorId);
    return account ? toAccount(account) : null;
  }
}

/** Learners of a program who are not known to be anybody yet. */
@Resolver(() => ProgramType)
export class WaitingLearnersResolver {
  @Access(programAccess)
  @FieldResolver(() => LearnerLinkConnection, {
    complexity: 3,
    description: 'Learners of the program who have no account yet, in the order in which they were named.',
  })
  async waitingLearners(
    @Root() { row }: ProgramType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services, viewer }: GraphContext,
  ) {
    await services.programPermissions.require(viewer, row, 'READ_ENROLLMENTS');
    await services.programLearners.keepFresh(row, { purpose: 'request' });
    const { id: programId, organizationId } = row;
    const found = await services.learnerLinks.list({ organizationId, programId, state: 'WAITING' }, readPage(page));
    return toConnection(found, toLearnerLink);
  }
}

async function findLearners(by: LearnerBy, context: GraphContext): Promise<LearnerLink[]> {
  const { services } = context;
  const organization = by.org == null ? undefined : await services.programs.findOrganization(by.org);
  if (organization === null) return [];
  const lookUp = await readLookUp(by, organization?.id, context);
  const found = lookUp ? await services.learnerLinks.find(lookUp) : [];
  return found.filter(({ organizationId }) => organization === undefined || organizationId === organization.id);
}

/** @throws InvalidInputError unless exactly one way is given */
async function readLookUp(
  { externalKey, username, email, lmsUserId }: LearnerBy,
  organizationId: string | undefined,
  { services }: GraphContext,
): Promise<LookUp | undefined> {
  if ([externalKey, username, email, lmsUserId].filter((way) => way != null).length !== 1)
    throw new InvalidInputError('Give exactly one of externalKey, username, email and lmsUserId.', { field: ['by'] });
  if (externalKey != null) {
    if (organizationId === undefined)
      throw new InvalidInputError('A key says who somebody is within an organization only: give org, too.', {
        field: ['by', 'org'],
      });
    return { organizationId, externalKey };
  }
  if (lmsUserId != null) return { lmsUserId };
  const account = await (username != null
    ? services.accounts.findByUsername(username)
    : services.accounts.findByEmail(email ?? ''));
  return account ? { accountId: account.id } : undefined;
}
