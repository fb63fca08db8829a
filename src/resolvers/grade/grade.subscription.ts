import { Arg, Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { refusal } from '../../access/policy.js';
import { Access } from '../access/access.decorator.js';
import { refusalFor } from '../access/ownership.js';
import { AccountType, toAccount } from '../account/account.type.js';
import { ownerByArgument, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import { CourseRunType, toCourseRun } from '../course-run/course-run.type.js';
import { learningAccess } from '../enrollment/enrollment.type.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import type { FollowedChanges } from '../subscription/change-topics.js';
import type { FollowableChange } from '../subscription/followable-change.js';
import { GradeType } from './grade.type.js';
import { knownGrade } from './known-grade.js';

type GradeChanged = Extract<FollowableChange, { topic: 'grade' }>;

@Access(learningAccess)
@ObjectType('GradeChange', { description: 'A grade that is another now.', simpleResolvers: true })
export class GradeChange {
  /** Row id of the account; what `own` compares. */
  ownerId!: string;
  courseKey!: string;

  @Field(() => GradeType, { nullable: true, description: 'The grade as it is now; null when there is none any more.' })
  grade!: GradeType | null;
}

@Resolver(() => GradeChange)
export class GradeSubscription {
  @Access({ ...learningAccess, owner: ownerByArgument })
  @Subscription(() => GradeChange, {
    description: 'Tells of each change of an account’s grades; of everybody’s in one course run to STAFF.',
    subscribe: ({ args, context }) => followGrades(args.accountId, args.courseKey, context),
  })
  async gradeChanged(
    @Arg('accountId', () => ID, { nullable: true, description: 'Whose; one’s own without it. Another’s needs STAFF.' })
    _accountId: string | null,
    @Arg('courseKey', () => CourseKeyScalar, {
      nullable: true,
      description: 'Only in this course run. Without `accountId` STAFF hears of all its learners.',
    })
    _courseKey: string | null,
    @Root() { accountId, courseKey, lmsUsername }: GradeChanged,
    @Ctx() context: GraphContext,
  ): Promise<GradeChange> {
    const error = refusalFor(context, learningAccess, accountId);
    if (error) throw error;
    const grade = await knownGrade({ ownerId: accountId, lmsUsername, courseKey }, context);
    return Object.assign(new GradeChange(), { ownerId: accountId, courseKey, grade });
  }

  @FieldResolver(() => AccountType, { nullable: true, description: 'Whose grade it is.' })
  async account(@Root() { ownerId }: GradeChange, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = await stored.account.load(ownerId);
    return row ? toAccount(row) : null;
  }

  @FieldResolver(() => CourseRunType, { description: 'The course run.' })
  courseRun(@Root() { courseKey }: GradeChange): CourseRunType {
    return toCourseRun(courseKey);
  }
}

function followGrades(
  named: string | null | undefined,
  courseKey: string | null | undefined,
  { viewer, topics, services }: GraphContext,
): FollowedChanges<GradeChanged> {
  const seesEverybody = refusal(viewer, { ...learningAccess, own: false }) === undefined;
  const isOfAll = named == null && courseKey != null && seesEverybody;
  const whose = { accountId: isOfAll ? undefined : requireAccountId(named, viewer), courseKey: courseKey ?? undefined };
  return topics.follow({
    topic: 'grade',
    subject: whose.accountId ?? String(courseKey),
    accepts: (change) => courseKey == null || change.courseKey === courseKey,
    catchUp: async (since) => {
      const rows = await services.grades.changedSince(since, whose);
      return rows.map((row) => ({
        topic: 'grade',
        accountId: row.accountId,
        courseKey: row.courseKey,
        lmsUsername: row.lmsUsername,
      }));
    },
  });
}
