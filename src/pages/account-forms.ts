import type { FastifyInstance, FastifyReply } from 'fastify';
import { passwordMinLength } from '../services/password/policy.js';
import { renderPasswordPage, renderProfilePage } from '../web/account.page.js';
import type { FormState } from '../web/form.js';
import { countriesIn } from './countries.js';
import type { PageDeps } from './page-deps.js';
import { createVisits, emptyForm, readForm, refuseForm, type SignedIn } from './visit.js';

/** `/account/profile` and `/account/password`: what is changed by filling in a form. */
export function registerAccountForms(app: FastifyInstance, deps: PageDeps): void {
  const { accounts, signIn } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const showProfile = (reply: FastifyReply, { account }: SignedIn, form: FormState) =>
    renderProfilePage({ ...frame(reply, account), form, countries: countriesIn(reply.request.words) });

  app.get('/account/profile', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { name, profile } = person.account;
    return reply.send(showProfile(reply, person, emptyForm(reply, { name, country: profile.country ?? '' })));
  });

  app.post('/account/profile', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const values = readForm(request.body);
    try {
      const actor = { accountId: person.account.id, address: request.ip };
      const { name, country = '' } = values;
      await accounts.updateProfile(person.account.id, { name, profile: { country } }, actor);
      return reply.redirect('/account?done=profile', 303);
    } catch (error) {
      return reply.send(showProfile(reply, person, refuseForm(reply, values, error)));
    }
  });

  const showPassword = (reply: FastifyReply, { account }: SignedIn, form: FormState) =>
    renderPasswordPage({ ...frame(reply, account), form, username: account.username, passwordMinLength });

  app.get('/account/password', async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(showPassword(reply, person, emptyForm(reply)));
  });

  app.post('/account/password', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { currentPassword = '', password = '' } = readForm(request.body);
    try {
      await accounts.changePassword(person.account.id, currentPassword, password, request.ip);
      await signIn.revokeAll(person.account.id, person.sessionUid);
      return reply.redirect('/account?done=password', 303);
    } catch (error) {
      return reply.send(showPassword(reply, person, refuseForm(reply, {}, error)));
    }
  });
}
