import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/**
 * A new e-mail address that waits for proof that its mailbox is the person's: by a link or a code that is mailed there. Who
 * reads the old mailbox can stop it by another link. Deleted when used or stopped, purged when expired.
 */
export const EmailChangeEntity = defineEntity({
  name: 'EmailChange',
  tableName: 'email_change',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    email: p.text(),
    /** sha256 of the token in the link to the new address. */
    linkHash: p.text(),
    /** sha256 of the token in the link to the old address. */
    stopHash: p.text(),
    /** HMAC of the mailed code, bound to this row. */
    codeHash: p.text(),
    codeAttempts: p.integer().default(0),
    expiresAt: p.datetime(),
  },
});
export type EmailChange = InferEntity<typeof EmailChangeEntity>;
