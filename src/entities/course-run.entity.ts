import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A way to take part in a course run, as stored: dates are RFC 3339. */
export interface StoredCourseMode {
  /** `audit`, `verified`, … */
  slug: string;
  name: string;
  /** In whole units of `currency`. */
  minPrice: number;
  currency: string;
  /** Nobody can choose the mode after it. */
  expiresAt: string | null;
}

/** A course run as last seen in the LMS's catalogue. Dates are null where the LMS has none. */
export const CourseRunEntity = defineEntity({
  name: 'CourseRun',
  tableName: 'course_run',
  properties: {
    ...baseProperties,
    courseKey: p.text(),
    title: p.text(),
    org: p.text(),
    number: p.text(),
    start: p.datetime().nullable(),
    end: p.datetime().nullable(),
    enrollmentStart: p.datetime().nullable(),
    enrollmentEnd: p.datetime().nullable(),
    pacing: p.text().nullable(),
    invitationOnly: p.boolean().default(false),
    hidden: p.boolean().default(false),
    imageUrl: p.text().nullable(),
    /** When the LMS last said so. */
    asOf: p.datetime(),
    /** All modes, ended ones too; null until they were read. */
    modes: p.json<StoredCourseMode[]>().nullable(),
    modesAsOf: p.datetime().nullable(),
  },
});
export type CourseRun = InferEntity<typeof CourseRunEntity>;
