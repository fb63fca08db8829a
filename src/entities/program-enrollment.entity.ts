import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** Statuses in the words of the LMS. */
export const programEnrollmentStatuses = ['enrolled', 'pending', 'suspended', 'canceled', 'ended'] as const;
export type ProgramEnrollmentStatus = (typeof programEnrollmentStatuses)[number];

export const programCourseStatuses = ['active', 'inactive'] as const;
export type ProgramCourseStatus = (typeof programCourseStatuses)[number];

/** A learner's enrollment in a program: the LMS has the say, this is what is known of it here. One per program and learner. */
export const ProgramEnrollmentEntity = defineEntity({
  name: 'ProgramEnrollment',
  tableName: 'program_enrollment',
  properties: {
    ...baseProperties,
    programId: p.uuid(),
    curriculumUuid: p.uuid().nullable(),
    learnerLinkId: p.uuid(),
    status: p.enum(programEnrollmentStatuses).$type<ProgramEnrollmentStatus>(),
    /** When the LMS last confirmed it; null: never. */
    confirmedAt: p.datetime().nullable(),
    /** When the status was last written or read. */
    asOf: p.datetime(),
  },
});
export type ProgramEnrollment = InferEntity<typeof ProgramEnrollmentEntity>;

/** A learner's enrollment in a course run within a program. One per program enrollment and run. */
export const ProgramCourseEnrollmentEntity = defineEntity({
  name: 'ProgramCourseEnrollment',
  tableName: 'program_course_enrollment',
  properties: {
    ...baseProperties,
    programEnrollmentId: p.uuid(),
    courseKey: p.text(),
    status: p.enum(programCourseStatuses).$type<ProgramCourseStatus>(),
    /** Whether the learner is on the staff of the run; null: not said. */
    courseStaff: p.boolean().nullable(),
    confirmedAt: p.datetime().nullable(),
    asOf: p.datetime(),
  },
});
export type ProgramCourseEnrollment = InferEntity<typeof ProgramCourseEnrollmentEntity>;
