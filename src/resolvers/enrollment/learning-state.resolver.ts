import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphContext } from '../context.js';
import { EnrollmentType } from './enrollment.type.js';
import { ProgressType, toProgress } from './progress.type.js';

/** What a learner's own page shows of an enrollment beside grade and certificate. */
@Resolver(() => EnrollmentType)
export class LearningStateResolver {
  @FieldResolver(() => ProgressType, {
    nullable: true,
    complexity: 3,
    description: 'How far the learner has come, live. Null while the learner does not take part.',
  })
  async progress(@Root() enrollment: EnrollmentType, @Ctx() context: GraphContext): Promise<ProgressType | null> {
    if (!takesPart(enrollment)) return null;
    const { lmsUsername: username, courseKey } = enrollment;
    const userId = await lmsUserIdOf(enrollment, context);
    return toProgress(await context.learning.progress.load({ username, courseKey, userId }));
  }

  @FieldResolver(() => String, {
    nullable: true,
    complexity: 2,
    description:
      'Where the learner goes on in the LMS: where they were last, else the first page of the course run. Null while the learner does not take part.',
  })
  async resumeUrl(@Root() enrollment: EnrollmentType, @Ctx() { learning }: GraphContext): Promise<string | null> {
    if (!takesPart(enrollment)) return null;
    const points = await learning.resumePointsOf.load(enrollment.lmsUsername);
    return points.value.find(({ courseKey }) => courseKey === enrollment.courseKey)?.url ?? null;
  }
}

function takesPart({ confirmedByLms, state }: EnrollmentType): boolean {
  return confirmedByLms && state === 'ACTIVE';
}

/** Kept with the link since the LMS user was made; else asked for. */
async function lmsUserIdOf(
  { ownerId, lmsUsername }: EnrollmentType,
  { stored, learning }: GraphContext,
): Promise<number | undefined> {
  const link = ownerId === null ? undefined : await stored.edxLinkOf.load(ownerId);
  const isSame = link?.edxUsername?.toLowerCase() === lmsUsername.toLowerCase();
  if (isSame && link?.edxUserId != null) return link.edxUserId;
  return (await learning.lmsUser.load(lmsUsername)).value?.id ?? undefined;
}
