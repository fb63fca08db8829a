import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { LearnerLink } from '../../entities/learner-link.entity.js';
import type { Organization } from '../../entities/organization.entity.js';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../../errors.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { withUserErrors } from '../user-error.type.js';
import {
  CorrectExternalKeyInput,
  CorrectExternalKeyPayload,
  ExpireWaitingLearnersInput,
  ExpireWaitingLearnersPayload,
  type LearnerPayload,
  LinkLearnerInput,
  LinkLearnerPayload,
  RelinkLearnerInput,
  RelinkLearnerPayload,
  UnlinkLearnerInput,
  UnlinkLearnerPayload,
} from './learner-link.input.js';
import { toLearnerLink } from './learner-link.type.js';

/** Whose learners they are decides: support for all, a partner for those of its organization. */
const learnersAccess: FieldAccess = { scope: 'programs:write' };

@Resolver()
export class LearnerLinkMutations {
  @Access(learnersAccess)
  @Mutation(() => LinkLearnerPayload, {
    description:
      'Says which account a learner is, here and at the LMS, in each program that it has them in. Partners can name accounts that are, or were, learners of theirs. Safe to repeat.',
  })
  linkLearner(
    @Arg('input', () => LinkLearnerInput, { description: 'Which learner, which account.' }) input: LinkLearnerInput,
    @Ctx() context: GraphContext,
  ): Promise<LearnerPayload> {
    return tie(input, false, context);
  }

  @Access(learnersAccess)
  @Mutation(() => RelinkLearnerPayload, {
    description:
      'Moves a learner to another account, here and at the LMS: whoever was it before loses the course enrollments that came from the programs. Partners can name accounts that are, or were, learners of theirs. Safe to repeat.',
  })
  relinkLearner(
    @Arg('input', () => RelinkLearnerInput, { description: 'Which learner, which account.' })
    input: RelinkLearnerInput,
    @Ctx() context: GraphContext,
  ): Promise<LearnerPayload> {
    return tie(input, true, context);
  }

  @Access(learnersAccess)
  @Mutation(() => UnlinkLearnerPayload, {
    description:
      'Unties a learner from whoever they are tied to: they wait again, and nothing of the person is shown to the organization any more. The LMS cannot untie anybody; it moves the learner as soon as they are tied to another account.',
  })
  unlinkLearner(
    @Arg('input', () => UnlinkLearnerInput, { description: 'Which learner.' })
    { org, externalKey }: UnlinkLearnerInput,
    @Ctx() context: GraphContext,
  ): Promise<LearnerPayload> {
    return answerLearner(async () => {
      const { id } = await ownOrganization(org, context);
      return context.services.learnerTies.untie({ organizationId: id, externalKey }, context.actor);
    });
  }

  @Access(learnersAccess)
  @Mutation(() => CorrectExternalKeyPayload, {
    description:
      'Corrects a key that was written wrongly: its letter case at any time, another key while the LMS does not have the learner yet.',
  })
  correctExternalKey(
    @Arg('input', () => CorrectExternalKeyInput, { description: 'Which learner, which key.' })
    { org, externalKey, newExternalKey }: CorrectExternalKeyInput,
    @Ctx() context: GraphContext,
  ): Promise<LearnerPayload> {
    return answerLearner(async () => {
      const { id: organizationId } = await ownOrganization(org, context);
      return context.services.learnerTies.correctKey({ organizationId, externalKey, newExternalKey }, context.actor);
    });
  }

  @Access(learnersAccess)
  @Mutation(() => ExpireWaitingLearnersPayload, {
    description:
      'Forgets learners of an organization who have waited for an account for too long, and whom the LMS does not have.',
  })
  expireWaitingLearners(
    @Arg('input', () => ExpireWaitingLearnersInput, { description: 'Whose, and how long.' })
    { org, olderThanDays }: ExpireWaitingLearnersInput,
    @Ctx() context: GraphContext,
  ): Promise<ExpireWaitingLearnersPayload> {
    return withUserErrors({ expired: 0, kept: 0 }, async () => {
      const { id: organizationId } = await ownOrganization(org, context);
      return context.services.learnerTies.expireWaiting({ organizationId, olderThanDays }, context.actor);
    });
  }
}

function answerLearner(act: () => Promise<LearnerLink>): Promise<LearnerPayload> {
  return withUserErrors<Omit<LearnerPayload, 'userErrors'>>({ learner: null }, async () => ({
    learner: toLearnerLink(await act()),
  }));
}

function tie(input: LinkLearnerInput, isRelink: boolean, context: GraphContext): Promise<LearnerPayload> {
  return answerLearner(async () => {
    const { services, actor } = context;
    const { id: organizationId } = await ownOrganization(input.org, context);
    const accountId = await accountOf(input, context);
    const isKnown =
      accountId !== undefined &&
      (isSupport(context) || (await services.learnerTies.isKnownTo(organizationId, accountId)));
    // To a partner, whoever is not its learner is not there.
    if (!isKnown) throw new NotFoundError('There is no such account, or it is no learner of the organization.');
    return services.learnerTies.tie({ organizationId, externalKey: input.externalKey, accountId, isRelink }, actor);
  });
}

async function accountOf(
  { accountId, username }: LinkLearnerInput,
  { services, stored }: GraphContext,
): Promise<string | undefined> {
  if ((accountId == null) === (username == null))
    throw new InvalidInputError('Give exactly one of accountId and username.', { field: ['accountId'] });
  const account =
    username == null
      ? await stored.account.load(readGlobalId('Account', accountId ?? '', 'accountId'))
      : await services.accounts.findByUsername(username);
  return account && account.status !== 'RETIRED' ? account.id : undefined;
}

/**
 * @throws NotFoundError for an organization that is not there, or that the caller has no grant in
 * @throws ForbiddenError for who may not write enrollments of all its programs
 */
async function ownOrganization(key: string, context: GraphContext): Promise<Organization> {
  const { services, programs } = context;
  const organization = await services.programs.findOrganization(key);
  if (organization && isSupport(context)) return organization;
  const permissions = organization && (await programs.organizationPermissions.load(organization.id));
  if (!organization || !permissions?.size) throw new NotFoundError(`There is no organization ${key}.`);
  if (!permissions.has('WRITE_ENROLLMENTS')) throw new ForbiddenError('This needs the permission WRITE_ENROLLMENTS.');
  return organization;
}

function isSupport({ viewer }: GraphContext): boolean {
  return viewer.roles.has('SUPPORT') && !viewer.restriction;
}
