import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticationMethod } from '../access/sign-in.js';
import { RateLimitedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import { renderSecondStepPage } from '../web/second-factor.page.js';
import type { PageDeps } from './page-deps.js';
import { createVisits, emptyForm, readForm, refusedForm } from './visit.js';

const cookieName = 'portico_second_step';

/** The step between a right password and the sign-in, for whoever has a second factor. */
export interface SecondStep {
  /** Whether there is one to take; if so, this browser may go to its page. */
  begin(account: Account, reply: FastifyReply): Promise<boolean>;
  /** Registers the page at a path. */
  page(path: string, finish: Finish, showExpired: ShowExpired): void;
}

/** Signs the person in; answers where to go on, or nothing when what they were doing has expired. */
type Finish = (
  request: FastifyRequest,
  reply: FastifyReply,
  accountId: string,
  methods: AuthenticationMethod[],
) => Promise<string | undefined>;
type ShowExpired = (reply: FastifyReply) => unknown;

export function createSecondStep(app: FastifyInstance, deps: PageDeps): SecondStep {
  const { secondFactors, config } = deps;
  const { frame } = createVisits(deps);
  const options = {
    path: '/login',
    httpOnly: true,
    sameSite: 'lax',
    secure: config.http.publicUrl.startsWith('https:'),
  } as const;
  const accountOf = (request: FastifyRequest) => secondFactors.tickets.open(request.cookies[cookieName] ?? '');

  return {
    begin: async (account, reply) => {
      if (!(await secondFactors.isOn(account.id))) return false;
      reply.setCookie(cookieName, await secondFactors.tickets.issue(account), options);
      return true;
    },
    page: (path, finish, showExpired) => {
      app.get(path, async (request, reply) => {
        if (!(await accountOf(request))) return showExpired(reply);
        return reply.send(renderSecondStepPage({ ...frame(), form: emptyForm(reply) }));
      });
      app.post(path, async (request, reply) => {
        const accountId = await accountOf(request);
        if (!accountId) return showExpired(reply);
        const refuse = (status: number, message: string) =>
          reply
            .code(status)
            .send(renderSecondStepPage({ ...frame(), form: refusedForm(reply, {}, { field: 'code', message }) }));
        try {
          const isRight = await secondFactors.check(accountId, readForm(request.body).code ?? '', request.ip);
          if (!isRight) return refuse(422, 'This code is not right, or was used already. Try the next one.');
        } catch (error) {
          if (!(error instanceof RateLimitedError)) throw error;
          reply.header('retry-after', error.retryAfterSeconds);
          return refuse(429, error.message);
        }
        reply.clearCookie(cookieName, options);
        const target = await finish(request, reply, accountId, ['pwd', 'otp']);
        return target === undefined ? showExpired(reply) : reply.redirect(target, 303);
      });
    },
  };
}
