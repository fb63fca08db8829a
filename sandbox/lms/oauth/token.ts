import { createHash } from 'node:crypto';
import { isPassword } from '../auth/passwords.js';
import type { Answer } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { errorPage } from '../http/error-page.js';
import { AnswerNow } from '../http/errors.js';
import { plainView, type View } from '../http/view.js';
import { isMisconfigured, type Lms } from '../lms.js';
import type { GrantType, LmsUser, OAuthApplication } from '../rows.js';
import { authenticateClient, oauthError } from './clients.js';
import { issueTokens } from './issue.js';
import { grantedScopes, splitScopes } from './scopes.js';

/** What a grant resolved to. */
interface Grant {
  readonly user: LmsUser;
  readonly scopes: readonly string[];
  readonly withRefreshToken: boolean;
  readonly alongside?: () => void;
}

interface GrantRule {
  /** The application's own grant type that this needs; refreshing works for every type but `implicit`. */
  readonly needs: GrantType | null;
  readonly resolve: (lms: Lms, application: OAuthApplication, form: URLSearchParams, call: Call) => Grant;
}

const GRANTS: Readonly<Record<string, GrantRule>> = {
  client_credentials: { needs: 'client-credentials', resolve: byClientCredentials },
  authorization_code: { needs: 'authorization-code', resolve: byCode },
  refresh_token: { needs: null, resolve: byRefreshToken },
  password: { needs: 'password', resolve: byPassword },
};

/** `POST /oauth2/access_token` (RFC 6749 section 3.2), limited per address and minute. */
export function tokenViews(lms: Lms): View[] {
  return [
    plainView('/oauth2/access_token[/]', {
      methods: { POST: (call) => exchange(lms, call) },
      before: (call) => {
        const limit = isMisconfigured(lms, 'throttled') ? 0 : lms.state.settings.tokenLimit;
        if (!lms.attempts.admit('token', call.remoteAddress, limit, 60, call.now.getTime()))
          throw new AnswerNow(errorPage(call, 429));
      },
    }),
  ];
}

async function exchange(lms: Lms, call: Call): Promise<Answer> {
  // The OAuth library refuses a query string with an exception that nothing catches.
  if (call.rawQuery !== '') return errorPage(call, 500);
  const form = await call.form();
  const rule = GRANTS[form.get('grant_type') ?? ''];
  if (rule === undefined) return oauthError('unsupported_grant_type');
  checkRequired(form);
  const application = authenticateClient(lms, call, form);
  if (rule.needs !== null ? application.grant !== rule.needs : application.grant === 'implicit')
    return oauthError('unauthorized_client');
  const grant = rule.resolve(lms, application, form, call);
  const asked = form.get('token_type') ?? call.header('x-token-type');
  return issueTokens(lms, {
    ...grant,
    application,
    format: asked.toLowerCase() === 'jwt' ? 'jwt' : 'bearer',
    isJwtByField: form.get('token_type')?.toLowerCase() === 'jwt',
    isAsymmetric: (form.get('asymmetric_jwt') ?? '') !== '',
    now: call.now,
  });
}

/** Missing parameters are reported before the client is looked at. */
function checkRequired(form: URLSearchParams): void {
  const missing = {
    authorization_code: form.has('code') ? null : 'Missing code parameter.',
    refresh_token: form.has('refresh_token') ? null : 'Missing refresh token parameter.',
    password:
      ['username', 'password']
        .filter((name) => !form.has(name))
        .map((name) => `Request is missing ${name} parameter.`)[0] ?? null,
  }[form.get('grant_type') ?? ''];
  if (missing) throw new AnswerNow(oauthError('invalid_request', missing));
}

function byClientCredentials(lms: Lms, application: OAuthApplication, form: URLSearchParams): Grant {
  const user = lms.state.user(application.owner);
  if (user === undefined) throw new Error(`The application ${application.clientId} has no owner.`);
  return { user, scopes: grantedScopes(application, form.get('scope')), withRefreshToken: false };
}

function byPassword(lms: Lms, application: OAuthApplication, form: URLSearchParams): Grant {
  const name = form.get('username') ?? '';
  const user = lms.state.user(name) ?? lms.state.usersByEmail.one(name.toLowerCase());
  if (user === undefined || !isPassword(user.passwordHash, form.get('password') ?? '')) {
    throw new AnswerNow(oauthError('invalid_grant', 'Invalid credentials given.'));
  }
  return { user, scopes: grantedScopes(application, form.get('scope')), withRefreshToken: true };
}

function byCode(lms: Lms, application: OAuthApplication, form: URLSearchParams, call: Call): Grant {
  const code = lms.state.codes.get(form.get('code') ?? '');
  const user = code && lms.state.user(code.username);
  const isValid = code && code.clientId === application.clientId && code.expiresAt > call.now.toISOString();
  if (!isValid || user === undefined) throw new AnswerNow(oauthError('invalid_grant'));
  if (!isVerified(code.codeChallenge, code.codeChallengeMethod, form.get('code_verifier')))
    throw new AnswerNow(oauthError('invalid_grant'));
  const sent =
    form.get('redirect_uri') ?? (code.redirectUriSent && application.redirectUris.length > 1 ? '' : code.redirectUri);
  if (sent !== code.redirectUri) throw new AnswerNow(oauthError('invalid_request', 'Mismatching redirect URI.'));
  return { user, scopes: code.scopes, withRefreshToken: true, alongside: () => lms.state.codes.delete(code.code) };
}

function byRefreshToken(lms: Lms, application: OAuthApplication, form: URLSearchParams): Grant {
  const old = lms.state.refreshTokens.get(form.get('refresh_token') ?? '');
  const user = old && lms.state.user(old.username);
  if (old === undefined || user === undefined || old.clientId !== application.clientId)
    throw new AnswerNow(oauthError('invalid_grant'));
  const narrowed = splitScopes(form.get('scope'));
  if (!narrowed.every((scope) => old.scopes.includes(scope))) throw new AnswerNow(oauthError('invalid_scope'));
  return {
    user,
    scopes: narrowed.length > 0 ? narrowed : old.scopes,
    withRefreshToken: true,
    // Rotation has no grace period: the old pair ends with the same write that makes the new one.
    alongside: () => {
      lms.state.refreshTokens.delete(old.token);
      lms.state.accessTokens.delete(old.accessToken);
    },
  };
}

/** PKCE (RFC 7636) is optional: only a code that was asked for with a challenge needs the verifier. */
function isVerified(challenge: string | null, method: 'plain' | 'S256', verifier: string | null): boolean {
  if (challenge === null) return true;
  if (verifier === null) return false;
  return challenge === (method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url'));
}
