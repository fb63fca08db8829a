import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const identityProviderKinds = ['OIDC', 'SAML'] as const;
export type IdentityProviderKind = (typeof identityProviderKinds)[number];

/** Where the learners of an organization sign in themselves. */
export const IdentityProviderEntity = defineEntity({
  name: 'IdentityProvider',
  tableName: 'identity_provider',
  properties: {
    ...baseProperties,
    organizationId: p.uuid(),
    /** Its name in addresses, e.g. `demou`; unique. */
    slug: p.text(),
    kind: p.enum(identityProviderKinds).$type<IdentityProviderKind>(),
    /** What its button says after “Sign in with”. */
    label: p.text(),
    isEnabled: p.boolean(),
    /** OIDC: the issuer, below which its metadata are. SAML: the entity id. */
    issuer: p.text(),
    clientId: p.text().nullable(),
    /** JWE. */
    sealedSecret: p.text().nullable().lazy(),
    scopes: p.array().$type<string[]>().default([]),
    /** SAML: where people go. */
    ssoUrl: p.text().nullable(),
    /** SAML: PEM of the certificates, or public keys, that its assertions are signed by. */
    certificates: p.array().$type<string[]>().default([]),
    /** The claim, or attribute, that carries the organization's key for the learner. */
    keyClaim: p.text(),
  },
});
export type IdentityProvider = InferEntity<typeof IdentityProviderEntity>;

/** Somebody at a provider who is an account here. Unique are the subject, and the account, at the provider. */
export const LinkedIdentityEntity = defineEntity({
  name: 'LinkedIdentity',
  tableName: 'linked_identity',
  properties: {
    ...baseProperties,
    providerId: p.uuid(),
    accountId: p.uuid(),
    /** The provider's own name for the person, which never changes. */
    subject: p.text(),
    /** The organization's key for the learner, as the provider said it last. */
    externalKey: p.text().nullable(),
    /** For which key and LMS user the learner was tied; see `tiedAs`. */
    tiedAs: p.text().nullable(),
    lastUsedAt: p.datetime(),
  },
});
export type LinkedIdentity = InferEntity<typeof LinkedIdentityEntity>;

/**
 * A sign-in under way. REQUEST: the person is at the provider. PROVEN: they are back, and nobody here yet. Deleted when it is taken
 * up; purged when expired.
 */
export const IdentitySignInEntity = defineEntity({
  name: 'IdentitySignIn',
  tableName: 'identity_sign_in',
  properties: {
    ...baseProperties,
    providerId: p.uuid(),
    kind: p.enum(['REQUEST', 'PROVEN'] as const).$type<'REQUEST' | 'PROVEN'>(),
    /** sha256 of the `state` that the provider gives back. */
    stateHash: p.text(),
    /** sha256 of the secret of the browser that began it. */
    browserHash: p.text(),
    /** JWE of what it takes to check the answer, or of whom the answer named. */
    sealed: p.text(),
    /** Path of ours that the person goes on at. */
    next: p.text().nullable(),
    expiresAt: p.datetime(),
  },
});
export type IdentitySignIn = InferEntity<typeof IdentitySignInEntity>;
