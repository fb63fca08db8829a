import { Type } from 'typebox';
import { createParser, createRowsParser } from '../upstream/parser.js';
import { CursorPage, Nullable } from './wire-types.js';

const Grade = Type.Object({
  username: Type.String(),
  course_id: Type.String(),
  passed: Type.Boolean(),
  /** 0..1, above with extra credit. */
  percent: Type.Number(),
  letter_grade: Nullable(Type.String()),
});

export type WireGrade = Type.Static<typeof Grade>;

export const parseGrades = createParser('lms', Type.Array(Grade));
/**
 * Old releases answer the list of a course without pages. Rows are looked at one by one: what is odd about one learner's grade is
 * no matter of the others.
 */
export const parseGradePage = createParser('lms', Type.Union([CursorPage(Type.Unknown()), Type.Array(Type.Unknown())]));
export const parseGradeRows = createRowsParser('lms', Grade);
