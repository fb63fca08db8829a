import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
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
/** Old releases answer the list of a course without pages. */
export const parseGradePage = createParser('lms', Type.Union([CursorPage(Grade), Type.Array(Grade)]));
