import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { EnrollmentFilter } from '../enrollment/enrollment.input.js';
import { readEnrollmentFilter } from '../enrollment/enrollment.resolver.js';
import { EnrollmentConnection, type EnrollmentPage } from '../enrollment/enrollment-connection.type.js';
import { GradeConnection, type GradePage } from '../grade/grade-connection.type.js';
import { readFirst } from '../page/read-page.js';
import { CourseRunType } from './course-run.type.js';
import { courseRunEnrollments } from './course-run-enrollments.js';
import { courseRunGrades } from './course-run-grades.js';

/** Who takes part in a course run, for staff. */
@Resolver(() => CourseRunType)
export class CourseRunLearnersResolver {
  @Access({ scope: 'learning:read', role: 'STAFF' })
  @FieldResolver(() => EnrollmentConnection, {
    nullable: true,
    complexity: 3,
    description:
      'Enrollments as the LMS has them, whether the learner has an account here or not, newest first; also inactive ones, unless the filter says otherwise. Null while they are unknown. With a filter a page may be shorter than asked for although more follow: look at `pageInfo.hasNextPage`.',
  })
  enrollments(
    @Root() { courseKey }: CourseRunType,
    @Arg('first', () => Int, { nullable: true, description: 'How many: 20 unless given, at most 200.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor that the page begins after.' })
    after: string | null,
    @Arg('filter', () => EnrollmentFilter, { nullable: true, description: 'Which enrollments.' })
    filter: EnrollmentFilter | null,
    @Ctx() context: GraphContext,
  ): Promise<EnrollmentPage> {
    const page = { size: readFirst(first), after: after ?? undefined, filter: readEnrollmentFilter(filter) };
    return courseRunEnrollments(courseKey, page, context);
  }

  @Access({ scope: 'learning:read', role: 'STAFF' })
  @FieldResolver(() => GradeConnection, {
    nullable: true,
    complexity: 3,
    description:
      'Exact grades of all who take part, as the LMS has them, whether the learner has an account here or not: who enrolled first comes first. Null while they are unknown.',
  })
  grades(
    @Root() { courseKey }: CourseRunType,
    @Arg('first', () => Int, { nullable: true, description: 'How many: 20 unless given, at most 200.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor that the page begins after.' })
    after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<GradePage> {
    return courseRunGrades(courseKey, { size: readFirst(first), after: after ?? undefined }, context);
  }
}
