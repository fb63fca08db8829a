import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { rowOutcomes } from '../../entities/operation.entity.js';

const RowInput = Type.Object({
  /** The learner's key as it is compared. */
  fold: Type.String(),
  status: Type.String(),
  /** The course run as the row names it. */
  courseId: Type.Optional(Type.String()),
  /** The course run that it is; missing when there is none. */
  courseKey: Type.Optional(Type.String()),
  courseStaff: Type.Optional(Type.Boolean()),
  /** Why the row is not sent. */
  refusal: Type.Optional(Type.Object({ outcome: Type.Enum([...rowOutcomes]), reason: Type.String() })),
});

/** What a row of an operation that writes enrollments holds, beside the key. */
export type EnrollmentRowInput = Static<typeof RowInput>;

/** @throws Error for a row that this module did not write */
export function readRowInput(input: unknown): EnrollmentRowInput {
  if (Value.Check(RowInput, input)) return input;
  throw new Error('a row of an operation that writes enrollments holds something else');
}
