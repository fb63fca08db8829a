import type { GrantType, TokenFormat } from '../../entities/oauth-client.entity.js';
import { InvalidInputError } from '../../errors.js';

/** How people are named to a client: by one name for all, or by one that other clients cannot compare (OpenID Connect Core 8). */
export const subjectTypes = ['PUBLIC', 'PAIRWISE'] as const;
export type SubjectType = (typeof subjectTypes)[number];

/** What is kept of a client in its metadata, in the words of the OAuth registration. Null, or an empty list, takes away. */
export interface SubjectInput {
  subjectType?: SubjectType;
  /** https address of the list of redirect URIs that share names; needed where they have several hosts. */
  sectorIdentifierUri?: string | null;
  /** Audiences and resources for which the client may exchange tokens, beside Portico itself. */
  exchangeAudiences?: readonly string[];
}

type Metadata = Readonly<Record<string, unknown>>;

/** Puts it into the metadata; what is left out stays as it is there. */
export function withSubjects(metadata: Metadata, input: SubjectInput): Record<string, unknown> {
  const { subjectType, sectorIdentifierUri, exchangeAudiences } = input;
  const { subject_type: type, sector_identifier_uri: uri, exchange_audiences: audiences, ...others } = metadata;
  const changed = {
    subject_type: subjectType === undefined ? type : subjectType === 'PAIRWISE' ? 'pairwise' : undefined,
    sector_identifier_uri: sectorIdentifierUri === undefined ? uri : sectorIdentifierUri || undefined,
    exchange_audiences:
      exchangeAudiences === undefined
        ? audiences
        : exchangeAudiences.length > 0
          ? [...new Set(exchangeAudiences)]
          : undefined,
  };
  const present = Object.entries(changed).filter(([, value]) => value !== undefined && value !== null);
  return { ...others, ...Object.fromEntries(present) };
}

export function subjectTypeOf({ subject_type: type }: Metadata): SubjectType {
  return type === 'pairwise' ? 'PAIRWISE' : 'PUBLIC';
}

export function sectorIdentifierUriOf({ sector_identifier_uri: uri }: Metadata): string | null {
  return typeof uri === 'string' ? uri : null;
}

export function exchangeAudiencesOf({ exchange_audiences: audiences }: Metadata): string[] {
  return Array.isArray(audiences) ? audiences.map(String) : [];
}

/** Scopes that tell who somebody is, whatever the name. */
const revealingScopes: ReadonlySet<string> = new Set(['user:read', 'email', 'user_id']);
const mostAudiences = 25;
const longestAudience = 255;

/** @throws {@link InvalidInputError} naming the field */
export function checkSubjects(client: {
  metadata: Metadata;
  scopes: readonly string[];
  tokenFormat: TokenFormat;
  grantTypes: readonly GrantType[];
  redirectUris: readonly string[];
}): void {
  const { metadata, scopes, tokenFormat, grantTypes, redirectUris } = client;
  if (subjectTypeOf(metadata) === 'PAIRWISE') {
    const reveals = scopes.length === 0 ? 'user:read' : scopes.find((scope) => revealingScopes.has(scope));
    if (reveals !== undefined)
      refuse('scopes', 'REVEALS_ACCOUNT', `Pairwise names are of no use with ${reveals}, which tells who somebody is.`);
    if (tokenFormat === 'JWT')
      refuse('tokenFormat', 'REVEALS_ACCOUNT', 'Access tokens in the form of Open edX tell the username.');
  }
  const uri = sectorIdentifierUriOf(metadata);
  if (subjectTypeOf(metadata) === 'PAIRWISE' && uri === null && redirectUris.length === 0)
    refuse(
      'sectorIdentifierUri',
      'REQUIRED',
      'Without redirect URIs it is the sector identifier URI that says whose names.',
    );
  // Of addresses on the person's own machine or of its apps, no host tells one client's from another's.
  if (
    subjectTypeOf(metadata) === 'PAIRWISE' &&
    uri === null &&
    metadata.application_type === 'native' &&
    redirectUris.some((redirectUri) => URL.parse(redirectUri)?.protocol !== 'https:')
  )
    refuse(
      'sectorIdentifierUri',
      'REQUIRED',
      'Where a native app has redirect URIs without a host of its own, it is the sector identifier URI that says whose names.',
    );
  if (uri !== null && URL.parse(uri)?.protocol !== 'https:')
    refuse('sectorIdentifierUri', 'INVALID_URI', 'A sector identifier URI begins with https://.');
  const audiences = exchangeAudiencesOf(metadata);
  if (audiences.length > 0 && !grantTypes.includes('TOKEN_EXCHANGE'))
    refuse('exchangeAudiences', 'UNUSED', 'Audiences are of use with TOKEN_EXCHANGE only.');
  if (audiences.length > mostAudiences)
    refuse('exchangeAudiences', 'TOO_MANY', `At most ${mostAudiences} audiences are possible.`);
  if (audiences.some((audience) => audience.length > longestAudience || !/^[\x21-\x7e]+$/.test(audience)))
    refuse('exchangeAudiences', 'INVALID', 'An audience has printable characters, and no spaces.');
}

function refuse(field: string, reason: string, message: string): never {
  throw new InvalidInputError(message, { field: [field], reason });
}
