import { defineEntity, p } from '@mikro-orm/core';

/** An e-mail address that nobody may use for an account any more; it outlives the erasure of the person who had it. */
export const BlockedEmailEntity = defineEntity({
  name: 'BlockedEmail',
  tableName: 'blocked_email',
  properties: {
    /** HMAC of the address in lower case: who has the database alone cannot look for addresses in it. */
    emailHash: p.text().primary(),
    /** Whose address it was when it was blocked. */
    accountId: p.uuid(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});
