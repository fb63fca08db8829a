import type { FastifyInstance } from 'fastify';
import type { FormState } from '../web/form.js';
import {
  renderRecoveryCodesPage,
  renderSecondFactorOffPage,
  renderSecondFactorOnPage,
  renderSecondFactorSetUpPage,
} from '../web/second-factor.page.js';
import type { PageDeps } from './page-deps.js';
import { createVisits, emptyForm, readForm, refuseForm, type SignedIn } from './visit.js';

/** `/account/two-step`: an authenticator app as second factor. */
export function registerSecondFactor(app: FastifyInstance, deps: PageDeps): void {
  const { secondFactors, signIn } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const show = async ({ account }: SignedIn, form: FormState) => {
    if (!(await secondFactors.isOn(account.id))) return renderSecondFactorOffPage({ ...frame(account), form });
    const codesLeft = await secondFactors.codesLeft(account.id);
    return renderSecondFactorOnPage({ ...frame(account), form, codesLeft });
  };

  app.get('/account/two-step', async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await show(person, emptyForm(reply)));
  });

  app.post('/account/two-step/begin', async (request, reply) => {
    const person = await requirePerson(request, reply);
    try {
      await secondFactors.begin(person.account.id, readForm(request.body).currentPassword ?? '', request.ip);
      return reply.redirect('/account/two-step/set-up', 303);
    } catch (error) {
      return reply.send(await show(person, refuseForm(reply, {}, error)));
    }
  });

  app.get('/account/two-step/set-up', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const setUp = await secondFactors.pending(account.id);
    if (!setUp) return reply.redirect('/account/two-step', 303);
    return reply.send(renderSecondFactorSetUpPage({ ...frame(account), form: emptyForm(reply), ...setUp }));
  });

  app.post('/account/two-step/confirm', async (request, reply) => {
    const { account, sessionUid } = await requirePerson(request, reply);
    const setUp = await secondFactors.pending(account.id);
    if (!setUp) return reply.redirect('/account/two-step', 303);
    try {
      const codes = await secondFactors.confirm(account.id, readForm(request.body).code ?? '', request.ip);
      // Whoever signed in elsewhere with the password alone is asked anew.
      await signIn.revokeAll(account.id, sessionUid);
      return reply.send(renderRecoveryCodesPage({ ...frame(account), codes }));
    } catch (error) {
      return reply.send(
        renderSecondFactorSetUpPage({ ...frame(account), form: refuseForm(reply, {}, error), ...setUp }),
      );
    }
  });

  app.post('/account/two-step/change', async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { account } = person;
    const { currentPassword: password = '', code = '', act } = readForm(request.body);
    const proof = { password, code, address: request.ip };
    try {
      if (act === 'renew') {
        const codes = await secondFactors.renewRecoveryCodes(account.id, proof);
        return reply.send(renderRecoveryCodesPage({ ...frame(account), codes }));
      }
      await secondFactors.remove(account.id, proof);
      return reply.redirect('/account?done=two-step-off', 303);
    } catch (error) {
      return reply.send(await show(person, refuseForm(reply, {}, error)));
    }
  });
}
