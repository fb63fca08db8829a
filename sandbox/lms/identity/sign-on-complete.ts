import { hasLoginCookies, setLoginCookies } from '../auth/login-cookies.js';
import { findSession, sessionUser, signIn, updateSession } from '../auth/sessions.js';
import { type Answer, empty, json, redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { randomText } from '../http/cookies.js';
import { errorPage } from '../http/error-page.js';
import { AnswerNow } from '../http/errors.js';
import { LmsCrash } from '../http/view.js';
import type { Lms } from '../lms.js';
import type { LmsUser, PendingIdentity, ProviderConfig, SocialFlow } from '../rows.js';
import { syncEmail } from './profile-sync.js';
import { activeProvider } from './provider.js';
import {
  endpointsOf,
  jsonObject,
  type ProviderAnswer,
  type ProviderUser,
  providerUser,
  requestToken,
  requestUser,
} from './provider-client.js';
import { isSafeTarget } from './redirect-target.js';
import { redirectUri } from './sign-on-start.js';

/** How long the identity that Portico named waits for its second hop or its form. */
const PIPELINE_SECONDS = 600;

/** Where an error of the flow ends, by the `auth_entry` it was started with; unknown ones end at the root. */
const ENTRY_PAGES: Readonly<Record<string, string>> = {
  login: '/login',
  register: '/register',
  account_settings: '/account/settings',
  login_api: '/',
  register_api: '/',
};

/** An error of the flow: a message in the session and a redirect, never an error page. */
class SignOnError extends Error {
  override readonly name = 'SignOnError';
}

/** `/auth/complete/{backend}/`: Portico's answer, and the second hop that really signs in. */
export async function completeSignOn(lms: Lms, call: Call): Promise<Answer> {
  const provider = activeProvider(lms);
  if (provider === null || call.param('backend') !== provider.backend) return errorPage(call, 404);
  const flow = findSession(lms, call)?.social ?? null;
  const form = await call.form();
  const argument = (name: string): string | null => call.argument(name) ?? form.get(name);
  try {
    const isSecondHop = argument('state') === null && argument('redirect_state') === null && argument('error') === null;
    if (isSecondHop && flow?.pending?.username) return await finish(lms, call, provider, flow, flow.pending);
    const checked = checkCallback(flow, argument);
    return await resolve(lms, call, provider, checked, await whoIs(lms, call, provider, checked, argument('code')));
  } catch (error) {
    if (!(error instanceof SignOnError)) throw error;
    updateSession(lms, call, { message: error.message });
    return redirect(ENTRY_PAGES[flow?.authEntry ?? ''] ?? '/');
  }
}

/** Errors of Portico first, then the state against the session's. */
function checkCallback(flow: SocialFlow | null, argument: (name: string) => string | null): SocialFlow {
  const error = argument('error');
  if (error !== null) {
    if (/denied|cancelled/.test(error)) throw new SignOnError('Authentication process canceled');
    throw new SignOnError(`Authentication failed: ${argument('error_description') ?? error}`);
  }
  const state = argument('state') ?? argument('redirect_state');
  if (state === null) throw new SignOnError('Missing needed parameter state');
  if (flow === null) throw new SignOnError('Session value state missing.');
  if (state !== flow.state) throw new SignOnError('Wrong state parameter given.');
  return flow;
}

async function whoIs(
  lms: Lms,
  call: Call,
  provider: ProviderConfig,
  flow: SocialFlow,
  code: string | null,
): Promise<ProviderUser> {
  const endpoints = endpointsOf(lms, provider);
  const token = readProvider(
    call,
    await requestToken(endpoints, {
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: redirectUri(lms, call, provider.backend, flow.state),
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
    }),
  );
  if (token.error !== undefined)
    throw new SignOnError(`Authentication failed: ${token.error_description ?? token.error}`);
  if (typeof token.access_token !== 'string') throw new LmsCrash('The token answer has no access_token.');
  const user = readProvider(call, await requestUser(endpoints, token.access_token));
  // Keys of the token answer stand in for what the user answer leaves out.
  return providerUser({ ...token, ...user });
}

/** Which answers of Portico are errors of the flow, and which ones crash the LMS. */
function readProvider(call: Call, answer: ProviderAnswer): Record<string, unknown> {
  if (answer.status === null) throw new SignOnError('The authentication provider could not be reached.');
  if ([400, 401, 503].includes(answer.status))
    throw new SignOnError(`Authentication failed: the provider answered ${answer.status}.`);
  if (answer.status === 502 && URL.parse(call.header('referer'))?.pathname === '/login') {
    throw new AnswerNow(redirect(`/login?next=${encodeURIComponent('/dashboard')}`));
  }
  const object = answer.status < 400 ? jsonObject(answer.body) : null;
  if (object === null) throw new LmsCrash(`The provider answered ${answer.status} without a JSON object.`);
  return object;
}

/** Decides which LMS user this is, and whether the browser goes on to sign-in, to a form, or to an error. */
async function resolve(
  lms: Lms,
  call: Call,
  provider: ProviderConfig,
  flow: SocialFlow,
  identity: ProviderUser,
): Promise<Answer> {
  if (flow.authEntry === null || !(flow.authEntry in ENTRY_PAGES)) {
    updateSession(lms, call, { message: 'An invalid sign-in entry was used.', social: { ...flow, authEntry: null } });
    return redirect('/');
  }
  const linkedTo = lms.state.link(provider.backend, identity.uid)?.username;
  const current = sessionUser(lms, call);
  if (current !== null) return resolveForCurrent(lms, call, provider, flow, identity, current, linkedTo);
  const user = linkedTo === undefined ? linkByEmail(lms, provider, identity) : (lms.state.user(linkedTo) ?? null);
  const pending: PendingIdentity = { ...identity, username: user?.username ?? null };
  updateSession(lms, call, { social: { ...flow, startedAt: call.now.toISOString(), pending } });
  if (user === null) return sendUnknown(lms, provider, flow.authEntry, identity);
  if (user.passwordHash === null) {
    updateSession(lms, call, { username: null, social: null });
    return json('Your account is disabled', 403);
  }
  if (hasLoginCookies(call)) return finish(lms, call, provider, flow, pending);
  await setLoginCookies(lms, call, user);
  return redirect(`/auth/complete/${provider.backend}/?`);
}

/** A browser that is signed in to the LMS already: an unlinked identity becomes linked to whoever that is. */
function resolveForCurrent(
  lms: Lms,
  call: Call,
  provider: ProviderConfig,
  flow: SocialFlow,
  identity: ProviderUser,
  current: LmsUser,
  linkedTo: string | undefined,
): Answer {
  if (linkedTo !== undefined && linkedTo !== current.username) throw new SignOnError('This account is already in use.');
  if (linkedTo === undefined)
    lms.state.putLink({
      id: lms.state.nextId('link'),
      username: current.username,
      backend: provider.backend,
      uid: identity.uid,
    });
  syncEmail(lms, provider, current, identity.email);
  updateSession(lms, call, { social: { ...flow, pending: null } });
  return redirect(targetOf(lms, call, flow));
}

/** Without a link, exactly one active user with the e-mail is linked; several are an error, inactive ones do not count. */
function linkByEmail(lms: Lms, provider: ProviderConfig, identity: ProviderUser): LmsUser | null {
  if (identity.email === '') return null;
  const matches = lms.state.usersByEmail.of(identity.email.toLowerCase());
  if (matches.length > 1) throw new SignOnError('The given email address is associated with another account');
  const user = matches.find((match) => match.isActive);
  if (user === undefined) return null;
  lms.state.putLink({
    id: lms.state.nextId('link'),
    username: user.username,
    backend: provider.backend,
    uid: identity.uid,
  });
  return user;
}

/** Nobody was found: people whom the LMS seems to know must sign in there, others register, as the provider row says. */
function sendUnknown(lms: Lms, provider: ProviderConfig, authEntry: string, identity: ProviderUser): Answer {
  const isKnown =
    identity.email === ''
      ? lms.state.user(identity.uid) !== undefined
      : lms.state.usersByEmail.count(identity.email.toLowerCase()) > 0;
  if (isKnown) return redirect('/login');
  if (authEntry.endsWith('_api')) return empty(400);
  if (authEntry === 'account_settings') throw new SignOnError('auth_entry is wrong. Settings requires a user.');
  const mayRegister = authEntry === 'register' || provider.skipEmailVerification || provider.sendToRegistrationFirst;
  return redirect(mayRegister ? '/register' : '/login');
}

/** Signs in and goes to where the person wanted to go; an inactive account passes the activation page on its way. */
async function finish(
  lms: Lms,
  call: Call,
  provider: ProviderConfig,
  flow: SocialFlow,
  pending: PendingIdentity,
): Promise<Answer> {
  const isLate = Date.parse(flow.startedAt) + PIPELINE_SECONDS * 1000 < call.now.getTime();
  const user = isLate ? undefined : lms.state.user(pending.username ?? '');
  if (user === undefined) throw new SignOnError('Your sign-in took too long. Please try again.');
  const synced = syncEmail(lms, provider, user, pending.email);
  signIn(lms, call, synced);
  call.setCsrfCookie(randomText(32));
  const target = targetOf(lms, call, flow);
  return redirect(user.isActive ? target : `/auth/inactive?next=${encodeURIComponent(target).replaceAll('%2F', '/')}`);
}

function targetOf(lms: Lms, call: Call, { next }: SocialFlow): string {
  return next !== null && isSafeTarget(lms, call, next) ? next : '/dashboard';
}
