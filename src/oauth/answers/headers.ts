import { publishedKeysMaxAgeSeconds } from '../../services/signing-key/signing-key.service.js';
import { pageHeaders } from '../../web/page-headers.js';
import type { Middleware } from '../middleware.js';

const noSuchEndpoint = { error: 'invalid_request', error_description: 'there is no such endpoint' };

/**
 * Headers of every answer of the provider. Its own forms submit themselves by a script whose hash it adds to `script-src`,
 * which must therefore be there.
 */
export function commonHeaders(logoUrl: string | undefined, isHttps: boolean): Record<string, string> {
  const { 'content-type': _type, 'cache-control': _cache, ...headers } = pageHeaders(logoUrl);
  return {
    ...headers,
    'content-security-policy': `${headers['content-security-policy']}; script-src 'self'`,
    ...(isHttps && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

export function setHeaders(logoUrl: string | undefined, isHttps: boolean): Middleware {
  const headers = commonHeaders(logoUrl, isHttps);
  return async (ctx, next) => {
    ctx.set(headers);
    await next();
    const route = ctx.oidc?.route;
    if (ctx.status === 404 && !route) ctx.body = noSuchEndpoint;
    // Setting a body sets the status too.
    if (ctx.body === noSuchEndpoint) ctx.status = 404;
    if (ctx.status === 200 && (route === 'jwks' || route === 'discovery'))
      ctx.set('cache-control', `public, max-age=${publishedKeysMaxAgeSeconds}`);
    else if (!ctx.response.get('cache-control')) ctx.set('cache-control', 'no-store');
  };
}
