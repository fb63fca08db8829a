import type { FastifyInstance } from 'fastify';
import type { ApiDocument } from './document.js';

/** `GET /api/openapi.json`: the document of the REST API, for everybody. */
export function registerApiDocument(app: FastifyInstance, { document }: { document: ApiDocument }): void {
  const text = JSON.stringify(document);
  app.get('/api/openapi.json', async (_request, reply) =>
    reply.type('application/json').header('cache-control', 'public, max-age=300').send(text),
  );
}
