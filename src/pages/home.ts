import type { FastifyInstance } from 'fastify';
import { renderHomePage } from '../web/home.page.js';
import type { PageDeps } from './page-deps.js';
import { createVisits } from './visit.js';

/** `/`: the start page. */
export function registerHome(app: FastifyInstance, deps: PageDeps): void {
  const { findPerson, frame } = createVisits(deps);
  const { browserUrl, socialLoginPath } = deps.config.lms;
  app.get('/', async (request, reply) => {
    const person = await findPerson(request, reply);
    return reply.send(renderHomePage({ ...frame(reply, person?.account), coursesHref: browserUrl + socialLoginPath }));
  });
}
