import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from '../web/page-headers.js';
import { passkeyScript, passkeyScriptPath } from '../web/passkey-script.js';
import { progressScript, progressScriptPath } from '../web/progress-script.js';
import { stylesheet, stylesheetPath } from '../web/stylesheet.js';
import { registerAccount } from './account.js';
import { registerApiDocs } from './api-docs.js';
import { registerCodeLandings } from './code-landing.js';
import { guardForms } from './form-guard.js';
import { registerHome } from './home.js';
import { registerIdentitySignIn } from './identity-sign-in.js';
import { registerInteractions } from './interaction.js';
import { registerLanguageChoice } from './language-choice.js';
import { registerLinkedIdentities } from './linked-identities.js';
import { registerLogin } from './login.js';
import { registerLogout } from './logout.js';
import type { PageDeps } from './page-deps.js';
import { registerPartner } from './partner.js';
import { registerPasswordReset } from './password-reset.js';
import { registerRegistration } from './register.js';
import { createSecondStep } from './second-step.js';
import { keepAllCookies } from './session-cookies.js';
import { registerWelcome } from './welcome.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes forms from any site: what it does needs no defence against them. */
    isOpenToOtherSites?: boolean;
    /** The page runs a script of ours. */
    hasScript?: boolean;
  }
}

/**
 * Every page for people, as a Fastify plugin: `await app.register(pageRoutes, deps)`. What they need of cookies, forms and
 * headers stays inside.
 */
export async function pageRoutes(app: FastifyInstance, deps: PageDeps): Promise<void> {
  const { logo } = deps.config.site;
  const [headers, headersWithScript] = [pageHeaders(logo), pageHeaders(logo, { hasScript: true })];
  await app.register(cookie);
  await app.register(formbody);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(request.routeOptions.config.hasScript ? headersWithScript : headers);
  });
  registerLanguageChoice(app, { ...deps.config.http, offered: deps.config.site.locales });
  await guardForms(app, deps.config.http);
  keepAllCookies(app);
  registerHome(app, deps);
  registerApiDocs(app, deps);
  const secondStep = createSecondStep(app, deps);
  registerLogin(app, deps, secondStep);
  registerIdentitySignIn(app, deps, secondStep);
  registerLinkedIdentities(app, deps);
  registerRegistration(app, deps);
  registerWelcome(app, deps);
  registerPasswordReset(app, deps);
  registerAccount(app, deps);
  if (deps.partner) await registerPartner(app, deps, deps.partner);
  registerInteractions(app, deps, secondStep);
  registerLogout(app, deps);
  registerCodeLandings(app);
  const assets = [
    { path: stylesheetPath, type: 'text/css; charset=utf-8', content: stylesheet },
    { path: passkeyScriptPath, type: 'text/javascript; charset=utf-8', content: passkeyScript },
    { path: progressScriptPath, type: 'text/javascript; charset=utf-8', content: progressScript },
  ];
  for (const { path, type, content } of assets)
    app.get(path, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(content),
    );
}
