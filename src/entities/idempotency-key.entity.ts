import { defineEntity, p } from '@mikro-orm/core';

/** That a caller already asked for this, and what came of it: a repeat gets the same answer. */
export const IdempotencyKeyEntity = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_key',
  properties: {
    /** The account or client that asked. */
    callerId: p.text().primary(),
    operation: p.text().primary(),
    key: p.text().primary(),
    /** sha256 of the input, so that a key reused for something else is refused. */
    inputHash: p.text(),
    /** Id of the row that resulted. */
    resultId: p.uuid(),
    createdAt: p.datetime(),
  },
});
