import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** One security-relevant act. Append only; never holds a secret, token, code or password. */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    id: baseProperties.id,
    at: p.datetime(),
    /** e.g. `sign-in`, `client.secret-rotated`. */
    action: p.text(),
    /** `success`, or a stable word for the failure. */
    outcome: p.text(),
    actorId: p.uuid().nullable(),
    clientId: p.text().nullable(),
    subjectId: p.uuid().nullable(),
    address: p.text().nullable(),
    detail: p.json<Record<string, unknown> | null>().nullable(),
  },
});
export type AuditEvent = InferEntity<typeof AuditEventEntity>;
