import { Arg, Ctx, Field, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import { ownerByArgument, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import type { FollowedChanges } from '../subscription/change-topics.js';
import type { FollowableChange } from '../subscription/followable-change.js';
import { EnrollmentEventType, EnrollmentType, toEnrollment, toEnrollmentEvent } from './enrollment.type.js';

type EnrollmentChanged = Extract<FollowableChange, { topic: 'enrollment' }>;

@Access()
@ObjectType('EnrollmentChange', { description: 'A change of an enrollment.', simpleResolvers: true })
export class EnrollmentChange {
  @Field(() => EnrollmentType, { description: 'The enrollment as it is now.' })
  enrollment!: EnrollmentType;

  @Field(() => EnrollmentEventType, { nullable: true, description: 'The latest line of its history.' })
  event!: EnrollmentEventType | null;
}

@Resolver()
export class EnrollmentSubscription {
  @Access({ scope: 'learning:read', role: 'STAFF', own: true, owner: ownerByArgument })
  @Subscription(() => EnrollmentChange, {
    description: 'Tells of each change of an account’s enrollments, whoever made it.',
    subscribe: ({ args, context }) => followEnrollments(args.accountId, context),
  })
  async enrollmentChanged(
    @Arg('accountId', () => ID, { nullable: true, description: 'Whose; one’s own without it. Another’s needs STAFF.' })
    _accountId: string | null,
    @Root() { enrollmentId }: EnrollmentChanged,
    @Ctx() { services, stored }: GraphContext,
  ): Promise<EnrollmentChange> {
    const [row] = await services.enrollments.findByIds([enrollmentId]);
    if (!row) throw new NotFoundError('The enrollment is gone.');
    const latest = (await stored.enrollmentHistory.load(row.id)).at(-1);
    return { enrollment: toEnrollment(row), event: latest ? toEnrollmentEvent(latest) : null };
  }
}

function followEnrollments(
  id: string | null | undefined,
  { viewer, topics, services }: GraphContext,
): FollowedChanges<EnrollmentChanged> {
  const accountId = requireAccountId(id, viewer);
  return topics.follow({
    topic: 'enrollment',
    subject: accountId,
    catchUp: async (since) => {
      const rows = await services.enrollments.ofAccounts([accountId]);
      return rows
        .filter((row) => row.updatedAt >= since)
        .map((row) => ({ topic: 'enrollment', accountId, enrollmentId: row.id, courseKey: row.courseKey }));
    },
  });
}
