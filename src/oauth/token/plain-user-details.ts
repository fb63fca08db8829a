import { type AccountSource, findActiveAccount } from '../account-source.js';
import { claimsByScope, claimsOf } from '../claims.js';
import type { Middleware } from '../middleware.js';
import type { AuthenticateToken } from './viewer.js';

const scope = 'user:read';

/**
 * Lets a token without `openid` read its person at the userinfo endpoint when it may read the person's details anyway. An LMS
 * that is set up by our discovery document asks there, with `user:read` alone, and reads `username`, `email` and `name`.
 *
 * OpenID Connect itself wants `openid` for this endpoint, so the provider refuses first.
 */
export function answerPlainUserDetails(authenticateToken: AuthenticateToken, accounts: AccountSource): Middleware {
  return async (ctx, next) => {
    await next();
    const token = ctx.oidc?.route === 'userinfo' && ctx.status === 403 ? ctx.oidc.accessToken : undefined;
    if (!token?.scopes.has(scope) || token.scopes.has('openid')) return;
    const viewer = await authenticateToken(token.jti, 'bearer');
    // The token may have a scope that its client lost.
    const account =
      viewer?.scopes?.has(scope) && viewer.account && (await findActiveAccount(accounts, viewer.account.id));
    if (!account) return;
    const claims = claimsOf(account);
    const opened = ['sub', ...claimsByScope[scope]];
    ctx.remove('www-authenticate');
    ctx.status = 200;
    ctx.body = Object.fromEntries(opened.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]])));
  };
}
