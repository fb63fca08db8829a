import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { CursorPage, DateTime, Nullable } from './wire-types.js';

const Mode = Type.Object({
  slug: Type.String(),
  name: Type.String(),
  min_price: Type.Integer(),
  currency: Type.String(),
  expiration_datetime: Nullable(DateTime),
});

const CourseDetails = Type.Object({
  course_id: Type.String(),
  course_name: Nullable(Type.String()),
  enrollment_start: Nullable(DateTime),
  enrollment_end: Nullable(DateTime),
  course_start: Nullable(DateTime),
  course_end: Nullable(DateTime),
  invite_only: Type.Boolean(),
  course_modes: Type.Array(Mode),
});

const common = { created: Nullable(DateTime), mode: Type.String(), is_active: Type.Boolean(), user: Type.String() };
const Enrollment = Type.Object({ ...common, course_details: Type.Object({ course_id: Type.String() }) });
const EnrollmentRow = Type.Object({ ...common, course_id: Type.String() });

export type WireEnrollment = Type.Static<typeof Enrollment>;
export type WireEnrollmentRow = Type.Static<typeof EnrollmentRow>;
export type WireCourseDetails = Type.Static<typeof CourseDetails>;

export const parseEnrollment = createParser('lms', Enrollment);
export const parseEnrollments = createParser('lms', Type.Array(Enrollment));
export const parseEnrollmentPage = createParser('lms', CursorPage(EnrollmentRow));
export const parseCourseDetails = createParser('lms', CourseDetails);
