import type { FastifyInstance } from 'fastify';
import { passwordMinLength } from '../services/password/policy.js';
import { renderPasswordPage, renderProfilePage } from '../web/account.page.js';
import type { FormState } from '../web/form.js';
import { countries } from './countries.js';
import type { PageDeps } from './page-deps.js';
import { createVisits, emptyForm, readForm, refuseForm, type SignedIn } from './visit.js';

/** `/account/profile` and `/account/password`: what is changed by filling in a form. */
export function registerAccountForms(app: FastifyInstance, deps: PageDeps): void {
  const { accounts, signIn } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const showProfile = ({ account }: SignedIn, form: FormState) =>
    renderProfilePage({ ...frame(account), form, countries });

  app.get('/account/profile', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { name, profile } = person.account;
    return reply.send(showProfile(person, emptyForm(reply, { name, country: profile.country ?? '' })));
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
      return reply.send(showProfile(person, refuseForm(reply, values, error)));
    }
  });

  const showPassword = ({ account }: SignedIn, form: FormState) =>
    renderPasswordPage({ ...frame(account), form, username: account.username, passwordMinLength });

  app.get('/account/password', async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(showPassword(person, emptyForm(reply)));
  });

  app.post('/account/password', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { currentPassword = '', password = '' } = readForm(request.body);
    try {
      await accounts.changePassword(person.account.id, currentPassword, password, request.ip);
      await signIn.revokeAll(person.account.id, person.sessionUid);
      return reply.redirect('/account?done=password', 303);
    } catch (error) {
      return reply.send(showPassword(person, refuseForm(reply, {}, error)));
    }
  });
}
