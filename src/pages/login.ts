import type { FastifyInstance, FastifyReply } from 'fastify';
import type { FormState } from '../web/form.js';
import { renderLoginPage, signInOptionsPath } from '../web/login.page.js';
import type { FixedText } from '../words/words.js';
import { browserSecretOf } from './form-guard.js';
import { offerProviders } from './identity-sign-in.js';
import { parseOwnPath, withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import type { SecondStep } from './second-step.js';
import { trySignIn } from './try-sign-in.js';
import { createVisits, emptyForm, noticeOf, readForm, refusedForm } from './visit.js';

interface LoginQuery {
  next?: unknown;
  done?: unknown;
  /** Slug of an identity provider, to go there at once. */
  idp?: unknown;
}

/** Good news that another page brings along. */
const notices = new Map<string, FixedText>([
  ['signed-out', 'You were signed out everywhere.'],
  ['password-reset', 'Your password was changed and you were signed out everywhere. Sign in with the new one.'],
]);

/** `/login`: signing in to Portico itself, to go on at `next`. */
export function registerLogin(app: FastifyInstance, deps: PageDeps, secondStep: SecondStep): void {
  const { config, signIn, passkeys } = deps;
  const { findPerson, frame } = createVisits(deps);
  const withScript = { config: { hasScript: true } };
  const nextOf = ({ next }: LoginQuery) => parseOwnPath(next, config.http.publicUrl);
  const show = async (reply: FastifyReply, form: FormState, query: LoginQuery) =>
    renderLoginPage({
      ...frame(reply),
      form,
      notice: noticeOf(notices, query.done, form.words),
      providers: await offerProviders(deps, nextOf(query)),
      registerHref: withNext('/register', nextOf(query)),
      resetHref: '/password/reset',
    });

  app.get<{ Querystring: LoginQuery }>('/login', withScript, async (request, reply) => {
    const person = await findPerson(request, reply);
    if (person) return reply.redirect(nextOf(request.query) ?? '/account', 303);
    const { idp } = request.query;
    if (typeof idp === 'string' && /^[\w-]+$/.test(idp))
      return reply.redirect(withNext(`/login/with/${idp}`, nextOf(request.query)), 303);
    return reply.send(await show(reply, emptyForm(reply), request.query));
  });

  app.post<{ Querystring: LoginQuery }>('/login', withScript, async (request, reply) => {
    const result = await trySignIn({ ...deps, secondStep }, request, reply);
    if (result.outcome === 'refused')
      return reply.send(await show(reply, refusedForm(reply, readForm(request.body), result), request.query));
    if (result.outcome === 'second-step')
      return reply.redirect(withNext('/login/second-step', nextOf(request.query)), 303);
    await signIn.establish(request.raw, reply.raw, result.account.id, result.methods);
    return reply.redirect(nextOf(request.query) ?? '/account', 303);
  });

  app.post(signInOptionsPath, async (request, reply) => {
    const browser = browserSecretOf(request, config.http.publicUrl);
    const options = await passkeys.ask({ purpose: 'sign-in', accountId: null, browser });
    return reply.type('application/json; charset=utf-8').send(options);
  });

  secondStep.page(
    '/login/second-step',
    async (request, reply, accountId, methods) => {
      await signIn.establish(request.raw, reply.raw, accountId, methods);
      return nextOf(typeof request.query === 'object' && request.query !== null ? request.query : {}) ?? '/account';
    },
    (reply) => reply.redirect('/login', 303),
  );
}
