import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A person's authenticator app (RFC 6238). Counts for nothing before the person has shown a code of it. */
export const AuthenticatorEntity = defineEntity({
  name: 'Authenticator',
  tableName: 'authenticator',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    /** The shared secret in base32, sealed. */
    secret: p.text(),
    confirmedAt: p.datetime().nullable(),
    /** sha256 of the secret of the browser in which it is set up. */
    browserHash: p.text().nullable(),
    /** The newest time step whose code was used: neither it nor an older one is taken again. */
    lastStep: p.bigint('number').default(0),
    lastUsedAt: p.datetime().nullable(),
  },
});
export type Authenticator = InferEntity<typeof AuthenticatorEntity>;

/** What helps when the app is gone; works once. */
export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    /** HMAC of the code, bound to the account. */
    hash: p.text(),
    usedAt: p.datetime().nullable(),
  },
});
