import { SESSION_SECONDS } from '../auth/sessions.js';
import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { newSessionId } from '../http/cookies.js';
import { errorPage } from '../http/error-page.js';
import { apiView, type View } from '../http/view.js';
import { activeProvider } from '../identity/provider.js';
import { endpointsOf, jsonObject, providerUser, requestUser } from '../identity/provider-client.js';
import type { Lms } from '../lms.js';
import type { LmsUser, ProviderConfig } from '../rows.js';
import { oauthError } from './clients.js';
import { issueTokens } from './issue.js';
import { isKnownScope, splitScopes } from './scopes.js';

/** `POST /oauth2/exchange_access_token/{backend}/`: an LMS token for a token of Portico, by a public application. */
export function providerExchangeViews(lms: Lms): View[] {
  return [
    apiView('/oauth2/exchange_access_token/{backend}/', {
      profile: 'P0',
      methods: { POST: (call) => exchange(lms, call) },
    }),
  ];
}

async function exchange(lms: Lms, call: Call): Promise<Answer> {
  const provider = activeProvider(lms);
  if (provider?.backend !== call.param('backend')) return errorPage(call, 404);
  const form = await call.form();
  for (const name of ['access_token', 'client_id'])
    if (!form.get(name)) return oauthError('invalid_request', `${name} is required`);
  const scopes = splitScopes(form.get('scope'));
  if (!scopes.every(isKnownScope)) return oauthError('invalid_scope', 'Unknown scope.');
  call.setCookie('sessionid', newSessionId(), { maxAgeSeconds: SESSION_SECONDS, httpOnly: true, sameSite: 'Lax' });
  const clientId = form.get('client_id') ?? '';
  const application = lms.state.applications.get(clientId);
  if (application === undefined) return oauthError('invalid_client', `${clientId} is not a valid client_id`);
  if (application.type !== 'public') return oauthError('invalid_client', `${clientId} is not a public client`);
  const user = await userOf(lms, provider, form.get('access_token') ?? '');
  if (user === null) return oauthError('invalid_grant', 'access_token is not valid');
  if (user.passwordHash === null)
    return json({ error: 'account_disabled', error_description: 'user account is disabled', error_code: 403 }, 403);
  const isJwt = form.get('token_type')?.toLowerCase() === 'jwt';
  return issueTokens(lms, {
    application,
    user,
    scopes: scopes.length === 0 ? [''] : scopes,
    withRefreshToken: true,
    format: isJwt ? 'jwt' : 'bearer',
    isJwtByField: isJwt,
    isAsymmetric: false,
    now: call.now,
  });
}

/** The LMS user of a token of Portico: by link, else an active one by e-mail. */
async function userOf(lms: Lms, provider: ProviderConfig, token: string): Promise<LmsUser | null> {
  const answer = await requestUser(endpointsOf(lms, provider), token);
  const object = answer.status !== null && answer.status < 400 ? jsonObject(answer.body) : null;
  if (object === null) return null;
  const { uid, email } = providerUser(object);
  const linked = lms.state.link(provider.backend, uid);
  if (linked !== undefined) return lms.state.user(linked.username) ?? null;
  const matches = email === '' ? [] : lms.state.usersByEmail.of(email.toLowerCase()).filter((user) => user.isActive);
  return matches.length === 1 ? (matches[0] ?? null) : null;
}
