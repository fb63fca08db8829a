import { type TSchema, Type } from 'typebox';

/** RFC 3339 as Django REST framework writes it: UTC with `Z`, microseconds only when they are not zero. */
export const DateTime = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
});

export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Present or absent, null or not: members that releases differ about. */
export const Maybe = <S extends TSchema>(schema: S) => Type.Optional(Nullable(schema));

export const CursorPage = <S extends TSchema>(row: S) =>
  Type.Object({ next: Nullable(Type.String()), results: Type.Array(row) });

/** Page numbers beside the results. */
export const NumberedPage = <S extends TSchema>(row: S) =>
  Type.Object({
    next: Nullable(Type.String()),
    count: Type.Integer(),
    num_pages: Type.Integer(),
    results: Type.Array(row),
  });

/** Page numbers in a member of their own. */
export const NamespacedPage = <S extends TSchema>(row: S) =>
  Type.Object({
    results: Type.Array(row),
    pagination: Type.Object({ next: Nullable(Type.String()), count: Type.Integer(), num_pages: Type.Integer() }),
  });

/** A date of the LMS; null when it gives none. */
export function readDate(value: string | null | undefined): Date | null {
  return value == null ? null : new Date(value);
}
