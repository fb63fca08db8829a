import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PendingInteraction } from '../access/sign-in.js';
import { renderConsentPage } from '../web/consent.page.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import { renderLoginPage } from '../web/login.page.js';
import { describeConsent } from './consent-words.js';
import { offerProviders } from './identity-sign-in.js';
import { redirectionTo } from './language-choice.js';
import { withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import type { SecondStep } from './second-step.js';
import { trySignIn } from './try-sign-in.js';
import { createVisits, emptyForm, readForm, refusedForm } from './visit.js';

interface InteractionRoute {
  Params: { uid: string };
}

/**
 * `/login/:uid` and `/consent/:uid`: what an authorization request asks of a person. The browser that began the request holds
 * its cookie; the `uid` in the address alone opens nothing.
 */
export function registerInteractions(app: FastifyInstance, deps: PageDeps, secondStep: SecondStep): void {
  const { config, signIn } = deps;
  const { findPerson, frame } = createVisits(deps);

  const nameClient = (reply: FastifyReply, { clientName, isForLms }: PendingInteraction) =>
    isForLms ? reply.request.words('the learning site') : clientName;

  const showLogin = async (reply: FastifyReply, interaction: PendingInteraction, form: FormState) =>
    renderLoginPage({
      ...frame(reply),
      form,
      clientName: nameClient(reply, interaction),
      providers: await offerProviders(deps, interaction.requestPath, { isFresh: interaction.mustReauthenticate }),
      registerHref: withNext('/register', interaction.requestPath),
      resetHref: withNext('/password/reset', interaction.requestPath),
      mayCancel: true,
    });

  const showExpired = (reply: FastifyReply) =>
    reply.code(400).send(
      renderErrorPage({
        ...frame(reply),
        title: reply.request.words('This sign-in has expired'),
        message: reply.request.words(
          'It took too long, was finished already, or began in another browser. Start again where you came from.',
        ),
        action: { label: reply.request.words('Sign in here'), href: '/login' },
      }),
    );

  const findInteraction = async (request: FastifyRequest<InteractionRoute>, reply: FastifyReply) => {
    const interaction = await signIn.interaction(request.raw, reply.raw);
    return interaction?.uid === request.params.uid ? interaction : undefined;
  };

  const withScript = { config: { hasScript: true } };

  app.get<InteractionRoute>('/login/:uid', withScript, async (request, reply) => {
    const interaction = await findInteraction(request, reply);
    if (!interaction) return showExpired(reply);
    if (interaction.prompt === 'consent') return reply.redirect(`/consent/${interaction.uid}`, 303);
    const inWantedLanguage = redirectionTo(interaction.uiLocales, request, config.site.locales);
    if (inWantedLanguage) return reply.redirect(inWantedLanguage, 303);
    // Another tab may have signed in meanwhile.
    const person = interaction.mustReauthenticate ? undefined : await findPerson(request, reply);
    if (person) return reply.redirect(await signIn.finishLogin(request.raw, reply.raw, person.account.id, []), 303);
    const hint = interaction.loginHint;
    return reply.send(await showLogin(reply, interaction, emptyForm(reply, hint ? { identifier: hint } : {})));
  });

  app.post<InteractionRoute & { Querystring: { cancel?: unknown } }>(
    '/login/:uid',
    withScript,
    async (request, reply) => {
      const interaction = await findInteraction(request, reply);
      if (interaction?.prompt !== 'login') return showExpired(reply);
      if (request.query.cancel !== undefined) return reply.redirect(await signIn.abort(request.raw, reply.raw), 303);
      const result = await trySignIn({ ...deps, secondStep }, request, reply);
      if (result.outcome === 'refused')
        return reply.send(await showLogin(reply, interaction, refusedForm(reply, readForm(request.body), result)));
      if (result.outcome === 'second-step') return reply.redirect(`/login/${interaction.uid}/second-step`, 303);
      return reply.redirect(await signIn.finishLogin(request.raw, reply.raw, result.account.id, result.methods), 303);
    },
  );

  secondStep.page(
    '/login/:uid/second-step',
    async (request, reply, accountId, methods) => {
      const interaction = await signIn.interaction(request.raw, reply.raw);
      if (interaction?.prompt !== 'login') return undefined;
      return signIn.finishLogin(request.raw, reply.raw, accountId, methods);
    },
    showExpired,
  );

  /** A request for consent, with the person it asks: nobody decides for the one who sat here before. */
  const findConsent = async (request: FastifyRequest<InteractionRoute>, reply: FastifyReply) => {
    const interaction = await findInteraction(request, reply);
    const person = await findPerson(request, reply);
    if (interaction?.prompt !== 'consent' || person?.account.id !== interaction.accountId) return undefined;
    return person && { interaction, person };
  };

  app.get<InteractionRoute>('/consent/:uid', async (request, reply) => {
    const consent = await findConsent(request, reply);
    if (!consent) return showExpired(reply);
    const { interaction, person } = consent;
    const inWantedLanguage = redirectionTo(interaction.uiLocales, request, config.site.locales);
    if (inWantedLanguage) return reply.redirect(inWantedLanguage, 303);
    return reply.send(
      renderConsentPage({
        ...frame(reply, person.account),
        form: emptyForm(reply),
        clientName: nameClient(reply, interaction),
        ...describeConsent(interaction, reply.request.words),
      }),
    );
  });

  app.post<InteractionRoute>('/consent/:uid', async (request, reply) => {
    const consent = await findConsent(request, reply);
    if (!consent) return showExpired(reply);
    const isAllowed = readForm(request.body).decision === 'allow';
    const target = isAllowed
      ? await signIn.finishConsent(request.raw, reply.raw, consent.interaction.missingScopes)
      : await signIn.abort(request.raw, reply.raw);
    return reply.redirect(target, 303);
  });
}
