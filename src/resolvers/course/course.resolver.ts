import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { courseKeyOf } from '../../datasources/course-key.js';
import type { CourseRun } from '../../entities/course-run.entity.js';
import type { GraphContext } from '../context.js';
import { CourseRunType, toCourseRun } from '../course-run/course-run.type.js';
import { CourseType, toCourse } from './course.type.js';

@Resolver(() => CourseType)
export class CourseResolver {
  @FieldResolver(() => String, { nullable: true, description: 'Title of the latest run.' })
  async title(@Root() course: CourseType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await visibleRuns(course, context)).at(-1)?.title ?? null;
  }

  @FieldResolver(() => [CourseRunType], {
    description:
      'Runs of the catalogue as last synchronised with the LMS, oldest first. Runs that the LMS hides are shown to STAFF only.',
  })
  async runs(@Root() course: CourseType, @Ctx() context: GraphContext): Promise<CourseRunType[]> {
    return (await visibleRuns(course, context)).map((row) => toCourseRun(row.courseKey, row));
  }
}

@Resolver(() => CourseRunType)
export class CourseOfRunResolver {
  @FieldResolver(() => CourseType, { nullable: true, description: 'The course that it is a run of.' })
  course(@Root() { courseKey }: CourseRunType): CourseType | null {
    const key = courseKeyOf(courseKey);
    return key === undefined ? null : toCourse(key);
  }
}

/** By their start; those without one last. */
async function visibleRuns({ key }: CourseType, { stored, viewer }: GraphContext): Promise<CourseRun[]> {
  const runs = await stored.runsOfCourse.load(key);
  return runs
    .filter(({ hidden }) => !hidden || viewer.roles.has('STAFF'))
    .sort((a, b) => (a.start?.getTime() ?? Infinity) - (b.start?.getTime() ?? Infinity));
}
