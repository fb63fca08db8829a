import { type Answer, empty, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { permissionDenied } from '../http/errors.js';
import { type ApiViewOptions, apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';
import { patchAccount } from './account-patch.js';
import { accountView } from './account-view.js';

/** How long a retirement can be taken back: the LMS's default of 14 days. */
const COOL_OFF_MS = 14 * 24 * 3600 * 1000;

/** `/api/user/v1/me` and `/api/user/v1/accounts…`: reading, searching and changing accounts. */
export function accountViews(lms: Lms): View[] {
  const any = { profile: 'P1' } satisfies Partial<ApiViewOptions>;
  return [
    apiView('/api/user/v1/me', {
      ...any,
      name: 'Account',
      methods: { GET: (call) => json({ username: call.user.username }) },
    }),
    apiView('/api/user/v1/accounts', { ...any, methods: { GET: (call) => listAccounts(lms, call) } }),
    apiView('/api/user/v1/accounts/search_emails', {
      ...any,
      accepts: ['json', 'form', 'multipart'],
      isHidden: () => lms.state.settings.oldRelease,
      methods: { POST: (call) => searchEmails(lms, call) },
    }),
    apiView('/api/user/v1/accounts/{username}', {
      ...any,
      accepts: ['merge-patch'],
      methods: { GET: (call) => readAccount(lms, call), PATCH: (call) => patchAccount(lms, call) },
    }),
  ];
}

function isStaff(call: Call): boolean {
  return call.user.isStaff || call.user.isSuperuser;
}

function view(call: Call, user: LmsUser): Record<string, unknown> {
  const isFull = (call.user.isStaff || call.user.username === user.username) && call.argument('view') !== 'shared';
  return accountView(user, isFull ? 'full' : 'shared', call.origin, call.now);
}

function listAccounts(lms: Lms, call: Call): Answer {
  const [usernames, email] = [call.argument('username'), call.argument('email')];
  const id = lms.state.settings.oldRelease ? null : call.argument('lms_user_id');
  if ((email !== null || id !== null) && !isStaff(call)) throw permissionDenied();
  if (usernames)
    return found(
      call,
      usersOf(
        lms,
        usernames.split(',').map((name) => name.trim()),
      ),
    );
  if (email) return findByEmail(lms, call, email);
  if (id) {
    if (!/^\s*[+-]?\d+\s*$/.test(id)) return empty(400);
    return found(call, [lms.state.usersById.one(String(Number(id)))]);
  }
  return found(call, [lms.state.user(call.user.username)]);
}

/** Users of the names, without duplicates, in the order of their ids as the database tends to answer. */
function usersOf(lms: Lms, names: readonly string[]): LmsUser[] {
  const users = new Set(names.map((name) => lms.state.user(name)).filter((user) => user !== undefined));
  return [...users].sort((a, b) => a.id - b.id);
}

function found(call: Call, users: readonly (LmsUser | undefined)[]): Answer {
  const rows = users.filter((user) => user !== undefined).map((user) => view(call, user));
  return rows.length === 0 ? empty(404) : json(rows);
}

function findByEmail(lms: Lms, call: Call, email: string): Answer {
  const retirement = [...lms.state.retirements.values()].find(
    (row) => row.originalEmail.toLowerCase() === email.toLowerCase(),
  );
  if (retirement !== undefined) {
    // Whatever its state, while its cool-off lasts.
    const canCancel = call.now.getTime() - Date.parse(retirement.created) < COOL_OFF_MS;
    return json(
      {
        error_msg: 'This email is associated to a retired account.',
        can_cancel_retirement: canCancel,
        retirement_id: canCancel ? retirement.id : null,
      },
      404,
    );
  }
  return found(call, [lms.state.usersByEmail.one(email.toLowerCase())]);
}

function readAccount(lms: Lms, call: Call): Answer {
  const user = lms.state.user(call.param('username'));
  return user === undefined ? empty(404) : json(view(call, user));
}

async function searchEmails(lms: Lms, call: Call): Promise<Answer> {
  const data = await call.data();
  if (!isStaff(call)) return json({ developer_message: 'not_found', user_message: 'Not Found' }, 404);
  const emails = data !== null && typeof data === 'object' && 'emails' in data ? data.emails : undefined;
  if (!Array.isArray(emails)) {
    const message = "'emails' field is required";
    return json({ developer_message: message, user_message: message }, 400);
  }
  const users = new Set(
    emails.map((email) => lms.state.usersByEmail.one(String(email).toLowerCase())).filter((user) => user !== undefined),
  );
  return json([...users].sort((a, b) => a.id - b.id).map(({ email, id, username }) => ({ email, id, username })));
}
