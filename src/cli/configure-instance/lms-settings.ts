import type { Place } from './place.js';

/** What the LMS is told about Portico. */
export interface Connection {
  place: Place;
  /** Backend name in the LMS, e.g. `ol-oauth2`. */
  backend: string;
  siteName: string;
  /** The LMS as client of Portico. */
  clientId: string;
  clientSecret: string | undefined;
  /** Portico as client of the LMS. */
  apiClientId: string;
}

/** Stands where a secret was shown once and is not known any more. */
const secretToFillIn = 'the client secret of the LMS (portico configure-instance --new-secret makes another)';

/** Python for the LMS's settings, one statement a line; the names it changes are there already. */
export function settingsLines({ place, backend, clientSecret }: Connection): string[] {
  const quoted = JSON.stringify;
  return [
    'FEATURES["ENABLE_THIRD_PARTY_AUTH"] = True',
    'FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"] = True',
    'FEATURES["SKIP_EMAIL_VALIDATION"] = True',
    'ENABLE_REQUIRE_THIRD_PARTY_AUTH = False',
    'REGISTRATION_EXTRA_FIELDS["country"] = "hidden"',
    'THIRD_PARTY_AUTH_BACKENDS = ["ol_social_auth.backends.OLOAuth2"]',
    'AUTHENTICATION_BACKENDS = THIRD_PARTY_AUTH_BACKENDS + list(AUTHENTICATION_BACKENDS)',
    `IDA_LOGOUT_URI_LIST = list(IDA_LOGOUT_URI_LIST) + [${quoted(`${place.porticoUrl}/logout`)}]`,
    `LOGIN_REDIRECT_WHITELIST = list(LOGIN_REDIRECT_WHITELIST) + [${quoted(new URL(place.porticoUrl).host)}]`,
    `SOCIAL_AUTH_OAUTH_SECRETS = {${quoted(backend)}: ${quoted(clientSecret ?? secretToFillIn)}}`,
    'REGISTRATION_RATELIMIT = "10000/7d"',
    'REGISTRATION_VALIDATION_RATELIMIT = "10000/7d"',
    'RATELIMIT_RATE = "1200/m"',
  ];
}

/** `lms/envs/private.py`: a module of its own, so it takes over first what it changes. */
export function privatePy(connection: Connection): string {
  return `${['from lms.envs.production import *', '', ...settingsLines(connection)].join('\n')}\n`;
}

/** "Other settings" of the provider's row: browsers go to the first, the LMS itself to the others. */
export function otherSettings({ place }: Pick<Connection, 'place'>): Record<string, string> {
  return {
    AUTHORIZATION_URL: `${place.porticoUrl}/oauth2/authorize/`,
    ACCESS_TOKEN_URL: `${place.porticoUrlInside}/oauth2/token/`,
    API_ROOT: `${place.porticoUrlInside}/`,
  };
}

/** The row of `OAuth2ProviderConfig`, by the labels of the LMS's administration. */
export function providerRow(connection: Connection): Record<string, string | boolean> {
  const { place, backend, clientId, siteName } = connection;
  return {
    Enabled: true,
    Name: siteName,
    Slug: backend,
    Site: new URL(place.lmsUrl).host,
    'Skip hinted login dialog': true,
    'Skip registration form': true,
    'Skip email verification': true,
    Visible: true,
    'Sync learner profile data': true,
    'Enable SSO id verification': true,
    'Backend name': backend,
    'Client ID': clientId,
    'Client Secret': 'leave empty: it is in the settings',
    'Other settings': JSON.stringify(otherSettings(connection)),
  };
}

/** The application that Portico obtains learners' tokens with, by the labels of the LMS's administration. */
export function apiApplication({ place, apiClientId }: Connection): Record<string, string | boolean> {
  return {
    'Client id': apiClientId,
    'Redirect uris': `${place.porticoUrl}/login/_private/complete`,
    'Client type': 'Confidential',
    'Authorization grant type': 'Authorization code',
    'Client secret': 'that of OPENEDX_API_CLIENT_SECRET',
    'Skip authorization': true,
  };
}
