import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { renderWelcomePage } from '../web/register.page.js';
import { parseOwnPath, withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import { createVisits } from './visit.js';

const lookMs = 150;
const longestWaitMs = 6_000;

/**
 * Where a new account goes on. A client that waits for the person is most likely the LMS, which must know the account first:
 * so there is a stop on the way, as short as can be.
 */
export function pathAfterRegistration(next: string | undefined): string {
  if (next?.startsWith('/oauth2/authorize')) return withNext('/register/welcome', next);
  return next ?? '/account';
}

/** `/register/welcome`: goes on as soon as the account exists in the LMS, and says so when that takes longer. */
export function registerWelcome(app: FastifyInstance, deps: PageDeps): void {
  const { config, edxLinks } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const becomesLinked = async (accountId: string): Promise<boolean> => {
    for (let waitedMs = 0; waitedMs <= longestWaitMs; waitedMs += lookMs) {
      const link = await edxLinks.find(accountId);
      if (link?.state === 'LINKED') return true;
      const isOnItsWay = link?.state === 'PENDING' || link?.state === 'CREATING';
      if (!isOnItsWay || link.lastError) return false;
      await wait(lookMs);
    }
    return false;
  };

  app.get<{ Querystring: { next?: unknown } }>('/register/welcome', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const next = parseOwnPath(request.query.next, config.http.publicUrl) ?? '/account';
    if (await becomesLinked(account.id)) return reply.redirect(next, 303);
    return reply.send(renderWelcomePage({ ...frame(reply, account), username: account.username, continueHref: next }));
  });
}
