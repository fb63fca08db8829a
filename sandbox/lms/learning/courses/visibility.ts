import type { Call } from '../../http/call.js';
import { ApiError, permissionDenied } from '../../http/errors.js';
import type { Lms } from '../../lms.js';
import type { LmsUser } from '../../rows.js';
import { isCallerStaff } from '../access.js';

/**
 * Whose view of the catalogue a call asks for. Without `username` it is the anonymous one, whoever asks.
 *
 * @returns null for the anonymous view
 * @throws ApiError 403 for somebody else's view without being staff, 404 for an unknown user
 */
export function effectiveUser({ state }: Lms, call: Call): LmsUser | null {
  const username = call.argument('username')?.trim();
  if (!username) return null;
  if (username === call.caller?.user.username) return call.caller.user;
  if (!isCallerStaff(call)) throw permissionDenied();
  const user = state.user(username);
  if (user === undefined) throw new ApiError(404, 'User matching query does not exist.');
  return user;
}
