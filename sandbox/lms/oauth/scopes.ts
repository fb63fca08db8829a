import { AnswerNow } from '../http/errors.js';
import type { OAuthApplication } from '../rows.js';
import { oauthError } from './clients.js';

const DEFAULT_SCOPES = ['read', 'write', 'email', 'profile'];
const EXTRA_SCOPES = ['user_id', 'grades:read', 'certificates:read', 'tpa:read'];

/** Whether an application may have each of the scopes: the default set, and those its access row lists. */
export function areScopesAvailable(application: OAuthApplication, scopes: readonly string[]): boolean {
  return scopes.every(
    (scope) => DEFAULT_SCOPES.includes(scope) || (EXTRA_SCOPES.includes(scope) && application.scopes?.includes(scope)),
  );
}

export function isKnownScope(scope: string): boolean {
  return DEFAULT_SCOPES.includes(scope) || EXTRA_SCOPES.includes(scope);
}

export function splitScopes(scope: string | null): string[] {
  return (scope ?? '').split(' ').filter((each) => each !== '');
}

/**
 * The scopes of a grant. Without any, the default set; client-credentials applications that list `user_id` get it too.
 *
 * @throws AnswerNow with `invalid_scope`
 */
export function grantedScopes(application: OAuthApplication, requested: string | null): string[] {
  const scopes = splitScopes(requested);
  if (scopes.length === 0) {
    const withUserId = application.grant === 'client-credentials' && application.scopes?.includes('user_id');
    return [...DEFAULT_SCOPES, ...(withUserId ? ['user_id'] : [])];
  }
  if (!areScopesAvailable(application, scopes)) throw new AnswerNow(oauthError('invalid_scope'));
  return scopes;
}
