import type { FastifyInstance } from 'fastify';

/**
 * Where the LMS sends the code of a learner's API token. The job that follows the redirects reads the code from the address;
 * whoever else comes here gets an empty answer, and the address is not logged.
 */
export function registerCodeLandings(app: FastifyInstance): void {
  for (const path of ['/login/_private/complete', '/_/auth/complete'])
    app.get(path, { logLevel: 'silent' }, async (_request, reply) => reply.type('text/plain; charset=utf-8').send(''));
}
