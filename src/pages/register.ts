import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '../errors.js';
import { passwordMinLength } from '../services/password/policy.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import { renderConfirmPage, renderRegisterDetailsPage, renderRegisterPage } from '../web/register.page.js';
import { countriesIn } from './countries.js';
import { parseOwnPath, withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import { createRegistrationCookie } from './registration-cookie.js';
import { createVisits, emptyForm, readForm, refuseForm } from './visit.js';
import { pathAfterRegistration } from './welcome.js';

interface NextQuery {
  next?: unknown;
}

/** `/register` and its steps: e-mail address, code or link from the mail, details. */
export function registerRegistration(app: FastifyInstance, deps: PageDeps): void {
  const { config, signIn, registrations } = deps;
  const { publicUrl } = config.http;
  const { findPerson, frame } = createVisits(deps);
  const cookie = createRegistrationCookie({ publicUrl });
  const nextOf = ({ next }: NextQuery) => parseOwnPath(next, publicUrl);
  const find = (request: FastifyRequest) => registrations.find(cookie.read(request));

  const showEmail = (reply: FastifyReply, form: FormState, query: NextQuery) =>
    renderRegisterPage({ ...frame(reply), form, loginHref: withNext('/login', nextOf(query)) });
  const showExpired = (reply: FastifyReply) =>
    reply.code(400).send(
      renderErrorPage({
        ...frame(reply),
        title: reply.request.words('This registration has expired'),
        message: reply.request.words('Code and link work for half an hour, and once. Begin again: it takes a minute.'),
        action: { label: reply.request.words('Begin again'), href: '/register' },
      }),
    );
  // To the owner of the mailbox only, who proved it in the step before.
  const showAddressRefused = (reply: FastifyReply, error: InvalidInputError) => {
    const { words } = reply.request;
    const isTaken = error.reason === 'EMAIL_TAKEN';
    return reply.code(isTaken ? 409 : 403).send(
      renderErrorPage({
        ...frame(reply),
        title: words(isTaken ? 'You have an account already' : 'This e-mail address cannot be used'),
        message: words.ofError(error),
        action: isTaken ? { label: words('Sign in'), href: '/login' } : undefined,
      }),
    );
  };

  app.get<{ Querystring: NextQuery }>('/register', async (request, reply) => {
    const person = await findPerson(request, reply);
    if (person) return reply.redirect(nextOf(request.query) ?? '/account', 303);
    return reply.send(showEmail(reply, emptyForm(reply), request.query));
  });

  app.post<{ Querystring: NextQuery }>('/register', async (request, reply) => {
    const values = readForm(request.body);
    try {
      const next = nextOf(request.query);
      cookie.set(
        reply,
        await registrations.begin({
          email: values.email ?? '',
          next,
          address: request.ip,
          language: reply.request.words.language,
        }),
      );
      return reply.redirect('/register/confirm', 303);
    } catch (error) {
      return reply.send(showEmail(reply, refuseForm(reply, values, error), request.query));
    }
  });

  const showConfirm = (reply: FastifyReply, form: FormState, email: string, query: { sent?: unknown } = {}) =>
    renderConfirmPage({ ...frame(reply), form, email, wasSentAgain: query.sent === 'again' });

  // The link proves the mailbox by itself. Opening it changes nothing yet, since mail scanners open links too.
  app.get<{ Querystring: { token?: unknown; sent?: unknown } }>('/register/confirm', async (request, reply) => {
    const { token } = request.query;
    if (typeof token === 'string') {
      if (!(await registrations.find(token))) return showExpired(reply);
      cookie.set(reply, token);
      return reply.redirect('/register/details', 303);
    }
    const registration = await find(request);
    if (!registration) return reply.redirect('/register', 303);
    if (registration.isConfirmed) return reply.redirect('/register/details', 303);
    return reply.send(showConfirm(reply, emptyForm(reply), registration.email, request.query));
  });

  app.post('/register/confirm', async (request, reply) => {
    const registration = await find(request);
    if (!registration) return showExpired(reply);
    const values = readForm(request.body);
    try {
      await registrations.confirm(cookie.read(request), values.code ?? '', request.ip);
      return reply.redirect('/register/details', 303);
    } catch (error) {
      return reply.send(showConfirm(reply, refuseForm(reply, {}, error), registration.email));
    }
  });

  app.post('/register/resend', async (request, reply) => {
    const registration = await find(request);
    if (!registration) return showExpired(reply);
    try {
      const token = await registrations.resend(cookie.read(request), request.ip, reply.request.words.language);
      if (token) cookie.set(reply, token);
      return reply.redirect('/register/confirm?sent=again', 303);
    } catch (error) {
      return reply.send(showConfirm(reply, refuseForm(reply, {}, error), registration.email));
    }
  });

  const showDetails = (reply: FastifyReply, form: FormState, email: string) =>
    renderRegisterDetailsPage({ ...frame(reply), form, email, countries: countriesIn(form.words), passwordMinLength });

  app.get('/register/details', async (request, reply) => {
    const registration = await find(request);
    if (!registration?.isConfirmed) return reply.redirect('/register', 303);
    return reply.send(showDetails(reply, emptyForm(reply), registration.email));
  });

  app.post('/register/details', async (request, reply) => {
    const registration = await find(request);
    if (!registration?.isConfirmed) return showExpired(reply);
    const values = readForm(request.body);
    const { name = '', username, password = '', country = '', terms } = values;
    try {
      const { account, next } = await registrations.complete(
        cookie.read(request),
        { name, username, password, profile: country ? { country } : {}, hasAgreedToTerms: terms === 'yes' },
        request.ip,
      );
      cookie.clear(reply);
      await signIn.establish(request.raw, reply.raw, account.id, ['pwd']);
      return reply.redirect(pathAfterRegistration(next), 303);
    } catch (error) {
      const reason = error instanceof InvalidInputError ? error.reason : undefined;
      if (reason === 'REGISTRATION_EXPIRED') return showExpired(reply);
      if (error instanceof InvalidInputError && (reason === 'EMAIL_TAKEN' || reason === 'EMAIL_BLOCKED'))
        return showAddressRefused(reply, error);
      return reply.send(showDetails(reply, refuseForm(reply, values, error), registration.email));
    }
  });
}
