import { type Answer, empty, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { apiView, type View } from '../../http/view.js';
import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import { type EnrollmentAllowed } from '../../rows.js';
import { enrollmentKey } from '../../state.js';
import { requireStaff } from '../access.js';

/** `enrollment_allowed/`: who may enroll later, by e-mail, before there is an account. */
export function enrollmentAllowedViews(lms: Lms): View[] {
  return [
    apiView('/api/enrollment/v1/enrollment_allowed/', {
      profile: 'P2',
      permission: requireStaff,
      throttle: 'enrollment',
      isHidden: () => lms.state.settings.oldRelease,
      methods: {
        GET: (call) => list(lms, call),
        POST: (call) => create(lms, call),
        DELETE: (call) => remove(lms, call),
      },
    }),
  ];
}

function view({ email, courseKey, autoEnroll, created, userId }: EnrollmentAllowed): Record<string, unknown> {
  return { email, course_id: courseKey, auto_enroll: autoEnroll, created, user: userId };
}

function list({ state }: Lms, call: Call): Answer {
  const email = (call.argument('email') ?? call.user.email).toLowerCase();
  return json([...state.enrollmentAllowed.values()].filter((row) => row.email.toLowerCase() === email).map(view));
}

const INCOMPLETE = json({ message: "Please provide a value for 'email' and 'course_id' in the request data." }, 400);

async function readPair(
  call: Call,
): Promise<{ email: string; courseKey: string; data: Readonly<Record<string, unknown>> } | null> {
  const body: unknown = await call.data();
  const data: Record<string, unknown> = body !== null && typeof body === 'object' ? { ...body } : {};
  const { email, course_id: courseKey } = data;
  return typeof email === 'string' && email !== '' && typeof courseKey === 'string' && courseKey !== ''
    ? { email, courseKey, data }
    : null;
}

async function create({ state }: Lms, call: Call): Promise<Answer> {
  const pair = await readPair(call);
  if (pair === null) return INCOMPLETE;
  const { email, courseKey, data } = pair;
  const key = enrollmentKey(email, courseKey);
  if (state.enrollmentAllowed.has(key))
    return json({ message: `An enrollment allowed with email ${email} and course ${courseKey} already exists.` }, 409);
  const row = { email, courseKey, autoEnroll: data.auto_enroll === true, userId: null, created: toInstant(call.now) };
  state.enrollmentAllowed.set(key, row);
  return json(view(row), 201);
}

async function remove({ state }: Lms, call: Call): Promise<Answer> {
  const pair = await readPair(call);
  if (pair === null) return INCOMPLETE;
  const { email, courseKey } = pair;
  if (state.enrollmentAllowed.delete(enrollmentKey(email, courseKey))) return empty(204);
  return json({ message: `An enrollment allowed with email ${email} and course ${courseKey} doesn't exists.` }, 404);
}
