import type { FastifyInstance, FastifyReply } from 'fastify';
import { ConflictError, InvalidInputError } from '../errors.js';
import { renderAccountKeptPage, renderDeleteAccountPage, renderKeepAccountPage } from '../web/account-deletion.page.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { createVisits, emptyForm, refuseForm, type SignedIn } from './visit.js';

interface LinkRoute {
  Querystring: { token?: unknown };
}

/** `/account/delete`: the end of one's account, asked for and taken back. */
export function registerAccountDeletion(app: FastifyInstance, deps: PageDeps): void {
  const { config, deletionRequests, identityProof } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const show = async (reply: FastifyReply, { account }: SignedIn, form: FormState) =>
    renderDeleteAccountPage({
      ...frame(reply, account),
      form,
      waitDays: config.leaving.deletionWaitDays,
      needs: await readNeeds(deps, account.id),
    });

  const withScript = { config: { hasScript: true } };

  app.get('/account/delete', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    if (await deletionRequests.pending(person.account.id)) return reply.redirect('/account', 303);
    return reply.send(await show(reply, person, emptyForm(reply)));
  });

  app.post('/account/delete', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { id: accountId } = person.account;
    try {
      await identityProof.require(accountId, readProof(request, config.http.publicUrl));
      await deletionRequests.request(accountId, { accountId, address: request.ip });
      return reply.redirect('/account', 303);
    } catch (error) {
      return reply.send(await show(reply, person, refuseForm(reply, {}, error)));
    }
  });

  app.post('/account/delete/keep', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    await deletionRequests.cancel(account.id, { accountId: account.id, address: request.ip });
    return reply.redirect('/account?done=kept', 303);
  });

  registerLink(app, deps);
}

/** It works without a sign-in: who reads the mailbox need not be in this browser. */
function registerLink(app: FastifyInstance, deps: PageDeps): void {
  const { deletionRequests } = deps;
  const { frame } = createVisits(deps);
  const tokenOf = ({ token }: LinkRoute['Querystring']) => (typeof token === 'string' ? token : '');
  const showExpired = (reply: FastifyReply) =>
    reply.code(400).send(
      renderErrorPage({
        ...frame(reply),
        title: reply.request.words('This link does not work any more'),
        message: reply.request.words('There is no request for deletion that it could take back.'),
        action: { label: reply.request.words('Go to your account'), href: '/account' },
      }),
    );

  app.get<LinkRoute>('/account/delete/cancel', async (request, reply) => {
    if (!(await deletionRequests.canCancel(tokenOf(request.query)))) return showExpired(reply);
    return reply.send(renderKeepAccountPage({ ...frame(reply), form: emptyForm(reply) }));
  });

  app.post<LinkRoute>('/account/delete/cancel', async (request, reply) => {
    try {
      await deletionRequests.cancelByLink(tokenOf(request.query), request.ip);
    } catch (error) {
      if (error instanceof InvalidInputError || error instanceof ConflictError) return showExpired(reply);
      throw error;
    }
    return reply.send(renderAccountKeptPage(frame(reply)));
  });
}
