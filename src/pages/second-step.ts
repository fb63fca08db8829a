import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticationMethod } from '../access/sign-in.js';
import { RateLimitedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import { renderSecondStepPage, secondStepOptionsPath } from '../web/second-factor.page.js';
import type { Words } from '../words/words.js';
import { browserSecretOf } from './form-guard.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds } from './proof.js';
import { createVisits, emptyForm, readForm, refusedForm } from './visit.js';

const cookieName = 'portico_second_step';

/** The step between a right password and the sign-in, for whoever has a second factor. */
export interface SecondStep {
  /** Whether there is one to take; if so, this browser may go to its page. */
  begin(account: Account, reply: FastifyReply): Promise<boolean>;
  /**
   * Registers the page at a path.
   *
   * @param first - how those who come there proved themselves before; by their password, unless given
   */
  page(path: string, finish: Finish, showExpired: ShowExpired, first?: readonly AuthenticationMethod[]): void;
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
  const { secondFactors, passkeys, config } = deps;
  const { publicUrl } = config.http;
  const { frame } = createVisits(deps);
  const withScript = { config: { hasScript: true } };
  const options = {
    path: '/login',
    httpOnly: true,
    sameSite: 'lax',
    secure: publicUrl.startsWith('https:'),
  } as const;
  const accountOf = (request: FastifyRequest) => secondFactors.tickets.open(request.cookies[cookieName] ?? '');

  app.post(secondStepOptionsPath, async (request, reply) => {
    const accountId = await accountOf(request);
    if (!accountId) return reply.code(403).send();
    const use = { purpose: 'second-step', accountId, browser: browserSecretOf(request, publicUrl) } as const;
    return reply.type('application/json; charset=utf-8').send(await passkeys.ask(use));
  });

  /** How the person proved themselves beside the password; or why not. */
  const check = async (
    request: FastifyRequest,
    accountId: string,
    words: Words,
  ): Promise<AuthenticationMethod[] | { field?: 'code'; message: string }> => {
    const { code = '', passkey: answer = '' } = readForm(request.body);
    if (answer) {
      const offered = { purpose: 'second-step', answer, browser: browserSecretOf(request, publicUrl) } as const;
      const methods = await secondFactors.checkPasskey(accountId, offered, request.ip);
      return methods ?? { message: words('The passkey was not accepted. Try again, or enter a code.') };
    }
    if (await secondFactors.checkCode(accountId, code, request.ip)) return ['otp'];
    return { field: 'code', message: words('This code is not right, or was used already. Try the next one.') };
  };

  return {
    begin: async (account, reply) => {
      if (!(await secondFactors.isOn(account.id))) return false;
      reply.setCookie(cookieName, await secondFactors.tickets.issue(account), options);
      return true;
    },
    page: (path, finish, showExpired, first = ['pwd']) => {
      app.get(path, withScript, async (request, reply) => {
        const accountId = await accountOf(request);
        if (!accountId) return showExpired(reply);
        const needs = await readNeeds(deps, accountId);
        return reply.send(renderSecondStepPage({ ...frame(reply), form: emptyForm(reply), needs }));
      });
      app.post(path, withScript, async (request, reply) => {
        const accountId = await accountOf(request);
        if (!accountId) return showExpired(reply);
        const refuse = async (status: number, error: { field?: 'code'; message: string }) => {
          const needs = await readNeeds(deps, accountId);
          reply.code(status);
          return reply.send(renderSecondStepPage({ ...frame(reply), form: refusedForm(reply, {}, error), needs }));
        };
        try {
          const result = await check(request, accountId, reply.request.words);
          if (!Array.isArray(result)) return await refuse(422, result);
          reply.clearCookie(cookieName, options);
          const target = await finish(request, reply, accountId, [...first, ...result]);
          return target === undefined ? showExpired(reply) : reply.redirect(target, 303);
        } catch (error) {
          if (!(error instanceof RateLimitedError)) throw error;
          reply.header('retry-after', error.retryAfterSeconds);
          return refuse(429, { field: 'code', message: reply.request.words.ofError(error) });
        }
      });
    },
  };
}
