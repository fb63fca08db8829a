import { Field, ObjectType } from 'type-graphql';
import type {
  ProgramCourseEnrollment,
  ProgramCourseStatus,
  ProgramEnrollment,
  ProgramEnrollmentStatus,
} from '../../entities/program-enrollment.entity.js';
import { Access } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { programLearningAccess } from '../organization/organization.type.js';
import { connectionOf } from '../page/connection.type.js';
import {
  ProgramCourseEnrollmentStatusEnum,
  ProgramEnrollmentStatusEnum,
} from '../program-write/enrollment-status.enum.js';
import { Freshness } from '../upstream/freshness.type.js';

/** A learner in a program. Program, learner and course runs are in the resolver. */
@Access(programLearningAccess)
@ObjectType('ProgramEnrollment', {
  description: 'A learner in a program. The LMS has the say; this is what is known of it.',
  implements: Node,
  simpleResolvers: true,
})
export class ProgramEnrollmentType extends Node {
  row!: ProgramEnrollment;

  @Field(() => ProgramEnrollmentStatusEnum, { description: 'How the learner stands in the program.' })
  status!: Uppercase<ProgramEnrollmentStatus>;

  @Field(() => Boolean, { description: 'Whether the LMS has said that it is so.' })
  confirmedByLms!: boolean;

  @Field(() => String, { nullable: true, description: 'Curriculum that the learner was enrolled into.' })
  curriculumUuid!: string | null;

  @Field(() => Date, { description: 'When the status was last written or read.' })
  asOf!: Date;
}

/** A learner in a course run within a program. The learning itself is in the resolver. */
@Access(programLearningAccess)
@ObjectType('ProgramCourseEnrollment', {
  description: 'A learner in a course run within a program.',
  simpleResolvers: true,
})
export class ProgramCourseEnrollmentType {
  row!: ProgramCourseEnrollment;
  learnerLinkId!: string;

  @Field(() => String, { description: 'Key of the run in the LMS.' })
  courseKey!: string;

  @Field(() => ProgramCourseEnrollmentStatusEnum, { description: 'How the learner stands in the course run.' })
  status!: Uppercase<ProgramCourseStatus>;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the learner is on the staff of the run; null where nobody said so.',
  })
  courseStaff!: boolean | null;

  @Field(() => Freshness, { description: 'How recent this is.' })
  freshness!: Freshness;
}

export const ProgramEnrollmentConnection = connectionOf(
  ProgramEnrollmentType,
  'ProgramEnrollment',
  'enrollments in programs',
);

const upperCase = <Word extends string>(word: Word) => word.toUpperCase() as Uppercase<Word>;

/** A row as a node of the graph. */
export function toProgramEnrollment(row: ProgramEnrollment): ProgramEnrollmentType {
  return Object.assign(new ProgramEnrollmentType(), {
    id: toGlobalId('ProgramEnrollment', row.id),
    row,
    status: upperCase(row.status),
    confirmedByLms: row.confirmedAt != null,
    curriculumUuid: row.curriculumUuid ?? null,
    asOf: row.asOf,
  });
}

/** @param learnerLinkId - whose it is */
export function toProgramCourseEnrollment(
  row: ProgramCourseEnrollment,
  learnerLinkId: string,
): ProgramCourseEnrollmentType {
  return {
    row,
    learnerLinkId,
    courseKey: row.courseKey,
    status: upperCase(row.status),
    courseStaff: row.courseStaff ?? null,
    freshness: { asOf: row.asOf, stale: false, source: 'lms' },
  };
}
