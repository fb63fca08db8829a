import type { Call } from '../http/call.js';
import { permissionDenied } from '../http/errors.js';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';
import { parseCourseKey } from './course-key.js';

export function isCallerStaff(call: Call): boolean {
  return call.caller?.user.isStaff === true;
}

/** A valid API key counts as much as being staff, on the views that read it. */
export function isPrivileged(call: Call): boolean {
  return call.hasApiKey || isCallerStaff(call);
}

/** @throws ApiError 403 for everybody but staff */
export function requireStaff(call: Call): void {
  if (!isCallerStaff(call)) throw permissionDenied();
}

/**
 * Staff, or the person whom the call names: in the path, else in the query, in any letter case. A restricted application
 * also needs the course's organization, and its user, in its filters; its scope was checked before.
 *
 * @throws ApiError 403
 */
export function requireStaffOrSelf(call: Call): void {
  if (call.caller === null) return;
  const { user, isRestricted, filters } = call.caller;
  const named = (call.params.username ?? call.argument('username') ?? '').toLowerCase();
  const isSelf = named === user.username.toLowerCase();
  if (!isRestricted) {
    if (user.isStaff || isSelf) return;
    throw permissionDenied();
  }
  const org = parseCourseKey(call.params.course_key ?? call.argument('course_id') ?? '')?.org;
  const organizations = filters.filter((filter) => filter.startsWith('content_org:'));
  if (organizations.length > 0 && !organizations.includes(`content_org:${org}`)) throw permissionDenied();
  if (filters.includes('user:me') && !isSelf) throw permissionDenied();
}

/** Whether a user holds a staff-like role in one course, or in its whole organization. Global staff holds all. */
export function isCourseStaff({ state }: Lms, user: LmsUser, courseKey: string): boolean {
  if (user.isStaff) return true;
  const org = parseCourseKey(courseKey)?.org;
  return [...state.courseRoles.values()].some(
    (role) =>
      role.username.toLowerCase() === user.username.toLowerCase() &&
      ['staff', 'instructor'].includes(role.role) &&
      (role.courseKey === null ? role.org === org : role.courseKey.toLowerCase() === courseKey.toLowerCase()),
  );
}
