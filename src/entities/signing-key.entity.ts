import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const signingKeyStates = ['PUBLISHED', 'ACTIVE', 'RETIRING', 'RETIRED'] as const;
export type SigningKeyState = (typeof signingKeyStates)[number];

/** A key that signs tokens. The private JWK is a JWE; the public part is published while the key is not RETIRED. */
export const SigningKeyEntity = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    kid: p.text().primary(),
    algorithm: p.text(),
    /** `tokens`, or `restricted` for restricted applications. */
    purpose: p.text(),
    state: p.enum(signingKeyStates).$type<SigningKeyState>(),
    privateJwk: p.text(),
    createdAt: p.datetime(),
    activeFrom: p.datetime(),
    retiredAt: p.datetime().nullable(),
  },
});
export type SigningKey = InferEntity<typeof SigningKeyEntity>;
