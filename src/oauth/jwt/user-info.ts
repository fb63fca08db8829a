import type { Middleware } from '../middleware.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { type FindJwtToken, isJwt } from './tokens.js';

/**
 * Lets a token in JWT form read its person at the userinfo endpoint: the provider is handed the stored token behind it.
 * Restricted tokens are left as they are, which the provider does not know.
 */
export function admitJwtAtUserInfo(findJwtToken: FindJwtToken, artifacts: ArtifactStore): Middleware {
  return async (ctx, next) => {
    const [scheme = '', token = ''] = ctx.get('authorization').split(' ');
    if (/^\/oauth2\/userinfo\/?$/i.test(ctx.path) && /^(bearer|jwt)$/i.test(scheme) && isJwt(token)) {
      const found = await findJwtToken(token);
      const storedId = found?.claims.jti;
      if (found && !found.isRestricted && storedId !== undefined)
        ctx.req.headers.authorization = `Bearer ${artifacts.nameOf(storedId)}`;
    }
    await next();
  };
}
