import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors.js';
import type { IdentityView } from '../web/account.page.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import { renderConnectPage, renderDisconnectPage } from '../web/identity.page.js';
import type { Words } from '../words/words.js';
import { createIdentityCookie } from './identity-cookie.js';
import { connectPath, offerProviders } from './identity-sign-in.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { createVisits, emptyForm, refuseForm, type SignedIn } from './visit.js';

interface IdentityRoute {
  Params: { id: string };
}

/** What the account page shows of sign-ins at organizations. */
export async function viewIdentities(
  deps: Pick<PageDeps, 'identityProviders' | 'linkedIdentities'>,
  accountId: string,
  words: Words,
): Promise<{ identities: IdentityView[]; moreProviders: { label: string; href: string }[] }> {
  const [links, offered] = await Promise.all([
    deps.linkedIdentities.ofAccount(accountId),
    offerProviders(deps, undefined),
  ]);
  const linked = new Set(links.map(({ provider }) => `/login/with/${provider.slug}`));
  return {
    identities: links.map(({ link, provider }) => ({
      id: link.id,
      provider: provider.label,
      detail: [
        ...(link.externalKey == null ? [] : [words('Your key there: {key}', { key: link.externalKey })]),
        words('Last used {when}', { when: words.day(link.lastUsedAt) }),
      ].join(' · '),
    })),
    moreProviders: offered.filter(({ href }) => !linked.has(href)),
  };
}

/** `/account/identities`: sign-ins at organizations are tied to an account, and taken off it. Both want fresh proof. */
export function registerLinkedIdentities(app: FastifyInstance, deps: PageDeps): void {
  const { config, linkedIdentities, identityProof } = deps;
  const { publicUrl } = config.http;
  const { requirePerson, frame } = createVisits(deps);
  const cookie = createIdentityCookie({ publicUrl });
  const withScript = { config: { hasScript: true } };

  const needsOf = async ({ account, sessionUid }: SignedIn) =>
    (await identityProof.isFresh(account.id, sessionUid)) ? undefined : readNeeds(deps, account.id);
  const prove = async (request: FastifyRequest, { account, sessionUid }: SignedIn) => {
    if (await identityProof.isFresh(account.id, sessionUid)) return;
    await identityProof.require(account.id, readProof(request, publicUrl));
  };

  const showProblem = (reply: FastifyReply, status: number, message: string) => {
    const { words } = reply.request;
    return reply.code(status).send(
      renderErrorPage({
        ...frame(reply),
        title: words('That did not work'),
        message: words.ofError({ message }),
        action: { label: words('Go to your account'), href: '/account' },
      }),
    );
  };

  const showConnect = async (request: FastifyRequest, reply: FastifyReply, person: SignedIn, form: FormState) => {
    const newcomer = await linkedIdentities.findNewcomer(cookie.read(request));
    if (!newcomer) return showProblem(reply, 400, 'This sign-in has expired or is finished. Begin again.');
    const { provider, identity } = newcomer;
    return reply.send(
      renderConnectPage({
        ...frame(reply, person.account),
        form,
        provider: provider.label,
        username: person.account.username,
        who: [identity.name, identity.email, identity.externalKey].filter(Boolean).join(', ') || identity.subject,
        needs: await needsOf(person),
      }),
    );
  };

  app.get(connectPath, withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return showConnect(request, reply, person, emptyForm(reply));
  });

  app.post(connectPath, withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    try {
      await prove(request, person);
      const { next } = await linkedIdentities.link(cookie.read(request), person.account.id, request.ip);
      return reply.redirect(next ?? '/account?done=connected', 303);
    } catch (error) {
      if (error instanceof ConflictError) return showProblem(reply, error.httpStatus, error.message);
      if (error instanceof InvalidInputError && error.reason === 'IDENTITY_EXPIRED')
        return showProblem(reply, 400, error.message);
      return showConnect(request, reply, person, refuseForm(reply, {}, error));
    }
  });

  const showRemove = async (reply: FastifyReply, person: SignedIn, id: string, form: FormState) => {
    const links = await linkedIdentities.ofAccount(person.account.id);
    const found = links.find(({ link }) => link.id === id);
    if (!found) throw new NotFoundError('There is no such sign-in.');
    const needs = await needsOf(person);
    return reply.send(
      renderDisconnectPage({ ...frame(reply, person.account), form, provider: found.provider.label, needs }),
    );
  };

  app.get<IdentityRoute>('/account/identities/:id/remove', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return showRemove(reply, person, request.params.id, emptyForm(reply));
  });

  app.post<IdentityRoute>('/account/identities/:id/remove', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { id } = request.params;
    const { id: accountId } = person.account;
    try {
      await prove(request, person);
      await linkedIdentities.unlink(accountId, id, { accountId, address: request.ip });
      return reply.redirect('/account?done=disconnected', 303);
    } catch (error) {
      return showRemove(reply, person, id, refuseForm(reply, {}, error));
    }
  });
}
