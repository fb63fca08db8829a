import type { FastifyInstance, FastifyReply } from 'fastify';
import { InvalidInputError } from '../errors.js';
import {
  renderEmailChangePage,
  renderEmailCodePage,
  renderEmailDonePage,
  renderEmailLinkPage,
} from '../web/email-change.page.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { createVisits, emptyForm, readForm, refusedForm, refuseForm, type SignedIn } from './visit.js';

interface LinkRoute {
  Querystring: { token?: unknown };
}

/** `/account/email`: another e-mail address, and the links that are mailed about it. */
export function registerEmailChange(app: FastifyInstance, deps: PageDeps): void {
  const { emailChanges, config } = deps;
  const { requirePerson, frame } = createVisits(deps);
  const withScript = { config: { hasScript: true } };
  const show = async (reply: FastifyReply, { account }: SignedIn, form: FormState) =>
    renderEmailChangePage({ ...frame(reply, account), form, needs: await readNeeds(deps, account.id) });

  app.get('/account/email', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await show(reply, person, emptyForm(reply)));
  });

  app.post('/account/email', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { email = '' } = readForm(request.body);
    try {
      const proof = readProof(request, config.http.publicUrl);
      await emailChanges.begin(person.account.id, { email, ...proof, language: reply.request.words.language });
      return reply.redirect('/account/email/code', 303);
    } catch (error) {
      return reply.send(await show(reply, person, refuseForm(reply, { email }, error)));
    }
  });

  app.get('/account/email/code', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const email = await emailChanges.pending(account.id);
    if (email === undefined) return reply.redirect('/account/email', 303);
    return reply.send(renderEmailCodePage({ ...frame(reply, account), form: emptyForm(reply), email }));
  });

  app.post('/account/email/code', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { account } = person;
    const email = await emailChanges.pending(account.id);
    if (email === undefined) return reply.redirect('/account/email', 303);
    try {
      const { code = '' } = readForm(request.body);
      await emailChanges.confirmByCode(account.id, code, { accountId: account.id, address: request.ip });
      return reply.redirect('/account?done=email', 303);
    } catch (error) {
      // Only another address helps then, which the page before asks for.
      if (error instanceof InvalidInputError && ['EMAIL_TAKEN', 'EMAIL_BLOCKED'].includes(error.reason ?? ''))
        return reply.send(await show(reply, person, refuseForm(reply, { email }, error)));
      return reply.send(renderEmailCodePage({ ...frame(reply, account), form: refuseForm(reply, {}, error), email }));
    }
  });

  registerLinks(app, deps);
}

/** They work without a sign-in: who reads the mailbox need not be in this browser. */
function registerLinks(app: FastifyInstance, deps: PageDeps): void {
  const { emailChanges } = deps;
  const { frame } = createVisits(deps);
  const tokenOf = ({ token }: LinkRoute['Querystring']) => (typeof token === 'string' ? token : '');
  const showExpired = (reply: FastifyReply) =>
    reply.code(400).send(
      renderErrorPage({
        ...frame(reply),
        title: reply.request.words('This link does not work any more'),
        message: reply.request.words('It works for half an hour, and once.'),
        action: { label: reply.request.words('Go to your account'), href: '/account' },
      }),
    );
  const showConfirm = (reply: FastifyReply, form: FormState, email: string) =>
    renderEmailLinkPage({
      ...frame(reply),
      form,
      title: form.words('Confirm your new e-mail address'),
      message: form.words('{email} becomes the e-mail address of your account.', { email }),
      button: form.words('Confirm this address'),
    });

  app.get<LinkRoute>('/account/email/confirm', async (request, reply) => {
    const email = await emailChanges.findByLink(tokenOf(request.query));
    return email === undefined ? showExpired(reply) : reply.send(showConfirm(reply, emptyForm(reply), email));
  });

  app.post<LinkRoute>('/account/email/confirm', async (request, reply) => {
    const token = tokenOf(request.query);
    const email = await emailChanges.findByLink(token);
    if (email === undefined) return showExpired(reply);
    try {
      await emailChanges.confirmByLink(token, request.ip);
      const words = reply.request.words;
      const message = words('{email} is the e-mail address of your account now.', { email });
      return reply.send(
        renderEmailDonePage({ ...frame(reply), title: words('Your e-mail address was changed'), message }),
      );
    } catch (error) {
      if (error instanceof InvalidInputError && error.reason === 'LINK_EXPIRED') return showExpired(reply);
      if (!(error instanceof InvalidInputError)) throw error;
      reply.code(error.httpStatus);
      return reply.send(
        showConfirm(reply, refusedForm(reply, {}, { message: reply.request.words.ofError(error) }), email),
      );
    }
  });

  app.get<LinkRoute>('/account/email/stop', async (request, reply) => {
    if (!(await emailChanges.canStop(tokenOf(request.query)))) return showExpired(reply);
    return reply.send(
      renderEmailLinkPage({
        ...frame(reply),
        form: emptyForm(reply),
        title: reply.request.words('Stop the change of your e-mail address'),
        message: reply.request.words('Your account keeps its present e-mail address.'),
        button: reply.request.words('Stop the change'),
      }),
    );
  });

  app.post<LinkRoute>('/account/email/stop', async (request, reply) => {
    try {
      await emailChanges.stop(tokenOf(request.query), request.ip);
    } catch (error) {
      if (error instanceof InvalidInputError) return showExpired(reply);
      throw error;
    }
    const words = reply.request.words;
    const message = words('Your e-mail address stays as it is. If somebody else knows your password, change it now.');
    return reply.send(renderEmailDonePage({ ...frame(reply), title: words('The change was stopped'), message }));
  });
}
