import { type TSchema, Type } from 'typebox';
import type { Curriculum, CurriculumRun, ProgramDetails } from '../../entities/program.entity.js';
import { createParser, createRowsParser } from '../upstream/parser.js';

const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Maybe = <S extends TSchema>(schema: S) => Type.Optional(Nullable(schema));

const Run = Type.Object({
  key: Type.String({ minLength: 1 }),
  title: Maybe(Type.String()),
  external_key: Maybe(Type.String()),
  marketing_url: Maybe(Type.String()),
  start: Maybe(Type.String()),
});
type Run = Type.Static<typeof Run>;

const Course = Type.Object({ key: Maybe(Type.String()), course_runs: Type.Optional(Type.Array(Run)) });
type Course = Type.Static<typeof Course>;

const Program = Type.Object({
  uuid: Type.String({ pattern: '^[0-9a-fA-F-]{36}$' }),
  title: Maybe(Type.String()),
  /** The displayed name of the type: it may be translated, and renamed. */
  type: Maybe(Type.String()),
  type_attrs: Maybe(Type.Object({ slug: Maybe(Type.String()) })),
  status: Maybe(Type.String()),
  marketing_slug: Maybe(Type.String()),
  marketing_url: Maybe(Type.String()),
  authoring_organizations: Type.Optional(
    Type.Array(Type.Object({ uuid: Type.String(), key: Type.String(), name: Maybe(Type.String()) })),
  ),
  courses: Type.Optional(Type.Array(Course)),
  curricula: Type.Optional(
    Type.Array(
      Type.Object({
        uuid: Type.String(),
        name: Maybe(Type.String()),
        is_active: Type.Boolean(),
        courses: Type.Optional(Type.Array(Course)),
        programs: Type.Optional(Type.Array(Type.Object({ uuid: Type.String() }))),
      }),
    ),
  ),
});
type WireProgram = Type.Static<typeof Program>;

/** Rows are looked at one by one: what is odd about one program is no matter of the others. */
export const parseProgramPage = createParser(
  'discovery',
  Type.Object({ next: Nullable(Type.String()), count: Type.Integer(), results: Type.Array(Type.Unknown()) }),
);
export const parseProgramRows = createRowsParser('discovery', Program);

/** A program as Discovery describes it. */
export interface DiscoveryProgram {
  uuid: string;
  title: string | null;
  typeSlug: string | null;
  typeName: string | null;
  status: string | null;
  url: string | null;
  marketingSlug: string | null;
  /** The first curriculum that is active; null when none is. */
  activeCurriculumUuid: string | null;
  details: ProgramDetails;
}

/** Takes over what Portico uses of a program. */
export function toDiscoveryProgram(program: WireProgram): DiscoveryProgram {
  const curricula = (program.curricula ?? []).map(
    (curriculum): Curriculum => ({
      uuid: curriculum.uuid,
      name: curriculum.name ?? null,
      isActive: curriculum.is_active,
      runs: runsOf(curriculum.courses),
      programs: (curriculum.programs ?? []).map(({ uuid }) => uuid),
    }),
  );
  return {
    uuid: program.uuid.toLowerCase(),
    title: program.title || null,
    typeSlug: program.type_attrs?.slug || null,
    typeName: program.type || null,
    status: program.status ?? null,
    url: program.marketing_url ?? null,
    marketingSlug: program.marketing_slug || null,
    activeCurriculumUuid: curricula.find(({ isActive }) => isActive)?.uuid ?? null,
    details: {
      organizations: (program.authoring_organizations ?? []).map(({ uuid, key, name }) => ({
        uuid,
        key,
        name: name || key,
      })),
      curricula,
      runs: runsOf(program.courses),
    },
  };
}

/** Each run once, in the order of the courses. */
function runsOf(courses: readonly Course[] | undefined): CurriculumRun[] {
  const runs = (courses ?? []).flatMap((course) => (course.course_runs ?? []).map((run) => toRun(course, run)));
  return [...new Map(runs.map((run) => [run.courseKey, run])).values()];
}

function toRun(course: Course, run: Run): CurriculumRun {
  return {
    courseKey: run.key,
    externalKey: run.external_key || null,
    title: run.title || null,
    url: run.marketing_url ?? null,
    course: course.key ?? null,
  };
}
