import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { renderSignedOutFrame } from '../web/logout.page.js';
import type { PageDeps } from './page-deps.js';

/**
 * `/logout`, by GET too: that is how the LMS calls it from a frame of its own sign-out page. With `no_redirect` the session
 * ends and that is all; otherwise the sign-out goes on at the LMS, which leads back here. Nothing in the address says where to:
 * a `next` is not listened to.
 */
export function registerLogout(app: FastifyInstance, { config, signIn }: PageDeps): void {
  const target = new URL(config.lms.logoutRedirectUrl);
  target.searchParams.set('redirect_url', config.http.publicUrl);
  const framePolicy = `default-src 'none'; frame-ancestors 'self' ${new URL(config.lms.browserUrl).origin}`;

  const handler = async (
    request: FastifyRequest<{ Querystring: { no_redirect?: unknown } }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    await signIn.end(request.raw, reply.raw);
    if (!request.query.no_redirect) return reply.redirect(target.href, 302);
    return reply
      .removeHeader('x-frame-options')
      .header('content-security-policy', framePolicy)
      .header('cross-origin-resource-policy', 'cross-origin')
      .send(renderSignedOutFrame(reply.request.words));
  };
  app.get('/logout', handler);
  // Signing somebody out needs no form of ours, since a GET does it as well.
  app.post('/logout', { config: { isOpenToOtherSites: true } }, handler);
}
