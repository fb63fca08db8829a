import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const signingKeyStates = ['PUBLISHED', 'ACTIVE', 'RETIRING', 'RETIRED'] as const;
export type SigningKeyState = (typeof signingKeyStates)[number];

/** `restricted` keys sign the tokens of restricted clients and nothing else. */
export const signingKeyPurposes = ['tokens', 'restricted'] as const;
export type SigningKeyPurpose = (typeof signingKeyPurposes)[number];

export const signingAlgorithms = ['RS256', 'RS512', 'ES256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** A key that signs tokens. The private JWK is a JWE; the public part is published while the key is not RETIRED. */
export const SigningKeyEntity = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    kid: p.text().primary(),
    algorithm: p.enum(signingAlgorithms).$type<SigningAlgorithm>(),
    purpose: p.enum(signingKeyPurposes).$type<SigningKeyPurpose>(),
    state: p.enum(signingKeyStates).$type<SigningKeyState>(),
    privateJwk: p.text(),
    createdAt: p.datetime(),
    /** From when on it signs; ahead of now while the key is only published. */
    activeFrom: p.datetime(),
    /** Since when it only verifies. */
    retiringFrom: p.datetime().nullable(),
    retiredAt: p.datetime().nullable(),
  },
});
export type SigningKey = InferEntity<typeof SigningKeyEntity>;
