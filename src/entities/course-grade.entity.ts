import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A learner's grade in a course run as the LMS was last seen to have it. One row per account and course run. */
export const CourseGradeEntity = defineEntity({
  name: 'CourseGrade',
  tableName: 'course_grade',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    courseKey: p.text(),
    lmsUsername: p.text(),
    /** 0..1; above 1 with extra credit. */
    percent: p.float(),
    letterGrade: p.text().nullable(),
    passed: p.boolean(),
    /** When the LMS last said so. */
    asOf: p.datetime(),
  },
});
export type CourseGrade = InferEntity<typeof CourseGradeEntity>;
