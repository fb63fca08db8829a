import { html as markup } from 'ghtml';
import { sessionUser } from '../auth/sessions.js';
import { type Answer, html, redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { randomText } from '../http/cookies.js';
import { errorPage } from '../http/error-page.js';
import { plainView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { pageLayout } from '../pages/layout.js';
import type { LmsUser, OAuthApplication } from '../rows.js';
import { findApplication } from './clients.js';
import { areScopesAvailable, grantedScopes, splitScopes } from './scopes.js';

const CODE_LIFETIME_SECONDS = 60;

/** An authorization request that names a known client and one of its redirect URIs: errors may be sent there. */
interface AuthorizationRequest {
  readonly application: OAuthApplication;
  readonly redirectUri: string;
  readonly isRedirectUriSent: boolean;
  readonly parameters: URLSearchParams;
  readonly user: LmsUser;
}

/** `/oauth2/authorize` (RFC 6749 section 4.1.1) for whoever is signed in to the LMS in this browser. */
export function authorizeViews(lms: Lms): View[] {
  return [
    plainView('/oauth2/authorize[/]', {
      methods: {
        GET: (call) => answer(lms, call, call.query, (request, scopes) => askOrIssue(lms, call, request, scopes)),
        POST: async (call) => {
          const form = await call.form();
          return answer(lms, call, form.has('client_id') ? form : call.query, (request, scopes) =>
            form.get('allow')
              ? issueCode(lms, call, request, scopes)
              : redirectError(request, { error: 'access_denied' }),
          );
        },
      },
    }),
  ];
}

function answer(
  lms: Lms,
  call: Call,
  parameters: URLSearchParams,
  proceed: (request: AuthorizationRequest, scopes: string[]) => Answer,
): Answer {
  const user = sessionUser(lms, call);
  if (user === null) {
    const target = `${call.rawPath}${call.rawQuery === '' ? '' : `?${call.rawQuery}`}`;
    return redirect(`/login?next=${encodeURIComponent(target).replaceAll('%2F', '/')}`);
  }
  const application = findApplication(lms, parameters.get('client_id') ?? '');
  if (application === undefined) return errorPage(call, 400);
  const sent = parameters.get('redirect_uri');
  const redirectUri = sent ?? (application.redirectUris.length === 1 ? application.redirectUris[0] : undefined);
  if (redirectUri === undefined || !isRegistered(application, redirectUri)) return errorPage(call, 400);
  const request: AuthorizationRequest = {
    application,
    redirectUri,
    isRedirectUriSent: sent !== null,
    parameters,
    user,
  };
  const responseType = parameters.get('response_type');
  if (responseType === null)
    return redirectError(request, { error: 'invalid_request', error_description: 'Missing response_type parameter.' });
  if (responseType !== 'code')
    return redirectError(request, {
      error: responseType === 'token' ? 'unauthorized_client' : 'unsupported_response_type',
    });
  if (application.grant !== 'authorization-code') return redirectError(request, { error: 'unauthorized_client' });
  if (!areScopesAvailable(application, splitScopes(parameters.get('scope'))))
    return redirectError(request, { error: 'invalid_scope' });
  return proceed(request, grantedScopes(application, parameters.get('scope')));
}

/** Scheme, host, port and path must be registered; further query parameters are allowed, registered ones must be there. */
function isRegistered(application: OAuthApplication, redirectUri: string): boolean {
  const sent = URL.parse(redirectUri);
  if (sent === null) return false;
  return application.redirectUris.some((registered) => {
    const known = URL.parse(registered);
    if (known === null || known.origin !== sent.origin || known.pathname !== sent.pathname) return false;
    return [...known.searchParams].every(([name, value]) => sent.searchParams.getAll(name).includes(value));
  });
}

/** Without a question for trusted applications, and for ones that ever had a token with these scopes. */
function askOrIssue(lms: Lms, call: Call, request: AuthorizationRequest, scopes: string[]): Answer {
  const { application, user, parameters } = request;
  const tokens = lms.state.accessTokensByUsername
    .of(user.username.toLowerCase())
    .filter((token) => token.clientId === application.clientId);
  const isKnown =
    parameters.get('approval_prompt') !== 'force' &&
    tokens.some((token) => scopes.every((scope) => token.scopes.includes(scope)));
  if (application.skipAuthorization || isKnown) return issueCode(lms, call, request, scopes);
  const csrf = call.setCsrfCookie();
  return html(consentPage(lms, request, scopes, csrf));
}

function issueCode(lms: Lms, call: Call, request: AuthorizationRequest, scopes: readonly string[]): Answer {
  const { application, user, redirectUri, isRedirectUriSent, parameters } = request;
  const code = randomText(30);
  lms.state.codes.set(code, {
    code,
    clientId: application.clientId,
    username: user.username,
    redirectUri,
    redirectUriSent: isRedirectUriSent,
    scopes,
    codeChallenge: parameters.get('code_challenge'),
    codeChallengeMethod: parameters.get('code_challenge_method') === 'S256' ? 'S256' : 'plain',
    expiresAt: new Date(call.now.getTime() + CODE_LIFETIME_SECONDS * 1000).toISOString(),
  });
  return redirectWith(request, { code });
}

function redirectError(request: AuthorizationRequest, error: Readonly<Record<string, string>>): Answer {
  return redirectWith(request, error);
}

/** The redirect URI as it was sent, with the parameters and the state behind its own query. */
function redirectWith(
  { redirectUri, parameters }: AuthorizationRequest,
  added: Readonly<Record<string, string>>,
): Answer {
  const state = parameters.get('state');
  const query = new URLSearchParams({ ...added, ...(state === null ? {} : { state }) });
  return redirect(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`);
}

function consentPage(
  lms: Lms,
  { application, parameters, user }: AuthorizationRequest,
  scopes: readonly string[],
  csrf: string,
): string {
  return pageLayout(
    lms,
    'Authorize',
    user,
    markup`<h1>Authorize ${application.clientId}?</h1>
<p>The application asks for access to your account <strong>${user.username}</strong>:</p>
<ul>!${scopes.map((scope) => markup`<li>${scope}</li>`).join('')}</ul>
<form method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="${csrf}">
!${[...parameters].map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`).join('')}
<button name="allow" value="Authorize">Authorize</button> <button>Cancel</button>
</form>`,
  );
}
