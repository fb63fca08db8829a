import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import { Freshness } from '../upstream/freshness.type.js';
import { courseModes } from './course-modes.js';
import { CourseRunFilter } from './course-run.input.js';
import {
  CourseModeType,
  CourseRunConnection,
  type CourseRunDetails,
  CourseRunType,
  catalogAccess,
  toCourseMode,
  toCourseRun,
} from './course-run.type.js';
import { detailsOf } from './course-run-details.js';

@Resolver(() => CourseRunType)
export class CourseRunResolver {
  @Access(catalogAccess)
  @Query(() => CourseRunType, {
    nullable: true,
    description: 'One course run; null when the LMS has none of this key.',
  })
  async courseRun(
    @Arg('courseKey', () => CourseKeyScalar, { description: 'Key in the LMS.' }) courseKey: string,
    @Ctx() context: GraphContext,
  ): Promise<CourseRunType | null> {
    return findCourseRun(courseKey, context);
  }

  @Access(catalogAccess)
  @Query(() => CourseRunConnection, {
    description: 'The catalogue as last synchronised with the LMS. Runs that the LMS hides are shown to STAFF only.',
  })
  async courseRuns(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => CourseRunFilter, { nullable: true, description: 'Which runs.' })
    filter: CourseRunFilter | null,
    @Ctx() { services, viewer }: GraphContext,
  ) {
    const { text, org } = filter ?? {};
    const found = await services.courseRuns.list(
      { ...(text != null && { text }), ...(org != null && { org }), withHidden: viewer.roles.has('STAFF') },
      readPage(page),
    );
    return toConnection(found, (row) => toCourseRun(row.courseKey, row));
  }

  @FieldResolver(() => String, { nullable: true, description: 'Title.' })
  title(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('title', run, context);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Organization, as in the key.' })
  org(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('org', run, context);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When the run starts.' })
  start(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('start', run, context);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When the run ends.' })
  end(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('end', run, context);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When enrolling becomes possible.' })
  enrollmentStart(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('enrollmentStart', run, context);
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When enrolling ends.' })
  enrollmentEnd(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('enrollmentEnd', run, context);
  }

  @FieldResolver(() => String, { nullable: true, description: '`self` or `instructor`.' })
  pacing(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('pacing', run, context);
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether learners must be invited.' })
  invitationOnly(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('invitationOnly', run, context);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Picture for a catalogue.' })
  imageUrl(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('imageUrl', run, context);
  }

  @FieldResolver(() => Freshness, { nullable: true, description: 'How recent title, dates and the rest are.' })
  freshness(@Root() run: CourseRunType, @Ctx() context: GraphContext) {
    return detail('freshness', run, context);
  }

  @FieldResolver(() => [CourseModeType], {
    nullable: true,
    complexity: 2,
    description: 'Ways to take part, those that have ended among them.',
  })
  async modes(@Root() run: CourseRunType, @Ctx() context: GraphContext): Promise<CourseModeType[]> {
    return (await courseModes(run, context)).map(toCourseMode);
  }
}

/** From the stored catalogue, or live for a run that is not in it yet. */
export async function findCourseRun(courseKey: string, context: GraphContext): Promise<CourseRunType | null> {
  const row = await context.stored.courseRun.load(courseKey);
  if (row) return toCourseRun(courseKey, row);
  const live = await context.learning.courseRun.load(courseKey);
  return live.value ? toCourseRun(live.value.courseKey) : null;
}

async function detail<Name extends keyof CourseRunDetails>(
  name: Name,
  run: CourseRunType,
  context: GraphContext,
): Promise<CourseRunDetails[Name] | null> {
  return (await detailsOf(run, context))?.[name] ?? null;
}
