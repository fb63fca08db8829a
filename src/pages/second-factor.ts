import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormState } from '../web/form.js';
import {
  renderRecoveryCodesPage,
  renderSecondFactorOffPage,
  renderSecondFactorOnPage,
  renderSecondFactorSetUpPage,
} from '../web/second-factor.page.js';
import { browserSecretOf } from './form-guard.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { createVisits, emptyForm, readForm, refuseForm, type SignedIn } from './visit.js';

/** `/account/two-step`: an authenticator app as second factor, and recovery codes. */
export function registerSecondFactor(app: FastifyInstance, deps: PageDeps): void {
  const { secondFactors, signIn, config } = deps;
  const { requirePerson, frame } = createVisits(deps);
  const withScript = { config: { hasScript: true } };
  const browserOf = (request: FastifyRequest) => browserSecretOf(request, config.http.publicUrl);

  const show = async (reply: FastifyReply, { account }: SignedIn, form: FormState) => {
    const needs = await readNeeds(deps, account.id);
    if (!needs.hasApp && !needs.hasPasskeys) return renderSecondFactorOffPage({ ...frame(reply, account), form });
    const [left] = await secondFactors.codesLeftOf([account.id]);
    return renderSecondFactorOnPage({ ...frame(reply, account), form, needs, codesLeft: left?.count ?? 0 });
  };

  app.get('/account/two-step', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await show(reply, person, emptyForm(reply)));
  });

  app.post('/account/two-step/begin', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    try {
      await secondFactors.begin(person.account.id, readProof(request, config.http.publicUrl));
      return reply.redirect('/account/two-step/set-up', 303);
    } catch (error) {
      return reply.send(await show(reply, person, refuseForm(reply, {}, error)));
    }
  });

  app.get('/account/two-step/set-up', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const setUp = await secondFactors.pending(account, browserOf(request));
    if (!setUp) return reply.redirect('/account/two-step', 303);
    return reply.send(renderSecondFactorSetUpPage({ ...frame(reply, account), form: emptyForm(reply), ...setUp }));
  });

  app.post('/account/two-step/confirm', async (request, reply) => {
    const { account, sessionUid } = await requirePerson(request, reply);
    const setUp = await secondFactors.pending(account, browserOf(request));
    if (!setUp) return reply.redirect('/account/two-step', 303);
    try {
      const from = { address: request.ip, browser: browserOf(request) };
      const codes = await secondFactors.confirm(account, readForm(request.body).code ?? '', from);
      if (!codes) return reply.redirect('/account?done=app-added', 303);
      // Whoever signed in elsewhere with the password alone is asked anew.
      await signIn.revokeAll(account.id, sessionUid);
      return reply.send(renderRecoveryCodesPage({ ...frame(reply, account), codes }));
    } catch (error) {
      return reply.send(
        renderSecondFactorSetUpPage({ ...frame(reply, account), form: refuseForm(reply, {}, error), ...setUp }),
      );
    }
  });

  app.post('/account/two-step/change', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { account } = person;
    const proof = readProof(request, config.http.publicUrl);
    try {
      switch (readForm(request.body).act) {
        case 'renew': {
          const codes = await secondFactors.renewRecoveryCodes(account, proof);
          return reply.send(renderRecoveryCodesPage({ ...frame(reply, account), codes }));
        }
        case 'begin':
          await secondFactors.begin(account.id, proof);
          return reply.redirect('/account/two-step/set-up', 303);
        case 'remove': {
          await secondFactors.removeApp(account, proof);
          const done = (await secondFactors.isOn(account.id)) ? 'app-removed' : 'two-step-off';
          return reply.redirect(`/account?done=${done}`, 303);
        }
        default:
          return reply.redirect('/account/two-step', 303);
      }
    } catch (error) {
      return reply.send(await show(reply, person, refuseForm(reply, {}, error)));
    }
  });
}
