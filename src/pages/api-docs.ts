import type { FastifyInstance } from 'fastify';
import { renderApiDocsPage } from '../web/api-docs.page.js';
import { wordsIn } from '../words/words.js';
import type { PageDeps } from './page-deps.js';

/** `/api/docs`: the REST API for people who read, made of its document. It is in English, and so is what stands around it. */
export function registerApiDocs(app: FastifyInstance, { config, apiDocument }: PageDeps): void {
  const page = renderApiDocsPage({ site: config.site, words: wordsIn('en'), api: apiDocument });
  app.get('/api/docs', async (_request, reply) => reply.send(page));
}
