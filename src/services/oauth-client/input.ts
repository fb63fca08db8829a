import { scopeDescriptions } from '../../access/scopes.js';
import type {
  ClientType,
  GrantType,
  OAuthClient,
  SecurityProfile,
  TokenFormat,
} from '../../entities/oauth-client.entity.js';
import { InvalidInputError } from '../../errors.js';
import { checkSecurityProfile } from './security-profile.js';
import { checkSubjects, type SubjectInput, withSubjects } from './subject-metadata.js';

/** A client as somebody wants it. */
export interface ClientInput extends SubjectInput {
  name: string;
  type: ClientType;
  grantTypes: readonly GrantType[];
  redirectUris?: readonly string[];
  postLogoutRedirectUris?: readonly string[];
  backchannelLogoutUri?: string;
  scopes?: readonly string[];
  /** Account that the client's own tokens act as. */
  ownerId?: string;
  skipConsent?: boolean;
  requirePkce?: boolean;
  allowRedirectState?: boolean;
  tokenFormat?: TokenFormat;
  /** Rules beside those for all clients; STANDARD unless given. */
  securityProfile?: SecurityProfile;
  /** Further metadata in the words of the OAuth registration, e.g. `jwks`, `application_type`. */
  metadata?: Record<string, unknown>;
}

/** What is stored of a client beside its ids and times. */
export type ClientFields = Omit<OAuthClient, 'id' | 'createdAt' | 'updatedAt' | 'clientId' | 'restriction'>;

/**
 * Asks the OAuth provider whether it can work with a client. Implemented by the provider.
 *
 * @throws {@link InvalidInputError} when it cannot
 */
export type CheckClient = (client: ClientFields & { clientId: string }) => void;

/**
 * Asks the list at a client's sector identifier URI, if it has one, for its redirect URIs. Implemented by the provider; calls
 * out, so to no transaction.
 *
 * @throws {@link InvalidInputError} when they are not there
 */
export type CheckSector = (client: ClientFields & { clientId: string }) => Promise<void>;

const longestName = 100;

/**
 * Fills in defaults and checks what can be said without the provider and the database.
 *
 * @throws {@link InvalidInputError} naming the first field that is wrong
 */
export function parseClientInput(input: ClientInput): ClientFields {
  const fields: ClientFields = {
    name: input.name.trim(),
    type: input.type,
    grantTypes: [...new Set(input.grantTypes)],
    redirectUris: [...new Set(input.redirectUris)],
    postLogoutRedirectUris: [...new Set(input.postLogoutRedirectUris)],
    backchannelLogoutUri: input.backchannelLogoutUri ?? null,
    scopes: [...new Set(input.scopes)],
    ownerId: input.ownerId ?? null,
    skipConsent: input.skipConsent ?? false,
    requirePkce: input.requirePkce ?? true,
    allowRedirectState: input.allowRedirectState ?? false,
    tokenFormat: input.tokenFormat ?? 'OPAQUE',
    securityProfile: input.securityProfile ?? 'STANDARD',
    metadata: withSubjects(input.metadata ?? {}, input),
  };
  for (const check of [checkName, checkScopes, checkGrantTypes, checkUris, checkSecurityProfile, checkSubjects])
    check(fields);
  return fields;
}

function checkName({ name }: ClientFields): void {
  if (name === '') refuse('name', 'REQUIRED', 'A client needs a name.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name.length > longestName || /[\u0000-\u001f\u007f]/.test(name))
    refuse('name', 'INVALID', `A client's name has at most ${longestName} characters, and no control characters.`);
}

function checkScopes({ scopes }: ClientFields): void {
  const unknown: string | undefined = scopes.find((scope) => !Object.hasOwn(scopeDescriptions, scope));
  if (unknown !== undefined) refuse('scopes', 'UNKNOWN_SCOPE', `There is no scope ${JSON.stringify(unknown)}.`);
}

function checkGrantTypes({ type, grantTypes, ownerId }: ClientFields): void {
  const has = (grantType: GrantType) => grantTypes.includes(grantType);
  if (grantTypes.length === 0) refuse('grantTypes', 'REQUIRED', 'A client needs at least one grant type.');
  if (type === 'PUBLIC' && has('CLIENT_CREDENTIALS'))
    refuse(
      'grantTypes',
      'NEEDS_SECRET',
      'A public client cannot prove who it is, so it cannot have CLIENT_CREDENTIALS.',
    );
  if (type === 'PUBLIC' && has('TOKEN_EXCHANGE'))
    refuse('grantTypes', 'NEEDS_SECRET', 'A public client cannot prove who it is, so it cannot have TOKEN_EXCHANGE.');
  if (has('REFRESH_TOKEN') && !has('AUTHORIZATION_CODE') && !has('DEVICE_CODE'))
    refuse('grantTypes', 'INCOMPLETE', 'REFRESH_TOKEN needs a grant that gives refresh tokens: AUTHORIZATION_CODE.');
  if (ownerId && !has('CLIENT_CREDENTIALS'))
    refuse('ownerId', 'UNUSED', 'Only a client with CLIENT_CREDENTIALS acts as its owner.');
}

function checkUris(fields: ClientFields): void {
  const { grantTypes, redirectUris, postLogoutRedirectUris, backchannelLogoutUri, metadata } = fields;
  const usesCode = grantTypes.includes('AUTHORIZATION_CODE');
  if (usesCode && redirectUris.length === 0)
    refuse('redirectUris', 'REQUIRED', 'AUTHORIZATION_CODE needs at least one redirect URI.');
  if (!usesCode && redirectUris.length > 0)
    refuse('redirectUris', 'UNUSED', 'Redirect URIs are of use with AUTHORIZATION_CODE only.');
  const isNative = metadata.application_type === 'native';
  for (const uri of redirectUris) checkUri('redirectUris', uri, isNative);
  for (const uri of postLogoutRedirectUris) checkUri('postLogoutRedirectUris', uri, isNative);
  if (backchannelLogoutUri) checkUri('backchannelLogoutUri', backchannelLogoutUri, false);
  if (fields.allowRedirectState && redirectUris.some((uri) => uri.includes('?')))
    refuse('redirectUris', 'HAS_QUERY', 'A redirect URI that is completed by redirect_state cannot have a query.');
}

/** RFC 6749 3.1.2 and RFC 9700 2.1: absolute, without fragment, and compared as it stands, so nothing in it can be a pattern. */
function checkUri(field: Extract<keyof ClientFields, string>, uri: string, isNative: boolean): void {
  const parsed = URL.parse(uri);
  if (!parsed) refuse(field, 'INVALID_URI', `${JSON.stringify(uri)} is not an absolute URI.`);
  if (/[#*\s]/.test(uri)) refuse(field, 'INVALID_URI', `${uri} must not hold a fragment, a wildcard or spaces.`);
  if (parsed.username || parsed.password) refuse(field, 'INVALID_URI', 'A URI must not hold credentials.');
  if (!isNative && !['http:', 'https:'].includes(parsed.protocol))
    refuse(field, 'INVALID_URI', `${uri} must begin with http:// or https://.`);
}

function refuse(field: Extract<keyof ClientFields, string>, reason: string, message: string): never {
  throw new InvalidInputError(message, { field: [field], reason });
}
