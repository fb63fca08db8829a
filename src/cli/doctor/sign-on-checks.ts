import { OAuthClientEntity } from '../../entities/oauth-client.entity.js';
import { adminPage, type Examination } from './examination.js';
import { type Finding, find, skipped, Trouble } from './finding.js';
import { findProviders } from './lms-providers.js';
import { checkLmsSecret, type SignOnStart } from './lms-secret-check.js';

/** Whether the LMS sends people who sign in to this Portico, as a client that Portico knows, with a secret that is right. */
export async function checkSignOn(examination: Examination): Promise<Finding[]> {
  const { config } = examination;
  let start: SignOnStart | undefined;
  const redirect = await find(
    'single sign-on',
    async () => {
      start = await askWhereTo(examination);
      return `the LMS sends people to ${start.target.origin}`;
    },
    `At ${adminPage(examination, 'third_party_auth/oauth2providerconfig/')} the newest row of "${config.lms.backend}" must have in its Other settings: "AUTHORIZATION_URL": "${config.http.publicUrl}/oauth2/authorize/".`,
  );
  if (redirect.status !== 'ok' || !start)
    return [redirect, ...["the LMS's client", "the LMS's secret"].map((name) => skipped(name, redirect.name))];
  const { target, cookie } = start;
  const client = await find(
    "the LMS's client",
    () => findClient(examination, target.searchParams),
    `Run: portico configure-instance (see --help), which makes or completes the LMS's client; then set Client ID at ${adminPage(examination, 'third_party_auth/oauth2providerconfig/')} to the one that it prints.`,
  );
  if (client.status !== 'ok') return [redirect, client, skipped("the LMS's secret", client.name)];
  return [redirect, client, await checkLmsSecret(examination, { target, cookie })];
}

async function askWhereTo(examination: Examination): Promise<SignOnStart> {
  const { pages, config } = examination;
  const { socialLoginPath, browserUrl } = config.lms;
  const page = await pages.get(socialLoginPath);
  if (page.status === 404) await explainUnknownBackend(examination);
  if (page.status === 500) explainDisabledProvider(examination);
  if (!page.location) throw new Trouble(`${socialLoginPath} answered ${page.status}, not with a redirect to Portico`);
  const uri = page.location.searchParams.get('redirect_uri') ?? '';
  const lmsName = new URL(browserUrl).hostname;
  const otherName =
    page.cookieDomains.find((domain) => !isWithin(lmsName, domain)) ??
    (URL.canParse(uri) && new URL(uri).hostname !== lmsName ? new URL(uri).hostname : undefined);
  if (otherName !== undefined)
    throw new Trouble(`Portico asks for the LMS at ${lmsName}, but the LMS takes itself for ${otherName}`, {
      problem: 'host-mismatch',
      advice: `Set OPENEDX_API_BASE_URL to the LMS's own name (${otherName}, with its port), and have that name lead to the LMS from this machine: a line "ADDRESS ${otherName}" in /etc/hosts (Docker: extra_hosts). Its sessions are bound to that name. Or correct the LMS: LMS_BASE, SESSION_COOKIE_DOMAIN and SHARED_COOKIE_DOMAIN, and the Host header that its proxy passes on.`,
    });
  const { origin, pathname } = page.location;
  if (origin !== config.http.publicUrl || !/^\/oauth2\/authorize\/?$/.test(pathname))
    throw new Trouble(`the LMS sends people to ${origin}${pathname}`);
  return { target: page.location, cookie: page.cookie };
}

/** Whether a cookie for `domain` is sent to `host` (RFC 6265 5.1.3). */
function isWithin(host: string, domain: string): boolean {
  const name = domain.replace(/^\./, '').toLowerCase();
  return host === name || host.endsWith(`.${name}`);
}

/** The path itself is unknown: it has the wrong name, there is no such backend, or no third-party sign-in at all. */
async function explainUnknownBackend(examination: Examination): Promise<never> {
  const { backend, socialLoginPath } = examination.config.lms;
  const providers = await findProviders(examination);
  if (providers === undefined)
    throw new Trouble(`${socialLoginPath} is not found: third-party sign-in is off in the LMS`, {
      advice: 'Add to the LMS\'s settings: FEATURES["ENABLE_THIRD_PARTY_AUTH"] = True',
    });
  const [other] = providers.filter((name) => name !== backend);
  if (other !== undefined)
    throw new Trouble(`the LMS has no sign-in "${backend}", but one that is called "${other}"`, {
      problem: 'wrong-slug',
      advice: `If "${other}" is Portico, set here OPENEDX_OAUTH_PROVIDER=${other} and OPENEDX_SOCIAL_LOGIN_PATH=/auth/login/${other}/?auth_entry=login. Otherwise add a row at ${adminPage(examination, 'third_party_auth/oauth2providerconfig/')} whose Backend name and Slug are "${backend}".`,
    });
  throw new Trouble(`the LMS has no backend "${backend}": ${socialLoginPath} is not found`, {
    problem: 'missing-backend',
    advice: `Install the package ol-social-auth in the LMS (Tutor: tutor config save --append OPENEDX_EXTRA_PIP_REQUIREMENTS=ol-social-auth && tutor images build openedx), add to its settings: THIRD_PARTY_AUTH_BACKENDS = ["ol_social_auth.backends.OLOAuth2"]; AUTHENTICATION_BACKENDS = THIRD_PARTY_AUTH_BACKENDS + list(AUTHENTICATION_BACKENDS); and restart it.`,
  });
}

/** The backend is there; reading its settings fails when no enabled row belongs to the site of this host. */
function explainDisabledProvider(examination: Examination): never {
  const { backend, browserUrl, socialLoginPath } = examination.config.lms;
  const { host } = new URL(browserUrl);
  throw new Trouble(
    `the LMS fails at ${socialLoginPath}: its provider "${backend}" is not enabled for the site ${host}`,
    {
      problem: 'wrong-site',
      advice: `At ${adminPage(examination, 'third_party_auth/oauth2providerconfig/')} save a new version of the row "${backend}" with Enabled ticked, Backend name "${backend}" and Site "${host}": the site at ${adminPage(examination, 'sites/site/')} that the LMS answers for under this name (or that SITE_ID names).`,
    },
  );
}

async function findClient(examination: Examination, asked: URLSearchParams): Promise<string> {
  const clientId = asked.get('client_id') ?? '';
  const client = await examination.orm.em.fork().findOne(OAuthClientEntity, { clientId });
  if (!client) throw new Trouble(`the LMS calls itself "${clientId}", which is no client of Portico`);
  const uri = (asked.get('redirect_uri') ?? '').replace(/\?redirect_state=.*$/, '');
  if (!client.redirectUris.includes(uri))
    throw new Trouble(`the LMS's redirect URI is ${uri}; Portico has ${client.redirectUris.join(', ')}`, {
      problem: 'redirect-mismatch',
      advice: `If people reach the LMS at ${new URL(uri).origin}, run: portico configure-instance (see --help), which adds redirect URIs. If not, correct what the LMS takes for its address: SOCIAL_AUTH_REDIRECT_IS_HTTPS in its settings, and X-Forwarded-Proto and Host of its proxy.`,
    });
  if (!client.allowRedirectState)
    throw new Trouble(`${clientId} may not add redirect_state to its redirect URI, which the LMS always does`, {
      problem: 'redirect-mismatch',
    });
  return `${clientId} (${client.name}) with ${uri}`;
}
