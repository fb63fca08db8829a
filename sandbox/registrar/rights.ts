import { activeCurriculum } from '../catalog/catalog-tables.js';
import type { CatalogRun, Program } from '../catalog/rows.js';
import type { Call } from '../lms/http/call.js';
import { notFound, permissionDenied } from '../lms/http/errors.js';
import type { Lms } from '../lms/lms.js';
import type { LmsUser } from '../lms/rows.js';

export const PERMISSIONS = ['read_enrollments', 'read_metadata', 'read_reports', 'write_enrollments'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** The only type of program, by its displayed name, whose enrollments the Registrar lets anybody see. */
const MASTERS = 'Masters';

/** Programs that the Registrar keeps: a key is the slug, and without one a program is not there. */
export function keptPrograms({ state }: Lms): Program[] {
  return [...state.catalog.programs.values()].filter(({ marketingSlug }) => /^[A-Za-z0-9_-]+$/.test(marketingSlug));
}

/** The program of the path; its database compares keys without regard to case. @throws ApiError 404 */
export function findProgram(lms: Lms, call: Call): Program {
  const key = call.param('program_key').toLowerCase();
  const program = keptPrograms(lms).find(({ marketingSlug }) => marketingSlug.toLowerCase() === key);
  if (program === undefined) throw notFound();
  return program;
}

/** Displayed name of a program's type. */
export function typeNameOf({ state }: Lms, program: Program): string | null {
  return state.catalog.programTypes.get(program.type)?.name ?? null;
}

/**
 * What somebody may do with a program. Superusers may do everything; the service worker has the roles of `DemoU`, and of
 * every other organization; nobody else was given any. Enrollments of other than Masters are for nobody.
 */
export function permissionsOf(lms: Lms, user: LmsUser, program: Program): Permission[] {
  const isGranted = user.isSuperuser || isServiceWorker(lms, user);
  if (!isGranted || !user.isActive) return [];
  const isMasters = typeNameOf(lms, program) === MASTERS;
  return PERMISSIONS.filter((name) => isMasters || !name.endsWith('_enrollments'));
}

function isServiceWorker({ credentials }: Lms, { username }: LmsUser): boolean {
  return username === credentials.worker.username;
}

/** @throws ApiError 404 for a program that is not there, then 403 for one without the permission */
export function requirePermission(lms: Lms, call: Call, permission: Permission): void {
  const program = findProgram(lms, call);
  if (!permissionsOf(lms, call.user, program).includes(permission)) throw permissionDenied();
}

/** Runs in the root of a program's active curriculum. */
export function runsOf({ state }: Lms, program: Program): CatalogRun[] {
  const curriculum = activeCurriculum(program);
  return curriculum === undefined ? [] : state.catalog.curriculumRuns(program, curriculum.uuid);
}

/** A run by its own key or by what the school calls it; letter case counts. */
export function findRun(lms: Lms, program: Program, id: string): CatalogRun | undefined {
  return runsOf(lms, program).find(({ key, externalKey }) => key === id || externalKey === id);
}
