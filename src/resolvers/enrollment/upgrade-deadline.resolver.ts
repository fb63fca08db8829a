import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { isUpgraded, upgradeDeadlineOf } from '../../services/course-run/check-modes.js';
import type { GraphContext } from '../context.js';
import { courseModes } from '../course-run/course-modes.js';
import { EnrollmentType } from './enrollment.type.js';

@Resolver(() => EnrollmentType)
export class UpgradeDeadlineResolver {
  @FieldResolver(() => Date, {
    nullable: true,
    complexity: 2,
    description:
      'Until when the learner can upgrade to `verified`: the end of that mode in the course run. Null without an end, where the run does not offer it, and for who has it.',
  })
  async upgradeDeadline(
    @Root() { courseKey, mode }: EnrollmentType,
    @Ctx() context: GraphContext,
  ): Promise<Date | null> {
    return isUpgraded(mode) ? null : upgradeDeadlineOf(await courseModes({ courseKey, stored: undefined }, context));
  }
}
