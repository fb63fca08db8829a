import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { roles } from '../../entities/account.entity.js';
import { identityProviderKinds } from '../../entities/identity-provider.entity.js';
import {
  clientTypes,
  grantTypes,
  restrictionModes,
  securityProfiles,
  tokenFormats,
} from '../../entities/oauth-client.entity.js';
import { partnerRoles } from '../../entities/partner-grant.entity.js';
import { subjectTypes } from '../oauth-client/subject-metadata.js';
import { type Mistake, mistaken } from './mistakes.js';

const words = <const Word extends string>(values: readonly Word[]) => Type.Union(values.map((it) => Type.Literal(it)));
const list = <Item extends Parameters<typeof Type.Array>[0]>(item: Item) => Type.Array(item, { maxItems: 1000 });
const strict = { additionalProperties: false };
const nullable = <Part extends Parameters<typeof Type.Array>[0]>(part: Part) => Type.Union([part, Type.Null()]);

const account = Type.Object(
  {
    username: Type.String({ minLength: 1 }),
    email: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1 }),
    /** Of a new account only: afterwards it belongs to the person. */
    password: Type.Optional(Type.String({ minLength: 1 })),
    roles: Type.Optional(list(words(roles.filter((role) => role !== 'LEARNER')))),
    profile: Type.Optional(
      Type.Object(
        {
          country: Type.Optional(nullable(Type.String())),
          state: Type.Optional(nullable(Type.String())),
          birthYear: Type.Optional(nullable(Type.Integer())),
          gender: Type.Optional(nullable(Type.String())),
          company: Type.Optional(nullable(Type.String())),
          jobTitle: Type.Optional(nullable(Type.String())),
          languageCode: Type.Optional(nullable(Type.String())),
        },
        strict,
      ),
    ),
    /** Whether a new account gets one in the LMS. */
    edxAccount: Type.Optional(Type.Boolean()),
  },
  strict,
);

const client = Type.Object(
  {
    clientId: Type.String({ minLength: 1 }),
    secret: Type.Optional(Type.String({ minLength: 1 })),
    name: Type.String({ minLength: 1 }),
    type: Type.Optional(words(clientTypes)),
    grantTypes: Type.Optional(list(words(grantTypes))),
    redirectUris: Type.Optional(list(Type.String())),
    postLogoutRedirectUris: Type.Optional(list(Type.String())),
    backchannelLogoutUri: Type.Optional(Type.String()),
    scopes: Type.Optional(list(Type.String())),
    /** Username of the account that the client's own tokens act as. */
    owner: Type.Optional(Type.String()),
    /** Identity providers whose ID mapping it may read; those it has stay when this is left out. */
    providers: Type.Optional(list(Type.String())),
    skipConsent: Type.Optional(Type.Boolean()),
    requirePkce: Type.Optional(Type.Boolean()),
    allowRedirectState: Type.Optional(Type.Boolean()),
    tokenFormat: Type.Optional(words(tokenFormats)),
    securityProfile: Type.Optional(words(securityProfiles)),
    /** Public keys by which the client proves itself in place of a secret: the set (RFC 7517), as JSON text or as it is. */
    jwks: Type.Optional(Type.Union([Type.String(), Type.Object({ keys: Type.Array(Type.Unknown()) }, strict)])),
    /** Where the client publishes them, if they are not given. */
    jwksUri: Type.Optional(Type.String()),
    subjectType: Type.Optional(words(subjectTypes)),
    sectorIdentifierUri: Type.Optional(Type.String()),
    exchangeAudiences: Type.Optional(list(Type.String())),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    restriction: Type.Optional(
      Type.Object(
        {
          mode: words(restrictionModes),
          organizations: Type.Optional(list(Type.String())),
          providers: Type.Optional(list(Type.String())),
          scopes: Type.Optional(list(Type.String())),
        },
        strict,
      ),
    ),
  },
  strict,
);

const grant = Type.Object(
  { account: Type.String({ minLength: 1 }), client: Type.String({ minLength: 1 }), scopes: list(Type.String()) },
  strict,
);

const organization = Type.Object(
  {
    key: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1 }),
    discoveryUuid: Type.Optional(Type.String()),
  },
  strict,
);

const program = Type.Object(
  {
    key: Type.String({ minLength: 1 }),
    /** Id in Discovery and the LMS. */
    uuid: Type.String({ minLength: 1 }),
    /** Key of the organization that manages it. */
    organization: Type.String({ minLength: 1 }),
  },
  strict,
);

const partnerGrant = Type.Object(
  {
    /** Username of the partner; or, in its place, their e-mail address. */
    account: Type.Optional(Type.String({ minLength: 1 })),
    email: Type.Optional(Type.String({ minLength: 1 })),
    role: words(partnerRoles),
    /** Key of the organization, for a role in one; or of the program. */
    organization: Type.Optional(Type.String({ minLength: 1 })),
    program: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
);

const identityProvider = Type.Object(
  {
    /** Its name in addresses: `/login/with/{slug}`. */
    slug: Type.String({ minLength: 1 }),
    /** Key of the organization whose learners sign in there. */
    organization: Type.String({ minLength: 1 }),
    kind: words(identityProviderKinds),
    label: Type.String({ minLength: 1 }),
    issuer: Type.String({ minLength: 1 }),
    clientId: Type.Optional(Type.String({ minLength: 1 })),
    secret: Type.Optional(Type.String({ minLength: 1 })),
    scopes: Type.Optional(list(Type.String())),
    ssoUrl: Type.Optional(Type.String({ minLength: 1 })),
    /** PEM. */
    certificates: Type.Optional(list(Type.String())),
    /** The claim that carries the organization's key for the learner. */
    keyClaim: Type.String({ minLength: 1 }),
    enabled: Type.Optional(Type.Boolean()),
  },
  strict,
);

const installation = Type.Object(
  {
    accounts: Type.Optional(list(account)),
    clients: Type.Optional(list(client)),
    grants: Type.Optional(list(grant)),
    organizations: Type.Optional(list(organization)),
    programs: Type.Optional(list(program)),
    partnerGrants: Type.Optional(list(partnerGrant)),
    identityProviders: Type.Optional(list(identityProvider)),
  },
  strict,
);

export type AccountRow = Static<typeof account>;
export type ClientRow = Static<typeof client>;
/** What a person allows a client, as if they had been asked. */
export type GrantRow = Static<typeof grant>;
export type OrganizationRow = Static<typeof organization>;
export type ProgramRow = Static<typeof program>;
/** A role of a partner, by account or by address, in an organization or a program. */
export type PartnerGrantRow = Static<typeof partnerGrant>;
/** Where the learners of an organization sign in themselves. */
export type IdentityProviderRow = Static<typeof identityProvider>;
/** An installation as a repository describes it: who and which clients there shall be. */
export type Installation = Static<typeof installation>;

/**
 * Reads a document by its shape; what its values mean is checked when it is applied.
 *
 * @throws InvalidInputError that lists every mistake with its place, e.g. `clients[0].grantTypes[1]`
 */
export function parseInstallation(document: unknown): Installation {
  if (!Value.Check(installation, document)) throw mistaken(mistakesOfShape(document));
  const mistakes = [
    ...twice(document.accounts, 'accounts', ({ username }) => username.toLowerCase()),
    ...twice(document.clients, 'clients', ({ clientId }) => clientId),
    ...twice(document.grants, 'grants', (row) => `${row.account.toLowerCase()} ${row.client}`),
    ...twice(document.organizations, 'organizations', ({ key }) => key.toLowerCase()),
    ...twice(document.programs, 'programs', ({ key }) => key.toLowerCase()),
    ...twice(document.partnerGrants, 'partnerGrants', nameOfPartnerGrant),
    ...twice(document.identityProviders, 'identityProviders', ({ slug }) => slug),
    ...holderless(document.partnerGrants),
  ];
  if (mistakes.length > 0) throw mistaken(mistakes);
  return document;
}

function nameOfPartnerGrant({ account, email, role, organization, program }: PartnerGrantRow): string {
  return [account, email, role, organization, program].join(' ').toLowerCase();
}

/** Which roles of partners are nobody's, or of two. */
function holderless(rows: readonly PartnerGrantRow[] = []): Mistake[] {
  return rows.flatMap(({ account, email }, index) =>
    (account === undefined) === (email === undefined)
      ? [{ place: `partnerGrants[${index}]`, message: 'names either an account or an e-mail address' }]
      : [],
  );
}

function mistakesOfShape(document: unknown): Mistake[] {
  return Value.Errors(installation, document).flatMap((error) => {
    const place = placeOf(error.instancePath);
    if (error.keyword === 'additionalProperties')
      return error.params.additionalProperties.map((key) => ({ place: inside(place, key), message: 'is not known' }));
    if (error.keyword === 'required')
      return error.params.requiredProperties.map((key) => ({ place: inside(place, key), message: 'is missing' }));
    // Said in better words by what follows: of a choice, each word that it is not; of an unknown key, that nothing may be there.
    if (error.keyword === 'const' || error.keyword === 'boolean') return [];
    return [{ place, message: error.message }];
  });
}

/** `/clients/0/name` as `clients[0].name`. */
function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .reduce((place, key) => (/^\d+$/.test(key) ? `${place}[${key}]` : inside(place, key)), '');
}

function inside(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}

function twice<Row>(rows: readonly Row[] = [], list: string, keyOf: (row: Row) => string): Mistake[] {
  const first = new Map<string, number>();
  return rows.flatMap((row, index) => {
    const earlier = first.get(keyOf(row));
    first.set(keyOf(row), earlier ?? index);
    return earlier === undefined
      ? []
      : [{ place: `${list}[${index}]`, message: `describes the same as ${list}[${earlier}]` }];
  });
}
