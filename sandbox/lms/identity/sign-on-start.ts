import { findSession, updateSession } from '../auth/sessions.js';
import { type Answer, emptyHtml, redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { randomText } from '../http/cookies.js';
import { errorPage } from '../http/error-page.js';
import { LmsCrash } from '../http/view.js';
import { isMisconfigured, type Lms, PROVIDER_ID_PREFIX } from '../lms.js';
import { activeProvider, configuredProvider, isBackendInstalled } from './provider.js';
import { endpointsOf } from './provider-client.js';
import { nextPage } from './redirect-target.js';

/** `/auth/login/{backend}/`: remembers where to go afterwards and sends the browser to Portico. */
export async function startSignOn(lms: Lms, call: Call): Promise<Answer> {
  const provider = configuredProvider(lms);
  if (!isBackendInstalled(lms) || call.param('backend') !== provider.backend) return errorPage(call, 404);
  if (activeProvider(lms) === null) throw new LmsCrash('The provider is not configured for this site.');
  const form = await call.form();
  const argument = (name: string): string | null => call.argument(name) ?? form.get(name);
  const state = findSession(lms, call)?.social?.state ?? randomText(32);
  updateSession(lms, call, {
    social: {
      state,
      startedAt: call.now.toISOString(),
      authEntry: argument('auth_entry') ?? 'login',
      next: argument('next'),
      pending: null,
    },
  });
  const query = new URLSearchParams({
    client_id: provider.clientId,
    redirect_uri: redirectUri(lms, call, provider.backend, state),
    state,
    response_type: 'code',
    scope: 'user:read',
  });
  return redirect(`${endpointsOf(lms, provider).authorizationUrl}?${query}`);
}

/** The redirect URI carries the state once more: Portico must compare it without its query. */
export function redirectUri(lms: Lms, call: Call, backend: string, state: string): string {
  const uri = `${call.origin}/auth/complete/${backend}/?redirect_state=${state}`;
  // `SOCIAL_AUTH_REDIRECT_IS_HTTPS` on a site that is served without TLS, or the other way round.
  return isMisconfigured(lms, 'redirect-mismatch') ? withOtherScheme(uri) : uri;
}

function withOtherScheme(uri: string): string {
  return uri.startsWith('https:') ? uri.replace('https:', 'http:') : uri.replace('http:', 'https:');
}

/** `/auth/idp_redirect/{provider_id}`: the same start by the provider's id. */
export function redirectToProvider(lms: Lms, call: Call): Answer {
  const provider = activeProvider(lms);
  if (provider === null || call.param('provider_id') !== `${PROVIDER_ID_PREFIX}${provider.backend}`)
    return emptyHtml(404);
  const query = new URLSearchParams({ auth_entry: 'login', next: nextPage(lms, call, call.argument('next')) });
  return redirect(`/auth/login/${provider.backend}/?${query}`);
}
