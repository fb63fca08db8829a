import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/**
 * A sign-up under way: from the e-mail address to the account. Found by the hash of the token in the person's link and
 * cookie; the code from the mail is an alternative to the link. Deleted when the account exists, purged when expired.
 */
export const RegistrationEntity = defineEntity({
  name: 'Registration',
  tableName: 'registration',
  properties: {
    ...baseProperties,
    email: p.text(),
    /** sha256 of the token that the browser holds. */
    tokenHash: p.text(),
    /** sha256 of the token in the mailed link. */
    linkHash: p.text(),
    /** HMAC of the mailed code, bound to this row. */
    codeHash: p.text(),
    codeAttempts: p.integer().default(0),
    confirmedAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
    /** Where the person goes on after registration: a path of Portico, e.g. an authorization request. */
    next: p.text().nullable(),
  },
});
export type Registration = InferEntity<typeof RegistrationEntity>;
