import { Field, ObjectType } from 'type-graphql';
import type {
  EnrollmentMove,
  EnrollmentMoveKind,
  EnrollmentMoveState,
  EnrollmentMoveStep,
  EnrollmentMoveStepName,
  EnrollmentMoveStepOutcome,
} from '../../entities/enrollment-move.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import {
  EnrollmentMoveKindEnum,
  EnrollmentMoveStateEnum,
  EnrollmentMoveStepNameEnum,
  EnrollmentMoveStepOutcomeEnum,
} from './enrollment-move.enums.js';

export const moveAccess: FieldAccess = { scope: 'learning:read', role: 'STAFF' };

@Access()
@ObjectType('EnrollmentMoveStep', { description: 'A step of a move that is over.', simpleResolvers: true })
export class EnrollmentMoveStepType {
  @Field(() => EnrollmentMoveStepNameEnum, { description: 'Which step.' })
  name!: EnrollmentMoveStepName;

  @Field(() => EnrollmentMoveStepOutcomeEnum, { description: 'What became of it.' })
  outcome!: EnrollmentMoveStepOutcome;

  @Field(() => String, { nullable: true, description: 'Stable word for why, e.g. `enrollment-closed`.' })
  reason!: string | null;

  @Field(() => Date, { description: 'When.' })
  at!: Date;
}

/** Source, target and who began it are in the resolver. */
@Access(moveAccess)
@ObjectType('EnrollmentMove', {
  description: 'A deferral, transfer or refund of an enrollment, step by step.',
  implements: Node,
  simpleResolvers: true,
})
export class EnrollmentMoveType extends Node {
  sourceId!: string;
  targetId!: string | null;
  requesterId!: string | null;

  @Field(() => EnrollmentMoveKindEnum, { description: 'Why the enrollment ends.' })
  kind!: EnrollmentMoveKind;

  @Field(() => EnrollmentMoveStateEnum, { description: 'How far it is.' })
  state!: EnrollmentMoveState;

  @Field(() => EnrollmentMoveStepNameEnum, { nullable: true, description: 'The step under way; null when it is over.' })
  step!: EnrollmentMoveStepName | null;

  @Field(() => [EnrollmentMoveStepType], { description: 'Steps that are over, in order.' })
  steps!: EnrollmentMoveStepType[];

  @Field(() => Date, { description: 'When it was asked for.' })
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the last step was over.' })
  finishedAt!: Date | null;
}

export function toEnrollmentMove(row: EnrollmentMove): EnrollmentMoveType {
  return Object.assign(new EnrollmentMoveType(), {
    id: toGlobalId('EnrollmentMove', row.id),
    sourceId: row.sourceId,
    targetId: row.targetId ?? null,
    requesterId: row.requestedBy ?? null,
    kind: row.kind,
    state: row.state,
    step: row.step ?? null,
    steps: row.steps.map(toStep),
    startedAt: row.createdAt,
    finishedAt: row.finishedAt ?? null,
  });
}

function toStep({ name, outcome, reason, at }: EnrollmentMoveStep): EnrollmentMoveStepType {
  return Object.assign(new EnrollmentMoveStepType(), { name, outcome, reason, at: new Date(at) });
}
