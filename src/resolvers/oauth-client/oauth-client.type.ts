import { Field, ID, ObjectType } from 'type-graphql';
import { defaultScope } from '../../access/scopes.js';
import type {
  ClientType,
  GrantType,
  OAuthClient,
  OAuthClientSecret,
  SecurityProfile,
  TokenFormat,
} from '../../entities/oauth-client.entity.js';
import {
  exchangeAudiencesOf,
  type SubjectType,
  sectorIdentifierUriOf,
  subjectTypeOf,
} from '../../services/oauth-client/subject-metadata.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { ClientRestrictionType, toClientRestriction } from './client-restriction.type.js';
import {
  ClientTypeEnum,
  GrantTypeEnum,
  SecurityProfileEnum,
  SubjectTypeEnum,
  TokenFormatEnum,
} from './oauth-client.enums.js';

export const oauthClientAccess: FieldAccess = { scope: 'clients:admin', role: 'ADMIN' };
/** Who reads the audit trail may know which client it speaks of. */
const clientNameAccess: FieldAccess = { scope: 'clients:admin accounts:read', role: 'SUPPORT' };

@Access()
@ObjectType('ClientSecret', { description: 'A secret of a client, without the secret.', simpleResolvers: true })
export class ClientSecretType {
  @Field(() => ID, { description: 'Names the secret.' })
  id!: string;

  @Field(() => String, { description: 'Its last characters, to tell secrets apart.' })
  hint!: string;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ends; null while it does not.' })
  expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was last used.' })
  lastUsedAt!: Date | null;
}

/** An OAuth client. Owner and secrets are in the resolver. */
@Access(oauthClientAccess)
@ObjectType('OAuthClient', {
  description: 'A program that signs people in through Portico, or calls it.',
  implements: Node,
  simpleResolvers: true,
})
export class OAuthClientType extends Node {
  rowId!: string;
  accountId!: string | null;

  @Field(() => String, { description: 'The `client_id` of OAuth.' })
  @Access(clientNameAccess)
  clientId!: string;

  @Field(() => String, { description: 'Name that people see.' })
  @Access(clientNameAccess)
  name!: string;

  @Field(() => ClientTypeEnum, { description: 'Whether the client can keep a secret.' })
  type!: ClientType;

  @Field(() => [GrantTypeEnum], { description: 'How the client may obtain tokens.' })
  grantTypes!: GrantType[];

  @Field(() => [String], { description: 'Where people may be sent back to after sign-in.' })
  redirectUris!: string[];

  @Field(() => [String], { description: 'Where people may be sent back to after sign-out.' })
  postLogoutRedirectUris!: string[];

  @Field(() => String, { nullable: true, description: 'Where Portico tells the client that a session ended.' })
  backchannelLogoutUri!: string | null;

  @Field(() => [String], { description: 'Scopes that the client may ask for.' })
  scopes!: string[];

  @Field(() => [String], { description: 'Scopes that the client gets when it asks for none.' })
  defaultScopes!: string[];

  @Field(() => Boolean, { description: 'Whether people are not asked for consent.' })
  skipConsent!: boolean;

  @Field(() => Boolean, { description: 'Whether the client must use PKCE (RFC 7636).' })
  requirePkce!: boolean;

  @Field(() => Boolean, {
    description: 'Whether the LMS’s `?redirect_state=` suffix of the redirect URI is accepted, and nothing else.',
  })
  allowRedirectState!: boolean;

  @Field(() => TokenFormatEnum, { description: 'What the client’s access tokens look like.' })
  tokenFormat!: TokenFormat;

  @Field(() => SecurityProfileEnum, { description: 'Rules that the client has to keep beside those for all.' })
  securityProfile!: SecurityProfile;

  @Field(() => SubjectTypeEnum, { description: 'How people are named to the client.' })
  subjectType!: SubjectType;

  @Field(() => String, {
    nullable: true,
    description: 'Address of the list of redirect URIs that share pairwise names.',
  })
  sectorIdentifierUri!: string | null;

  @Field(() => [String], {
    description: 'Audiences and resources for which the client may exchange tokens, beside Portico itself.',
  })
  exchangeAudiences!: string[];

  @Field(() => ClientRestrictionType, {
    nullable: true,
    description: 'What its tokens are held to; null when they are not.',
  })
  restriction!: ClientRestrictionType | null;

  @Field(() => Date, { description: 'When the client was made.' })
  createdAt!: Date;
}

export const OAuthClientConnection = connectionOf(OAuthClientType, 'OAuthClient', 'OAuth clients');

export function toOAuthClient(row: OAuthClient): OAuthClientType {
  const scopes = row.scopes.length > 0 ? row.scopes : [defaultScope];
  return Object.assign(new OAuthClientType(), {
    id: toGlobalId('OAuthClient', row.id),
    rowId: row.id,
    accountId: row.ownerId,
    clientId: row.clientId,
    name: row.name,
    type: row.type,
    grantTypes: row.grantTypes,
    redirectUris: row.redirectUris,
    postLogoutRedirectUris: row.postLogoutRedirectUris,
    backchannelLogoutUri: row.backchannelLogoutUri,
    scopes,
    defaultScopes: scopes,
    skipConsent: row.skipConsent,
    requirePkce: row.requirePkce,
    allowRedirectState: row.allowRedirectState,
    tokenFormat: row.tokenFormat,
    securityProfile: row.securityProfile,
    subjectType: subjectTypeOf(row.metadata),
    sectorIdentifierUri: sectorIdentifierUriOf(row.metadata),
    exchangeAudiences: exchangeAudiencesOf(row.metadata),
    restriction: row.restriction ? toClientRestriction(row.restriction) : null,
    createdAt: row.createdAt,
  });
}

export function toClientSecret(row: OAuthClientSecret): ClientSecretType {
  return Object.assign(new ClientSecretType(), {
    id: row.id,
    hint: row.hint,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
  });
}
