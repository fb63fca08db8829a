import { type Answer, empty, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { permissionDenied } from '../../http/errors.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';

/** `unenroll/`: ends all enrollments of a person who is being retired; only for the one who runs retirements. */
export function unenrollViews(lms: Lms): View[] {
  return [
    apiView('/api/enrollment/v1/unenroll/', {
      profile: 'P2',
      permission: (call) => {
        const { username, isSuperuser } = call.user;
        if (username !== lms.state.site.retirementWorker && !isSuperuser) throw permissionDenied();
      },
      methods: { POST: (call) => unenroll(lms, call) },
    }),
  ];
}

async function unenroll({ state, announcer }: Lms, call: Call): Promise<Answer> {
  const body: unknown = await call.data();
  const username = body !== null && typeof body === 'object' && 'username' in body ? body.username : undefined;
  if (typeof username !== 'string') return json('Username not specified.', 404);
  const isRetiring = [...state.retirements.values()].some((request) => request.originalUsername === username);
  if (!isRetiring) return json('No retirement request status for username.', 404);
  const active = state.enrollmentsByUsername.of(username.toLowerCase()).filter(({ isActive }) => isActive);
  if (active.length === 0) return empty(204);
  for (const row of active) {
    const ended = { ...row, isActive: false };
    state.putEnrollment(ended);
    announcer.enrolled(row, ended);
  }
  return json([...new Set(active.map(({ courseKey }) => state.course(courseKey)?.org ?? ''))]);
}
