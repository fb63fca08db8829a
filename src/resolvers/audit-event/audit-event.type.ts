import { Field, ObjectType } from 'type-graphql';
import type { AuditEvent } from '../../entities/audit-event.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { JsonScalar } from '../scalars/json.scalar.js';

export const auditEventAccess: FieldAccess = { scope: 'accounts:read', role: 'SUPPORT' };

/** One security-relevant act. Who did it, with which client and to whom is in the resolver. */
@Access(auditEventAccess)
@ObjectType('AuditEvent', { description: 'One security-relevant act.', implements: Node, simpleResolvers: true })
export class AuditEventType extends Node {
  actorId!: string | null;
  clientId!: string | null;
  subjectId!: string | null;

  @Field(() => Date, { description: 'When it happened.' })
  at!: Date;

  @Field(() => String, { description: 'What was done, e.g. `sign-in`.' })
  action!: string;

  @Field(() => String, { description: '`success`, or a stable word for the failure.' })
  outcome!: string;

  @Field(() => String, { nullable: true, description: 'Network address of the caller.' })
  address!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'What else is known of it; never a secret.' })
  detail!: Record<string, unknown> | null;
}

export const AuditEventConnection = connectionOf(AuditEventType, 'AuditEvent', 'audit events');

export function toAuditEvent(row: AuditEvent): AuditEventType {
  return Object.assign(new AuditEventType(), {
    id: toGlobalId('AuditEvent', row.id),
    actorId: row.actorId,
    clientId: row.clientId,
    subjectId: row.subjectId,
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    address: row.address,
    detail: row.detail,
  });
}
