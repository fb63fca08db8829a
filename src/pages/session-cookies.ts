import type { FastifyInstance } from 'fastify';

/**
 * The sign-in session sets its cookies on Node's response, Fastify sets its own when it writes the head, and whichever comes
 * last replaces the other. Brings both together.
 */
export function keepAllCookies(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    const fromSession = reply.raw.getHeader('set-cookie');
    if (fromSession === undefined) return;
    const fromForms = reply.getHeader('set-cookie');
    reply.raw.removeHeader('set-cookie');
    reply.removeHeader('set-cookie');
    // Fastify may have picked up the session's cookies already.
    reply.header('set-cookie', [...new Set([fromSession, fromForms ?? []].flat().map(String))]);
  });
}
