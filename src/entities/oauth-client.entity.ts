import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const clientTypes = ['CONFIDENTIAL', 'PUBLIC'] as const;
export type ClientType = (typeof clientTypes)[number];
export const grantTypes = [
  'AUTHORIZATION_CODE',
  'REFRESH_TOKEN',
  'CLIENT_CREDENTIALS',
  'DEVICE_CODE',
  'TOKEN_EXCHANGE',
] as const;
export type GrantType = (typeof grantTypes)[number];
export const tokenFormats = ['OPAQUE', 'JWT'] as const;
export type TokenFormat = (typeof tokenFormats)[number];

export const securityProfiles = ['STANDARD', 'FAPI2'] as const;
export type SecurityProfile = (typeof securityProfiles)[number];

export const restrictionModes = ['SSO_ONLY', 'SCOPED_JWT'] as const;
export type RestrictionMode = (typeof restrictionModes)[number];

/** What a client is held to whose tokens are restricted, as Open edX's restricted applications are. */
export interface ClientRestriction {
  mode: RestrictionMode;
  /** Organizations whose courses the tokens may concern; all, when empty. */
  organizations: string[];
  /** Third-party-auth providers that the tokens may concern. */
  providers: string[];
  /** Scopes that the client is left with; those it is registered for, when empty. */
  scopes: string[];
}

/** An OAuth client. Scopes are both what it may ask for and what it gets when it asks for nothing. */
export const OAuthClientEntity = defineEntity({
  name: 'OAuthClient',
  tableName: 'oauth_client',
  properties: {
    ...baseProperties,
    clientId: p.text(),
    name: p.text(),
    type: p.enum(clientTypes).$type<ClientType>(),
    grantTypes: p.array().$type<GrantType[]>(),
    redirectUris: p.array().$type<string[]>().default([]),
    postLogoutRedirectUris: p.array().$type<string[]>().default([]),
    backchannelLogoutUri: p.text().nullable(),
    scopes: p.array().$type<string[]>().default([]),
    /** The account a client_credentials token acts as. */
    ownerId: p.uuid().nullable(),
    skipConsent: p.boolean().default(false),
    requirePkce: p.boolean().default(true),
    /** Admits the `?redirect_state=` suffix that the LMS appends to its redirect URI, and nothing else. */
    allowRedirectState: p.boolean().default(false),
    tokenFormat: p.enum(tokenFormats).$type<TokenFormat>().default('OPAQUE'),
    /** Which rules the client has to keep beside those for all. */
    securityProfile: p.enum(securityProfiles).$type<SecurityProfile>().default('STANDARD'),
    restriction: p.json<ClientRestriction | null>().nullable(),
    /** Further client metadata in the words of the OAuth registration (snake_case), e.g. `jwks`, `subject_type`. */
    metadata: p.json<Record<string, unknown>>().onCreate(() => ({})),
  },
});
export type OAuthClient = InferEntity<typeof OAuthClientEntity>;

/** A client secret: only its keyed hash is kept. Several may be valid while one replaces another. */
export const OAuthClientSecretEntity = defineEntity({
  name: 'OAuthClientSecret',
  tableName: 'oauth_client_secret',
  properties: {
    id: baseProperties.id,
    oauthClientId: p.uuid(),
    hash: p.text(),
    /** The last characters, so that a person can tell secrets apart. */
    hint: p.text(),
    createdAt: p.datetime(),
    expiresAt: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
  },
});
export type OAuthClientSecret = InferEntity<typeof OAuthClientSecretEntity>;
