import { createHash } from 'node:crypto';
import type { LmsState } from '../lms/state.js';
import type { CatalogCourse, CatalogRun, Curriculum, Organization, Program } from './rows.js';

/** The partner that hosts without one of their own belong to. */
export const FIRST_PARTNER = 'demo';
const CATALOG_SITE = 'https://catalog.example.org';

/** Names of program types as Discovery delivers them. */
export const TYPE_NAMES: Readonly<Record<string, string>> = {
  masters: 'Masters',
  bachelors: 'Bachelors',
  doctorate: 'Doctorate',
  license: 'License',
  certificate: 'Certificate',
  micromasters: 'MicroMasters',
  microbachelors: 'MicroBachelors',
  'professional-certificate': 'Professional Certificate',
  'professional-program-wl': 'Professional Program',
  xseries: 'XSeries',
};

/** A UUID that a key always has. */
export function uuidOf(kind: string, key: string): string {
  const digits = createHash('sha256').update(`${kind} ${key}`).digest('hex');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

export function addProgramTypes({ catalog }: LmsState): void {
  for (const [slug, name] of Object.entries(TYPE_NAMES))
    catalog.programTypes.set(slug, { uuid: uuidOf('type', slug), slug, name });
}

export type NewOrganization = Pick<Organization, 'key'> & Partial<Organization>;

export function addOrganization({ catalog }: LmsState, organization: NewOrganization): void {
  const { key } = organization;
  catalog.putOrganization({
    uuid: uuidOf('organization', key),
    name: key,
    partner: FIRST_PARTNER,
    isInLms: true,
    ...organization,
  });
}

export type NewRun = Pick<CatalogRun, 'key'> & Partial<CatalogRun>;
export type NewCatalogCourse = Pick<CatalogCourse, 'key'> &
  Partial<Omit<CatalogCourse, 'runs'>> & { readonly runs: readonly NewRun[] };

/** Adds a course with its runs; what is not said of a run comes from the LMS's course of that key. */
export function addCatalogCourse(state: LmsState, course: NewCatalogCourse): void {
  const [org = ''] = course.key.split('+');
  const title = course.title ?? state.course(course.runs[0]?.key ?? '')?.displayName ?? course.key;
  state.catalog.courses.set(course.key, {
    uuid: uuidOf('course', course.key),
    title,
    owners: [org],
    ...course,
    runs: course.runs.map((run) => newRun(state, title, run)),
  });
}

function newRun(state: LmsState, title: string, run: NewRun): CatalogRun {
  const course = state.course(run.key);
  return {
    uuid: uuidOf('run', run.key),
    title: course?.displayName ?? title,
    externalKey: null,
    marketingUrl: `${CATALOG_SITE}/course/${encodeURIComponent(run.key)}`,
    start: course?.start ?? null,
    end: course?.end ?? null,
    enrollmentStart: course?.enrollmentStart ?? null,
    enrollmentEnd: course?.enrollmentEnd ?? null,
    isSelfPaced: course?.selfPaced ?? false,
    status: 'published',
    seatTypes: course?.modes.map(({ slug }) => slug) ?? [],
    ...run,
  };
}

export type NewCurriculum = Pick<Curriculum, 'uuid' | 'courses'> & Partial<Curriculum>;
export type NewProgram = Pick<Program, 'uuid' | 'title' | 'organizations'> &
  Partial<Omit<Program, 'curricula'>> & { readonly curricula?: readonly NewCurriculum[] };

/** Adds a program, active and a Masters unless it says otherwise. */
export function addProgram({ catalog }: LmsState, program: NewProgram): Program {
  const { type = 'masters', marketingSlug = '' } = program;
  const row: Program = {
    subtitle: '',
    type,
    status: 'active',
    marketingSlug,
    marketingUrl: marketingSlug === '' ? null : `${CATALOG_SITE}/${type}/${marketingSlug}`,
    isHidden: false,
    partner: FIRST_PARTNER,
    courses: [],
    reports: {},
    modified: '2026-01-02T08:00:00Z',
    ...program,
    curricula: (program.curricula ?? []).map((curriculum) => ({
      name: 'Curriculum',
      isActive: true,
      excludedRuns: [],
      programs: [],
      ...curriculum,
    })),
  };
  catalog.programs.set(row.uuid, row);
  return row;
}
