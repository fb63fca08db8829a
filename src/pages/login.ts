import type { FastifyInstance, FastifyReply } from 'fastify';
import { RateLimitedError } from '../errors.js';
import type { Authentication } from '../services/account/sign-in.js';
import type { FormState } from '../web/form.js';
import { renderLoginPage } from '../web/login.page.js';
import { parseOwnPath, withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import type { SecondStep } from './second-step.js';
import { createVisits, emptyForm, readForm, refusedForm } from './visit.js';

interface LoginQuery {
  next?: unknown;
  done?: unknown;
}

/** Good news that another page brings along. */
const notices = new Map<string, string>([
  ['signed-out', 'You were signed out everywhere.'],
  ['password-reset', 'Your password was changed and you were signed out everywhere. Sign in with the new one.'],
]);

/** `/login`: signing in to Portico itself, to go on at `next`. */
export function registerLogin(app: FastifyInstance, deps: PageDeps, secondStep: SecondStep): void {
  const { config, signIn } = deps;
  const { findPerson, frame } = createVisits(deps);
  const nextOf = ({ next }: LoginQuery) => parseOwnPath(next, config.http.publicUrl);
  const show = (form: FormState, query: LoginQuery) =>
    renderLoginPage({
      ...frame(),
      form,
      notice: typeof query.done === 'string' ? notices.get(query.done) : undefined,
      registerHref: withNext('/register', nextOf(query)),
      resetHref: '/password/reset',
    });

  app.get<{ Querystring: LoginQuery }>('/login', async (request, reply) => {
    const person = await findPerson(request, reply);
    if (person) return reply.redirect(nextOf(request.query) ?? '/account', 303);
    return reply.send(show(emptyForm(reply), request.query));
  });

  app.post<{ Querystring: LoginQuery }>('/login', async (request, reply) => {
    const values = readForm(request.body);
    const result = await tryPassword(deps, values, request.ip, reply);
    if (result.outcome === 'success') {
      if (await secondStep.begin(result.account, reply))
        return reply.redirect(withNext('/login/second-step', nextOf(request.query)), 303);
      await signIn.establish(request.raw, reply.raw, result.account.id, ['pwd']);
      return reply.redirect(nextOf(request.query) ?? '/account', 303);
    }
    return reply.send(show(refusedForm(reply, values, { message: refusalOf(result) }), request.query));
  });

  secondStep.page(
    '/login/second-step',
    async (request, reply, accountId, methods) => {
      await signIn.establish(request.raw, reply.raw, accountId, methods);
      return nextOf(request.query instanceof Object ? request.query : {}) ?? '/account';
    },
    (reply) => reply.redirect('/login', 303),
  );
}

/** A sign-in that was refused for coming too often is an answer like the others here. */
export type PasswordResult = Authentication | { outcome: 'throttled'; message: string };

/** Compares what was typed, and gives the answer the status that goes with the result. */
export async function tryPassword(
  { accounts }: Pick<PageDeps, 'accounts'>,
  { identifier = '', password = '' }: Record<string, string>,
  address: string,
  reply: FastifyReply,
): Promise<PasswordResult> {
  try {
    const result = await accounts.authenticate(identifier, password, address);
    if (result.outcome !== 'success') reply.code(422);
    return result;
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    reply.code(429).header('retry-after', error.retryAfterSeconds);
    return { outcome: 'throttled', message: error.message };
  }
}

/** Why a sign-in was refused, in words for the person. Never tells whether the account exists. */
export function refusalOf(result: Exclude<PasswordResult, { outcome: 'success' }>): string {
  if (result.outcome === 'throttled') return result.message;
  if (result.outcome === 'wrong') return 'E-mail address, username or password is not right. Check them and try again.';
  return {
    DEACTIVATED: 'This account was deactivated. Ask for help to have it opened again.',
    BLOCKED: 'This account was blocked. Ask for help if you think that this is a mistake.',
    RETIRED: 'This account was closed for good.',
  }[result.status];
}
