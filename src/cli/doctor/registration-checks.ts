import { Type } from 'typebox';
import type { LmsClient } from '../../datasources/lms/lms-client.js';
import { createParser } from '../../datasources/upstream/parser.js';
import type { Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/** What Portico sends of a person; a further field that the LMS insists on would end every registration. */
const knownFields = new Set([
  'username',
  'email',
  'confirm_email',
  'name',
  'password',
  'honor_code',
  'terms_of_service',
  'country',
  'year_of_birth',
  'gender',
  'level_of_education',
]);

const parseForm = createParser(
  'lms',
  Type.Object({ fields: Type.Array(Type.Object({ name: Type.String(), required: Type.Boolean() })) }),
);

/**
 * Whether the LMS lets Portico make accounts, as far as its pages say; nothing is registered, since the LMS counts each try.
 * With `skip_authn_mfe` it answers with its own page also where the one that people see is another application.
 */
export async function checkRegistration(examination: Examination): Promise<Finding[]> {
  return Promise.all([checkIsOpen(examination), checkFields(examination)]);
}

async function checkIsOpen(examination: Examination): Promise<Finding> {
  let isTold = true;
  const finding = await find(
    'registration',
    async () => {
      const { text } = await examination.pages.get('/register?skip_authn_mfe=1');
      const isAllowed = readFlag(text, 'account_creation_allowed');
      const needsBrowser = readFlag(text, 'is_require_third_party_auth_enabled');
      if (needsBrowser) throw demandedBrowser();
      if (isAllowed === false) throw closedRegistration(examination.config.lms.browserUrl);
      isTold = isAllowed !== undefined;
      return 'open';
    },
    'The LMS must answer /register from this machine.',
  );
  if (isTold || finding.status !== 'ok') return finding;
  return {
    name: finding.name,
    status: 'to-check',
    detail:
      'The settings ENABLE_REQUIRE_THIRD_PARTY_AUTH (must be off) and FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"] (must be on); portico doctor --round-trip tries them.',
  };
}

export function demandedBrowser(): Trouble {
  return new Trouble('the LMS registers only people who come from a sign-in in a browser', {
    problem: 'third-party-auth-required',
    advice: "Set in the LMS's settings: ENABLE_REQUIRE_THIRD_PARTY_AUTH = False",
  });
}

/** @param lmsUrl - as browsers reach it */
export function closedRegistration(lmsUrl: string): Trouble {
  return new Trouble('the LMS makes no accounts', {
    problem: 'registration-closed',
    advice: `Set in the LMS's settings: FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"] = True; and not to false in the site's configuration at ${lmsUrl}/admin/site_configuration/siteconfiguration/. To keep strangers out, the registration page may be hidden; Portico needs the API.`,
  });
}

/** A flag among the options that the page hands to its script. */
function readFlag(text: string, name: string): boolean | undefined {
  const value = new RegExp(`"${name}":\\s*(true|false)`).exec(text)?.[1];
  return value === undefined ? undefined : value === 'true';
}

/** Names of the fields without which the LMS takes no registration. */
export function askRequiredFields(client: Pick<LmsClient, 'request'>): Promise<string[]> {
  return client.request(
    {
      operation: 'registration.describe',
      family: 'registration',
      method: 'GET',
      path: '/user_api/v1/account/registration/',
      credentials: 'none',
      isIdempotent: true,
      read: (answer) =>
        parseForm(answer.body)
          .fields.filter((field) => field.required)
          .map(({ name }) => name),
    },
    { purpose: 'request' },
  );
}

function checkFields({ client }: Examination): Promise<Finding> {
  return find(
    'registration form',
    async () => {
      const unknown = (await askRequiredFields(client)).filter((name) => !knownFields.has(name));
      if (unknown.length === 0) return 'asks for nothing that Portico does not send';
      const lines = unknown.map((name) => `REGISTRATION_EXTRA_FIELDS["${name}"] = "optional"`).join('; ');
      throw new Trouble(`the LMS insists on ${unknown.join(', ')}, which Portico does not send`, {
        advice: `Set in the LMS's settings: ${lines}`,
      });
    },
    'The LMS must answer /user_api/v1/account/registration/ from this machine.',
  );
}
