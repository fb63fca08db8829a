import { createHash } from 'node:crypto';
import { isPassword } from '../auth/passwords.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { AnswerNow, ApiError, notAuthenticated, permissionDenied } from '../http/errors.js';
import { apiView, LmsCrash, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import type { LmsUser, RetirementRequest } from '../rows.js';
import type { LmsState } from '../state.js';
import { accountView } from './account-view.js';
import { FINAL_STATES, RETIREMENT_STATES, stateObject, stepOf } from './retirement-states.js';

const BASE = '/api/user/v1/accounts';

/** Deactivation by the person, and what the retirement pipeline of an operator calls. */
export function retirementViews(lms: Lms): View[] {
  const pipeline = { profile: 'P2', permission: (call: Call) => requireRetirementWorker(lms, call) } as const;
  return [
    apiView(`${BASE}/deactivate_logout/`, { profile: 'P1', methods: { POST: (call) => deactivateOneself(lms, call) } }),
    apiView(`${BASE}/{username}/deactivate/`, { ...pipeline, methods: { POST: (call) => deactivate(lms, call) } }),
    apiView(`${BASE}/retirement_queue/`, { ...pipeline, methods: { GET: (call) => readQueue(lms, call) } }),
    apiView(`${BASE}/{username}/retirement_status/`, {
      ...pipeline,
      methods: { GET: (call) => readStatus(lms, call) },
    }),
    apiView(`${BASE}/update_retirement_status/`, {
      ...pipeline,
      methods: { PATCH: (call) => updateStatus(lms, call) },
    }),
    apiView(`${BASE}/retire/`, { ...pipeline, methods: { POST: (call) => retire(lms, call, true) } }),
    apiView(`${BASE}/retire_misc/`, { ...pipeline, methods: { POST: (call) => retire(lms, call, false) } }),
    apiView(`${BASE}/cancel_retirement/`, { ...pipeline, methods: { POST: (call) => cancel(lms, call) } }),
  ];
}

/** Superusers and the configured worker; being staff is not enough. */
export function requireRetirementWorker(lms: Lms, call: Call): void {
  if (!call.user.isSuperuser && call.user.username !== lms.state.site.retirementWorker) throw permissionDenied();
}

function hashed(state: LmsState, value: string): string {
  return createHash('sha1').update(`${state.site.platformName}${value.toLowerCase()}`).digest('hex');
}

/** `POST deactivate_logout/`: answers are bare JSON strings. */
async function deactivateOneself(lms: Lms, call: Call): Promise<Answer> {
  const user = lms.state.user(call.user.username);
  if (user === undefined) throw notAuthenticated();
  // Unlike other views of this profile, its Bearer class refuses inactive people.
  if (call.caller?.via === 'bearer' && !user.isActive) {
    throw new ApiError(401, {
      error_code: 'user_not_active',
      developer_message: `User inactive or deleted: ${user.username}`,
    });
  }
  const password = (await call.form()).get('password');
  if (password === null) return json("Could not verify user password: 'password'", 400);
  if (!isPassword(user.passwordHash, password)) return json('', 403);
  lms.state.atomically(() => beginRetirement(lms, user, call.now));
  return empty(204);
}

/** Unlinks, ends sessions and tokens, takes the password, queues the retirement. */
export function beginRetirement({ state }: Lms, user: LmsUser, now: Date): void {
  const name = user.username.toLowerCase();
  for (const link of state.linksByUsername.of(name)) state.deleteLink(link);
  for (const { token } of state.accessTokensByUsername.of(name)) state.accessTokens.delete(token);
  for (const { token } of state.refreshTokensByUsername.of(name)) state.refreshTokens.delete(token);
  for (const session of [...state.sessions.values()])
    if (session.username === user.username) state.sessions.delete(session.id);
  const retiredEmail = `retired__user_${hashed(state, user.email)}@retired.invalid`;
  const at = now.toISOString().replace('Z', '000Z');
  state.retirements.set(name, {
    id: state.nextId('retirement'),
    username: user.username,
    originalUsername: user.username,
    originalEmail: user.email,
    originalName: user.profile?.name ?? '',
    retiredUsername: `retired__user_${hashed(state, user.username)}`,
    retiredEmail,
    currentState: 'PENDING',
    lastState: 'PENDING',
    responses: [],
    created: at,
    modified: at,
  });
  state.putUser({ ...user, email: retiredEmail, passwordHash: null });
}

function deactivate(lms: Lms, call: Call): Answer {
  const user = lms.state.user(call.param('username'));
  if (user === undefined) throw new LmsCrash(`User ${call.param('username')} does not exist.`);
  const changed = { ...user, passwordHash: null };
  lms.state.putUser(changed);
  return json(accountView(changed, 'full', call.origin, call.now));
}

function retirementView({ state }: Lms, row: RetirementRequest): Record<string, unknown> {
  const user = state.user(row.username);
  const profile = user?.profile ? { id: user.id, name: user.profile.name } : null;
  return {
    id: row.id,
    user: { id: user?.id ?? null, username: row.username, email: user?.email ?? row.retiredEmail, profile },
    current_state: stateObject(row.currentState),
    last_state: stateObject(row.lastState),
    created: row.created,
    modified: row.modified,
    original_username: row.originalUsername,
    original_email: row.originalEmail,
    original_name: row.originalName,
    retired_username: row.retiredUsername,
    retired_email: row.retiredEmail,
  };
}

/** Requests in the asked states that are older than the cool-off. */
function readQueue(lms: Lms, call: Call): Answer {
  const days = Number(call.argument('cool_off_days') ?? Number.NaN);
  if (!Number.isInteger(days)) return json("invalid literal for int() with base 10: 'cool_off_days'", 400);
  if (days < 0) return json(`Invalid argument for cool_off_days, must be greater than 0.`, 400);
  const asked = (call.argument('states') ?? '').split(',').filter((state) => state !== '');
  const known = asked.filter((state) => stepOf(state) > 0);
  if (known.length < asked.length || asked.length === 0) {
    const list = (states: readonly string[]): string => `[${states.map((state) => `'${state}'`).join(', ')}]`;
    return json(`Unknown state. Requested: ${list(asked)} Found: ${list(known)}`, 400);
  }
  const before = call.now.getTime() - days * 24 * 3600 * 1000;
  const limit = Number(call.argument('limit') ?? Number.POSITIVE_INFINITY);
  const due = [...lms.state.retirements.values()].filter(
    (row) => asked.includes(row.currentState) && Date.parse(row.created) <= before,
  );
  return json(due.slice(0, limit).map((row) => retirementView(lms, row)));
}

function readStatus(lms: Lms, call: Call): Answer {
  const row = lms.state.retirements.get(call.param('username').toLowerCase());
  return row === undefined ? empty(404) : json(retirementView(lms, row));
}

async function fieldsOf(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const data = await call.data();
  return data !== null && typeof data === 'object' ? { ...data } : {};
}

async function updateStatus(lms: Lms, call: Call): Promise<Answer> {
  const { username, new_state: next, response } = await fieldsOf(call);
  const row = lms.state.retirements.get(String(username ?? '').toLowerCase());
  if (row === undefined) return empty(404);
  const current = stepOf(row.currentState);
  if (stepOf(String(next)) < current || stepOf(String(next)) === 0 || FINAL_STATES.includes(row.currentState)) {
    return json(
      `${next} does not exist or is an eariler state than current state ${row.currentState} (step ${current})`,
      400,
    );
  }
  const changed: RetirementRequest = {
    ...row,
    lastState: row.currentState,
    currentState: String(next),
    responses: [...row.responses, String(response ?? '')],
    modified: call.now.toISOString().replace('Z', '000Z'),
  };
  lms.state.retirements.set(row.username.toLowerCase(), changed);
  return empty(204);
}

/** The row that `{username}` of a pipeline call names. @throws AnswerNow 404 */
async function requestedRow(lms: Lms, call: Call): Promise<RetirementRequest> {
  const { username } = await fieldsOf(call);
  if (typeof username !== 'string' || username === '')
    throw new AnswerNow(json({ message: 'The user was not specified.' }, 404));
  const row = lms.state.retirements.get(username.toLowerCase());
  if (row === undefined) throw new AnswerNow(empty(404));
  return row;
}

/** `retire/` renames the account for good; `retire_misc/` only empties what hangs on it. */
async function retire(lms: Lms, call: Call, isWhole: boolean): Promise<Answer> {
  const row = await requestedRow(lms, call);
  const user = lms.state.user(row.username);
  if (isWhole && user !== undefined) {
    lms.state.atomically(() => {
      lms.state.users.delete(user.username.toLowerCase());
      lms.state.putUser({
        ...user,
        username: row.retiredUsername,
        isActive: false,
        profile: user.profile && {
          ...user.profile,
          name: '',
          yearOfBirth: null,
          country: null,
          bio: null,
          socialLinks: [],
          languageProficiencies: [],
        },
      });
      lms.state.retirements.set(row.username.toLowerCase(), {
        ...row,
        username: row.retiredUsername,
        currentState: 'COMPLETE',
        lastState: row.currentState,
      });
    });
  }
  return empty(204);
}

async function cancel(lms: Lms, call: Call): Promise<Answer> {
  const { retirement_id: id } = await fieldsOf(call);
  const row = [...lms.state.retirements.values()].find((each) => String(each.id) === String(id));
  if (row === undefined) return json({ message: 'Retirement does not exist!' }, 400);
  if (row.currentState !== RETIREMENT_STATES[0]) {
    return json(
      {
        message: `Retirement requests can only be cancelled for users in the PENDING state. Current request state for '${row.originalUsername}': ${row.currentState}`,
      },
      400,
    );
  }
  const user = lms.state.user(row.username);
  lms.state.atomically(() => {
    if (user !== undefined) lms.state.putUser({ ...user, email: row.originalEmail });
    lms.state.retirements.delete(row.username.toLowerCase());
  });
  return json({ success: true });
}
