import { html as markup } from 'ghtml';
import { hasLoginCookies, setLoginCookies } from '../auth/login-cookies.js';
import { findSession, sessionUser, updateSession } from '../auth/sessions.js';
import { type Answer, html, redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { errorPage } from '../http/error-page.js';
import { AnswerNow } from '../http/errors.js';
import { plainView, type View } from '../http/view.js';
import { activeProvider } from '../identity/provider.js';
import { isSafeTarget } from '../identity/redirect-target.js';
import type { Lms } from '../lms.js';
import { formOptionsScript } from './form-options.js';
import { pageLayout } from './layout.js';

const FORM_LIMIT = 100;
const FORM_WINDOW_SECONDS = 300;

/** The pages that a person sees: home, dashboard, and where a sign-on ends that found nobody. */
export function homeViews(lms: Lms): View[] {
  const limited = (call: Call): void => {
    if (!lms.attempts.admit('form', call.remoteAddress, FORM_LIMIT, FORM_WINDOW_SECONDS, call.now.getTime()))
      throw new AnswerNow(errorPage(call, 429));
  };
  return [
    plainView('/', { methods: { GET: (call) => home(lms, call) } }),
    plainView('/dashboard', { methods: { GET: (call) => dashboard(lms, call) } }),
    plainView('/login', { before: limited, methods: { GET: (call) => login(lms, call) } }),
    plainView('/register', { before: limited, methods: { GET: (call) => register(lms, call) } }),
  ];
}

/** The one-time message of the session, taken out of it. */
function takeMessage(lms: Lms, call: Call): string {
  const message = findSession(lms, call)?.message ?? null;
  if (message === null) return '';
  updateSession(lms, call, { message: null });
  return markup`<p class="message" role="alert">${message}</p>`;
}

function home(lms: Lms, call: Call): Answer {
  call.setCsrfCookie();
  const message = takeMessage(lms, call);
  const user = sessionUser(lms, call);
  const who =
    user === null
      ? markup`<p>You are not signed in.</p><p><a class="button" href="/auth/login/ol-oauth2/?auth_entry=login">Sign in</a></p>`
      : markup`<p>You are signed in as <strong>${user.username}</strong> (${user.email}).</p><p><a class="button" href="/dashboard">Dashboard</a> <a class="button" href="/logout">Sign out</a></p>`;
  const body = markup`<h1>${lms.state.site.platformName}</h1>
!${message}!${who}
<p>Sign-in goes through <a href="${lms.porticoUrl()}">Portico</a>. What this LMS holds, and the switches to disturb it, are on its <a href="/_sandbox/">sandbox page</a>.</p>`;
  return html(pageLayout(lms, 'Home', user, body));
}

function dashboard(lms: Lms, call: Call): Answer {
  const user = sessionUser(lms, call);
  if (user === null) return redirect('/login?next=/dashboard');
  call.setCsrfCookie();
  const message = takeMessage(lms, call);
  const enrollments = lms.state.enrollmentsByUsername
    .of(user.username.toLowerCase())
    .filter(({ isActive }) => isActive);
  const rows = enrollments.map(({ courseKey, mode }) => {
    const grade = lms.state.grade(user.username, courseKey);
    const certificate = lms.state.certificate(user.username, courseKey);
    return markup`<tr><td>${lms.state.course(courseKey)?.displayName ?? courseKey}<br><small>${courseKey}</small></td><td>${mode}</td><td>${grade ? `${Math.round(grade.percent * 100)} %` : ''}</td><td>${certificate?.status ?? ''}</td></tr>`;
  });
  const list =
    rows.length === 0
      ? '<p>You are not enrolled in any courses yet.</p>'
      : `<div class="scroll"><table><caption>Courses</caption><thead><tr><th scope="col">Course</th><th scope="col">Mode</th><th scope="col">Grade</th><th scope="col">Certificate</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  return html(
    pageLayout(
      lms,
      'Dashboard',
      user,
      markup`<h1>Dashboard</h1>!${message}<p>Signed in as <strong>${user.username}</strong>.</p>!${list}`,
    ),
  );
}

async function login(lms: Lms, call: Call): Promise<Answer> {
  call.setCsrfCookie();
  const user = sessionUser(lms, call);
  const next = call.argument('next');
  if (user !== null) {
    if (!hasLoginCookies(call)) await setLoginCookies(lms, call, user);
    return redirect(next !== null && isSafeTarget(lms, call, next) ? next : '/dashboard');
  }
  call.setCookie('experiments_is_enterprise', 'false');
  const message = takeMessage(lms, call) || unlinkedHint(lms, call);
  const provider = activeProvider(lms);
  const query = new URLSearchParams({ auth_entry: 'login', ...(next === null ? {} : { next }) });
  const way =
    provider === null
      ? '<p>No sign-in provider is configured for this site.</p>'
      : markup`<p><a class="button" href="${`/auth/login/${provider.backend}/?${query}`}">Sign in with ${provider.name}</a></p>`;
  return html(
    pageLayout(lms, 'Sign in', null, markup`<h1>Sign in</h1>!${message}!${way}!${formOptionsScript(lms, 'login')}`),
  );
}

/** Says why a sign-on ended here although Portico let the person in. */
function unlinkedHint(lms: Lms, call: Call): string {
  const pending = findSession(lms, call)?.social?.pending ?? null;
  if (pending === null) return '';
  return markup`<p class="message">Portico says that you are <strong>${pending.uid}</strong>. This LMS has an account like that which is not yours to use yet: it is not active, or not linked to you.</p>`;
}

function register(lms: Lms, call: Call): Answer {
  call.setCsrfCookie();
  call.setCookie('experiments_is_enterprise', 'false');
  const message = takeMessage(lms, call);
  const pending = findSession(lms, call)?.social?.pending ?? null;
  const who =
    pending === null
      ? markup`<p>Accounts of this LMS are made by <a href="${`${lms.porticoUrl()}/register`}">Portico</a>.</p>`
      : markup`<p>Portico says that you are <strong>${pending.uid}</strong> (${pending.email}), and this LMS has no account for you yet. Portico makes one; please try again in a moment.</p>`;
  return html(
    pageLayout(
      lms,
      'Register',
      null,
      markup`<h1>Register</h1>!${message}!${who}!${formOptionsScript(lms, 'register')}`,
    ),
  );
}
