import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import type { Lms } from '../../lms.js';

/**
 * Deletes the program enrollments of an organization and the accounts that are linked to them: a feature of test
 * installations, off unless the setting `enrollmentReset` says otherwise.
 */
export async function resetOrganization(lms: Lms, call: Call): Promise<Answer> {
  const { state } = lms;
  if (state.settings.enrollmentReset !== true) return json('reset not enabled on this environment', 501);
  const body: unknown = await call.data();
  const key = body !== null && typeof body === 'object' && 'organization' in body ? body.organization : undefined;
  if (typeof key !== 'string' || key === '') return json("missing required body content 'organization'", 400);
  if (state.catalog.organization(key)?.isInLms !== true) return json(`organization ${key} not found`, 404);
  const programs = [...state.catalog.programs.values()].filter(({ organizations }) => organizations[0] === key);
  state.atomically(() => {
    for (const row of programs.flatMap(({ uuid }) => state.programs.byProgram.of(uuid))) {
      if (row.username !== null) deleteUser(lms, row.username);
      state.programs.delete(row);
    }
  });
  return json('success');
}

function deleteUser({ state }: Lms, username: string): void {
  const name = username.toLowerCase();
  for (const link of state.linksByUsername.of(name)) state.deleteLink(link);
  for (const { courseKey } of state.enrollmentsByUsername.of(name))
    state.enrollments.delete(`${name} ${courseKey.toLowerCase()}`);
  state.users.delete(name);
}
