import { Field, Int, ObjectType } from 'type-graphql';
import type { CourseRun, StoredCourseMode } from '../../entities/course-run.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import type { Freshness } from '../upstream/freshness.type.js';

/** The catalogue is for people who are signed in. */
export const catalogAccess: FieldAccess = { scope: 'learning:read' };

/** What the LMS's catalogue says of a run, from wherever it is known. */
export interface CourseRunDetails {
  title: string | null;
  org: string | null;
  start: Date | null;
  end: Date | null;
  enrollmentStart: Date | null;
  enrollmentEnd: Date | null;
  pacing: string | null;
  invitationOnly: boolean;
  imageUrl: string | null;
  freshness: Freshness;
}

/**
 * One run of a course. Only its key is known for sure; the rest is read when asked for, from the stored catalogue (`stored`)
 * or live, see the resolver.
 */
@Access(catalogAccess)
@ObjectType('CourseRun', {
  description: 'One run of a course in the LMS.',
  implements: Node,
  simpleResolvers: true,
})
export class CourseRunType extends Node {
  stored: CourseRun | undefined;

  /** What the catalogue says of it, once a field has asked. */
  details: Promise<CourseRunDetails | undefined> | undefined;

  @Field(() => CourseKeyScalar, { description: 'Key in the LMS, in its exact case.' })
  courseKey!: string;
}

export const CourseRunConnection = connectionOf(CourseRunType, 'CourseRun', 'course runs');

@Access()
@ObjectType('CourseMode', { description: 'A way to take part in a course run.', simpleResolvers: true })
export class CourseModeType {
  @Field(() => String, { description: 'Word of the LMS, e.g. `audit` or `verified`.' })
  slug!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => Int, { nullable: true, description: 'Lowest price, in whole units of the currency.' })
  minPrice!: number | null;

  @Field(() => String, { nullable: true, description: 'ISO 4217 code, lower case as the LMS has it.' })
  currency!: string | null;

  @Field(() => Date, { nullable: true, description: 'When the mode ends for new learners.' })
  expiresAt!: Date | null;
}

/** @param stored - the row of the synchronised catalogue, where it is at hand */
export function toCourseRun(courseKey: string, stored?: CourseRun): CourseRunType {
  return Object.assign(new CourseRunType(), { id: toGlobalId('CourseRun', courseKey), courseKey, stored });
}

export function toCourseMode({ slug, name, minPrice, currency, expiresAt }: StoredCourseMode): CourseModeType {
  return { slug, name, minPrice, currency, expiresAt: expiresAt === null ? null : new Date(expiresAt) };
}
