import { Type } from 'typebox';
import { createParser, createRowsParser } from '../upstream/parser.js';
import { DateTime, Maybe, NamespacedPage, Nullable } from './wire-types.js';

const Course = Type.Object({
  course_id: Type.String(),
  name: Nullable(Type.String()),
  number: Nullable(Type.String()),
  org: Nullable(Type.String()),
  short_description: Maybe(Type.String()),
  effort: Maybe(Type.String()),
  start: Nullable(DateTime),
  start_type: Maybe(Type.String()),
  end: Nullable(DateTime),
  enrollment_start: Nullable(DateTime),
  enrollment_end: Nullable(DateTime),
  pacing: Maybe(Type.String()),
  /** Absent before about 2020. */
  hidden: Maybe(Type.Boolean()),
  invitation_only: Maybe(Type.Boolean()),
  media: Type.Object({
    course_image: Type.Optional(Type.Object({ uri: Nullable(Type.String()) })),
    image: Type.Optional(Type.Object({ raw: Nullable(Type.String()) })),
  }),
});

export type WireCourse = Type.Static<typeof Course>;

export const parseCourse = createParser('lms', Course);
/** Rows are looked at one by one: what is odd about one course run is no matter of the others. */
export const parseCoursePage = createParser('lms', NamespacedPage(Type.Unknown()));
export const parseCourseRows = createRowsParser('lms', Course);
