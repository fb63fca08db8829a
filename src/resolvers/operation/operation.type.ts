import { Field, Int, ObjectType } from 'type-graphql';
import type { Access as Declaration } from '../../access/policy.js';
import type { Operation, OperationRow, OperationState, RowOutcome } from '../../entities/operation.entity.js';
import type { OperationKind } from '../../services/operation/inputs.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { JsonScalar } from '../scalars/json.scalar.js';
import { toUpstreamFailure, UpstreamFailureType } from '../upstream/upstream-failure.type.js';
import { OperationKindEnum, OperationStateEnum, RowOutcomeEnum } from './operation.enums.js';

/** Whoever began an operation may see it with the scope that let them begin it. */
export const operationAccess: Declaration = {
  scope: 'operations:admin',
  role: 'SUPPORT',
  own: true,
  ownScope: 'accounts:write learning:write programs:read programs:write',
};

/** Of what leads to operations: everybody may have begun some; each is looked at by itself, see `findOperation`. */
export const ownOperationAccess: FieldAccess = { ...operationAccess, owner: 'viewer' };

@Access()
@ObjectType('OperationRow', { description: 'What became of one row of an operation.', simpleResolvers: true })
export class OperationRowType {
  @Field(() => Int, { description: 'From 1; of a file, the number of its row.' })
  number!: number;

  @Field(() => String, { nullable: true, description: 'What the row is about, e.g. a username.' })
  key!: string | null;

  @Field(() => RowOutcomeEnum, { description: 'What became of it.' })
  outcome!: RowOutcome;

  @Field(() => String, { nullable: true, description: 'What happened and what can be done, for a person.' })
  reason!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'The same for programs, as its kind defines it.' })
  detail!: Record<string, unknown> | null;
}

export const OperationRowConnection = connectionOf(OperationRowType, 'OperationRow', 'rows of an operation');

/** Fields that lead elsewhere are in the resolver. */
@Access(operationAccess)
@ObjectType('Operation', {
  description: 'Work that outlasts a request: stored before it begins, and gone on with whatever is killed meanwhile.',
  implements: Node,
  simpleResolvers: true,
})
export class OperationType extends Node {
  rowId!: string;
  /** Row id of the account that began it; what `own` compares. */
  ownerId!: string | null;
  retriedId!: string | null;

  @Field(() => OperationKindEnum, { description: 'What it does.' })
  kind!: OperationKind;

  @Field(() => OperationStateEnum, { description: 'How far it is.' })
  state!: OperationState;

  @Field(() => Int, { nullable: true, description: 'Rows in all, as far as that is known.' })
  total!: number | null;

  @Field(() => Int, { description: 'Rows that are dealt with, the failed ones among them.' })
  done!: number;

  @Field(() => Int, { description: 'Rows that failed.' })
  failed!: number;

  @Field(() => Date, { description: 'When it was asked for.' })
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it goes on, while it has to wait.' })
  nextAttemptAt!: Date | null;

  @Field(() => UpstreamFailureType, { nullable: true, description: 'Why it failed as a whole, or has to wait.' })
  failure!: UpstreamFailureType | null;

  @Field(() => JsonScalar, { nullable: true, description: 'What came of it beside the rows, e.g. counters.' })
  summary!: Record<string, unknown> | null;
}

export const OperationConnection = connectionOf(OperationType, 'Operation', 'operations');

export function toOperation(row: Operation): OperationType {
  return Object.assign(new OperationType(), {
    id: toGlobalId('Operation', row.id),
    rowId: row.id,
    ownerId: row.startedBy ?? null,
    retriedId: row.retryOf ?? null,
    kind: row.kind as OperationKind,
    state: row.state,
    total: row.total ?? null,
    done: row.done,
    failed: row.failed,
    startedAt: row.createdAt,
    finishedAt: row.finishedAt ?? null,
    nextAttemptAt: row.nextAttemptAt ?? null,
    failure: toUpstreamFailure(row.failure),
    summary: row.summary ?? null,
  });
}

export function toOperationRow(row: OperationRow): OperationRowType {
  return Object.assign(new OperationRowType(), {
    number: row.number,
    key: row.key ?? null,
    outcome: row.outcome,
    reason: row.reason ?? null,
    detail: row.detail ?? null,
  });
}
