import { hasCsrfToken } from '../auth/csrf.js';
import { JWT_LIFETIME_SECONDS } from '../auth/jwt.js';
import { deleteLoginCookies, setJwtCookies, setLoginCookies } from '../auth/login-cookies.js';
import { isPassword } from '../auth/passwords.js';
import { PASSWORD_SESSION_SECONDS, SESSION_SECONDS, sessionUser, signIn } from '../auth/sessions.js';
import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { newSessionId, randomText } from '../http/cookies.js';
import { csrfPage } from '../http/error-page.js';
import { apiView, plainView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';

/** Signing in to the LMS itself with a password, and the tokens of its browser sessions. */
export function sessionLoginViews(lms: Lms): View[] {
  const failures = new Map<string, number>();
  return [
    apiView('/csrf/api/v1/token', {
      profile: 'P0',
      methods: { GET: (call) => json({ csrfToken: call.setCsrfCookie() }) },
    }),
    apiView(/^\/api\/user\/(?<version>v[12])\/account\/login_session\/$/, {
      profile: 'P0',
      methods: { GET: describeForm, POST: (call) => login(lms, failures, call) },
    }),
    plainView('/login_refresh', { methods: { POST: (call) => refresh(lms, call) } }),
  ];
}

function nameField(call: Call): string {
  return call.param('version') === 'v1' ? 'email' : 'email_or_username';
}

function describeForm(call: Call): Answer {
  call.setCsrfCookie();
  const field = (name: string, label: string, type: string) => ({
    name,
    label,
    type,
    defaultValue: '',
    required: true,
    placeholder: '',
    instructions: '',
    restrictions: {},
    errorMessages: {},
  });
  return json({
    method: 'post',
    submit_url: call.path,
    fields: [field(nameField(call), 'Email', 'text'), field('password', 'Password', 'password')],
  });
}

async function login(lms: Lms, failures: Map<string, number>, call: Call): Promise<Answer> {
  if (!(await hasCsrfToken(call))) return csrfPage();
  const form = await call.form();
  const name = form.get(nameField(call)) ?? '';
  const isByName = call.param('version') === 'v2';
  const user = lms.state.usersByEmail.one(name.toLowerCase()) ?? (isByName ? lms.state.user(name) : undefined);
  call.setCsrfCookie();
  call.setCookie('sessionid', newSessionId(), { maxAgeSeconds: SESSION_SECONDS, httpOnly: true, sameSite: 'Lax' });
  if (user === undefined || !isPassword(user.passwordHash, form.get('password') ?? '')) {
    const count = user === undefined ? 0 : (failures.get(user.username) ?? 0) + 1;
    if (user !== undefined) failures.set(user.username, count);
    return refusal('Email or password is incorrect.', 'incorrect-email-or-password', { failure_count: count }, name);
  }
  if (!user.isActive)
    return refusal('None', 'inactive-user', { platformName: lms.state.site.platformName, supportLink: '' }, user.email);
  failures.delete(user.username);
  signIn(lms, call, user, PASSWORD_SESSION_SECONDS);
  await setLoginCookies(lms, call, user, PASSWORD_SESSION_SECONDS);
  call.setCsrfCookie(randomText(32));
  call.deleteCookie('openedx-language-preference');
  return json({ success: true, redirect_url: null });
}

function refusal(value: string, code: string, context: Record<string, unknown>, email: string): Answer {
  return json({ success: false, value, error_code: code, context, email }, 400);
}

/** New JWT cookies for a browser that is still signed in. */
async function refresh(lms: Lms, call: Call): Promise<Answer> {
  const user = sessionUser(lms, call);
  if (user === null) {
    if (call.cookies.has('edxloggedin')) deleteLoginCookies(call);
    return json('Unauthorized', 401);
  }
  await setJwtCookies(lms, call, user);
  const nowSeconds = call.now.getTime() / 1000;
  const expiresSeconds = Math.floor(nowSeconds) + JWT_LIFETIME_SECONDS;
  return json({
    success: true,
    user_id: user.id,
    response_epoch_seconds: nowSeconds,
    response_http_date: call.now.toUTCString(),
    expires: new Date(expiresSeconds * 1000).toUTCString(),
    expires_epoch_seconds: expiresSeconds,
  });
}
