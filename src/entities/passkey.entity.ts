import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A person's passkey (a WebAuthn credential): its public half, and what is known of the device that has the other. */
export const PasskeyEntity = defineEntity({
  name: 'Passkey',
  tableName: 'passkey',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    /** What its owner calls it. */
    name: p.text(),
    /** Chosen by the device; base64url, as browsers send it. */
    credentialId: p.text(),
    /** COSE key, base64url. */
    publicKey: p.text(),
    /** How often the device says that it was used; stays 0 with devices that do not count. */
    counter: p.bigint('number').default(0),
    /** How the device can be reached, in the browser's words, e.g. `usb`, `internal`. */
    transports: p.array().$type<string[]>().default([]),
    /** Whether the private half may be copied to other devices of its owner; otherwise it never leaves its device. */
    isSyncable: p.boolean(),
    lastUsedAt: p.datetime().nullable(),
    /** When its counter went backwards, as that of a copy would. It opens nothing any more. */
    suspendedAt: p.datetime().nullable(),
  },
});
export type Passkey = InferEntity<typeof PasskeyEntity>;

export const challengePurposes = ['register', 'sign-in', 'second-step', 'proof'] as const;
export type ChallengePurpose = (typeof challengePurposes)[number];

/** A question that a passkey has to sign. Deleted with the answer, right or wrong; purged when expired. */
export const PasskeyChallengeEntity = defineEntity({
  name: 'PasskeyChallenge',
  tableName: 'passkey_challenge',
  properties: {
    ...baseProperties,
    challenge: p.text(),
    purpose: p.enum(challengePurposes).$type<ChallengePurpose>(),
    /** Whose passkey shall answer; null where that is not known yet. */
    accountId: p.uuid().nullable(),
    /** sha256 of the secret of the browser that asked. */
    browserHash: p.text(),
    expiresAt: p.datetime(),
  },
});
