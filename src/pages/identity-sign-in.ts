import type { FastifyInstance, FastifyReply } from 'fastify';
import { IdentityProviderError } from '../datasources/identity-provider/proven-identity.js';
import { ConflictError, InvalidInputError } from '../errors.js';
import type { IdentityRefusal } from '../services/identity-provider/identity-sign-ins.js';
import { renderErrorPage } from '../web/error.page.js';
import type { FormState } from '../web/form.js';
import { renderNewcomerPage } from '../web/identity.page.js';
import type { FixedText } from '../words/words.js';
import { createIdentityCookie } from './identity-cookie.js';
import { parseOwnPath, withNext } from './own-path.js';
import type { PageDeps } from './page-deps.js';
import type { SecondStep } from './second-step.js';
import { createVisits, emptyForm, readForm, refuseForm } from './visit.js';
import { pathAfterRegistration } from './welcome.js';

interface ProviderRoute {
  Params: { slug: string };
  Querystring: { next?: unknown; fresh?: unknown };
}

/** Where a newcomer says who they are here, and where somebody who is signed in ties the sign-in to their account. */
const newcomerPath = '/login/with/new';
export const connectPath = '/account/identities/connect';

/** What the sign-in page offers beside the password. */
export async function offerProviders(
  { identityProviders }: Pick<PageDeps, 'identityProviders'>,
  next: string | undefined,
  { isFresh = false }: { isFresh?: boolean } = {},
): Promise<{ label: string; href: string }[]> {
  const query = new URLSearchParams({ ...(next !== undefined && { next }), ...(isFresh && { fresh: '1' }) });
  const suffix = query.size > 0 ? `?${query}` : '';
  return (await identityProviders.listEnabled()).map(({ slug, label }) => ({
    label,
    href: `/login/with/${slug}${suffix}`,
  }));
}

const refusals: Record<IdentityRefusal, { status: number; title: FixedText; message: FixedText }> = {
  expired: {
    status: 400,
    title: 'This sign-in has expired',
    message: 'It took too long, was finished already, or began in another browser. Start again where you came from.',
  },
  denied: {
    status: 403,
    title: 'Your school did not sign you in',
    message: 'The sign-in was cancelled, or your school does not let you in here.',
  },
  unreachable: {
    status: 503,
    title: 'Your school cannot be reached',
    message: 'Its sign-in does not answer at the moment. Try again in a few minutes, or sign in with your password.',
  },
  'wrong-answer': {
    status: 502,
    title: 'Your school’s answer could not be used',
    message: 'Try again. If it happens once more, tell your school: its sign-in is not set up as agreed.',
  },
  inactive: {
    status: 403,
    title: 'This account is closed',
    message: 'It was deactivated, blocked or deleted. Ask for help if you think that this is a mistake.',
  },
  'somebody-else': {
    status: 409,
    title: 'This sign-in belongs to another account',
    message: 'You are signed in here as somebody else. Sign out first, or have the other account give it up.',
  },
};

/** `/login/with/…`: signing in at an organization, and who comes from there for the first time. */
export function registerIdentitySignIn(app: FastifyInstance, deps: PageDeps, secondStep: SecondStep): void {
  const { config, signIn, identitySignIns, linkedIdentities } = deps;
  const { publicUrl } = config.http;
  const { findPerson, frame } = createVisits(deps);
  const cookie = createIdentityCookie({ publicUrl });

  const showRefusal = (reply: FastifyReply, reason: IdentityRefusal) => {
    const { status, title, message } = refusals[reason];
    const { words } = reply.request;
    const action = { label: words('Go to the sign-in page'), href: '/login' };
    return reply
      .code(status)
      .send(renderErrorPage({ ...frame(reply), title: words(title), message: words(message), action }));
  };

  app.get<ProviderRoute>('/login/with/:slug', async (request, reply) => {
    const { next, fresh } = request.query;
    try {
      const url = await identitySignIns.begin(request.params.slug, {
        browser: cookie.ensure(request, reply),
        next: parseOwnPath(next, publicUrl),
        isFresh: fresh !== undefined,
        address: request.ip,
      });
      return reply.redirect(url, 303);
    } catch (error) {
      if (!(error instanceof IdentityProviderError)) throw error;
      request.log.warn({ err: error, provider: request.params.slug }, 'an identity provider could not be asked');
      return showRefusal(reply, error.trouble);
    }
  });

  app.get<ProviderRoute>('/login/with/:slug/callback', async (request, reply) => {
    const person = await findPerson(request, reply);
    const result = await identitySignIns.complete(request.params.slug, {
      query: new URL(request.url, publicUrl).searchParams,
      browser: cookie.read(request),
      address: request.ip,
      signedInAs: person?.account.id,
    });
    if (result.outcome === 'refused') return showRefusal(reply, result.reason);
    if (result.outcome === 'unknown') return reply.redirect(person ? connectPath : newcomerPath, 303);
    const { account, provider, next = '/account', isKeyRefused } = result;
    if (!person && (await secondStep.begin(account, reply)))
      return reply.redirect(withNext(`/login/with/${provider.slug}/second-step`, next), 303);
    await signIn.establish(request.raw, reply.raw, account.id, []);
    return isKeyRefused ? showKeyRefused(reply, next) : reply.redirect(next, 303);
  });

  // From another site, so without our cookie: who it is for is looked at when the browser comes for it.
  app.post<ProviderRoute>(
    '/login/with/:slug/callback',
    { config: { isOpenToOtherSites: true } },
    async (request, reply) => {
      const { SAMLResponse: response = '', RelayState: state = '' } = readForm(request.body);
      await identitySignIns.answer(state, response);
      const query = new URLSearchParams({ state });
      return reply.redirect(`/login/with/${encodeURIComponent(request.params.slug)}/callback?${query}`, 303);
    },
  );

  /** The sign-in holds; only the school's courses do not follow. */
  const showKeyRefused = (reply: FastifyReply, next: string) => {
    const { words } = reply.request;
    return reply.code(409).send(
      renderErrorPage({
        ...frame(reply),
        title: words('Your school knows you by a key that is somebody else’s here'),
        message: words(
          'You are signed in. But the courses that your school enrolls you in cannot find you: ask your school, or support here, to put the key right.',
        ),
        action: { label: words('Go on'), href: next },
      }),
    );
  };

  secondStep.page(
    '/login/with/:slug/second-step',
    async (request, reply, accountId, methods) => {
      await signIn.establish(request.raw, reply.raw, accountId, methods);
      const { query } = request as { query: ProviderRoute['Querystring'] };
      return parseOwnPath(query.next, publicUrl) ?? '/account';
    },
    (reply) => reply.redirect('/login', 303),
    [],
  );

  const showNewcomer = async (reply: FastifyReply, browser: string, form?: FormState) => {
    const newcomer = await linkedIdentities.findNewcomer(browser);
    if (!newcomer) return showRefusal(reply, 'expired');
    const { provider, identity, newAccountEmail } = newcomer;
    return reply.send(
      renderNewcomerPage({
        ...frame(reply),
        form: form ?? emptyForm(reply, { name: identity.name ?? '' }),
        provider: provider.label,
        email: newAccountEmail,
        loginHref: withNext('/login', connectPath),
        registerHref: withNext('/register', connectPath),
      }),
    );
  };

  app.get(newcomerPath, async (request, reply) => {
    if (await findPerson(request, reply)) return reply.redirect(connectPath, 303);
    return showNewcomer(reply, cookie.read(request));
  });

  app.post(newcomerPath, async (request, reply) => {
    const browser = cookie.read(request);
    const values = readForm(request.body);
    try {
      const { name = '', username, terms } = values;
      const details = { name, username, hasAgreedToTerms: terms === 'yes' };
      const { account, next } = await linkedIdentities.register(browser, details, request.ip);
      await signIn.establish(request.raw, reply.raw, account.id, []);
      return reply.redirect(pathAfterRegistration(next), 303);
    } catch (error) {
      if (error instanceof InvalidInputError && error.reason === 'IDENTITY_EXPIRED')
        return showRefusal(reply, 'expired');
      // What was free when the page was shown is not any more: the page knows the other way.
      const isTaken = error instanceof ConflictError;
      const refusal = isTaken ? new InvalidInputError(error.message) : error;
      return showNewcomer(reply, browser, refuseForm(reply, values, refusal));
    }
  });
}
