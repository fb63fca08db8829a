import type { FastifyInstance, FastifyReply } from 'fastify';
import { InvalidInputError } from '../errors.js';
import { passwordMinLength } from '../services/password/policy.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import { renderResetChoosePage, renderResetRequestPage, renderResetSentPage } from '../web/password-reset.page.js';
import { parseOwnPath } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import { createVisits, emptyForm, readForm, refuseForm } from './visit.js';

interface ChooseQuery {
  token?: unknown;
  next?: unknown;
}

/** `/password/reset`: a new password by a mailed link. */
export function registerPasswordReset(app: FastifyInstance, deps: PageDeps): void {
  const { config, signIn, passwordResets } = deps;
  const { frame } = createVisits(deps);
  const showRequest = (reply: FastifyReply, form: FormState) => renderResetRequestPage({ ...frame(reply), form });
  const showChoose = (reply: FastifyReply, form: FormState) =>
    renderResetChoosePage({ ...frame(reply), form, passwordMinLength });
  const tokenOf = ({ token }: ChooseQuery) => (typeof token === 'string' ? token : '');
  const showExpired = (reply: FastifyReply) =>
    reply.code(400).send(
      renderErrorPage({
        ...frame(reply),
        title: reply.request.words('This link does not work any more'),
        message: reply.request.words('It works for half an hour, and once. Ask for a new one.'),
        action: { label: reply.request.words('Ask for a new link'), href: '/password/reset' },
      }),
    );

  app.get('/password/reset', async (_request, reply) => reply.send(showRequest(reply, emptyForm(reply))));

  app.post<{ Querystring: { next?: unknown } }>('/password/reset', async (request, reply) => {
    const values = readForm(request.body);
    try {
      const next = parseOwnPath(request.query.next, config.http.publicUrl);
      await passwordResets.begin({
        email: values.email ?? '',
        next,
        address: request.ip,
        language: reply.request.words.language,
      });
      return reply.redirect('/password/reset/sent', 303);
    } catch (error) {
      return reply.send(showRequest(reply, refuseForm(reply, values, error)));
    }
  });

  app.get('/password/reset/sent', async (_request, reply) => reply.send(renderResetSentPage(frame(reply))));

  app.get<{ Querystring: ChooseQuery }>('/password/reset/choose', async (request, reply) => {
    if (!(await passwordResets.check(tokenOf(request.query)))) return showExpired(reply);
    return reply.send(showChoose(reply, emptyForm(reply)));
  });

  app.post<{ Querystring: ChooseQuery }>('/password/reset/choose', async (request, reply) => {
    const token = tokenOf(request.query);
    if (!(await passwordResets.check(token))) return showExpired(reply);
    try {
      const { password = '' } = readForm(request.body);
      const account = await passwordResets.complete(token, password, request.ip);
      await signIn.revokeAll(account.id);
      const next = parseOwnPath(request.query.next, config.http.publicUrl);
      const query = new URLSearchParams({ done: 'password-reset', ...(next !== undefined && { next }) });
      return reply.redirect(`/login?${query}`, 303);
    } catch (error) {
      if (error instanceof InvalidInputError && error.reason === 'RESET_EXPIRED') return showExpired(reply);
      return reply.send(showChoose(reply, refuseForm(reply, {}, error)));
    }
  });
}
