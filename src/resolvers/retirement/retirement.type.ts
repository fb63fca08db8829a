import { Field, ObjectType } from 'type-graphql';
import type {
  Retirement,
  RetirementState,
  RetirementStep,
  RetirementStepName,
  RetirementStepOutcome,
} from '../../entities/retirement.entity.js';
import { Access } from '../access/access.decorator.js';
import { connectionOf } from '../page/connection.type.js';
import { toUpstreamFailure, UpstreamFailureType } from '../upstream/upstream-failure.type.js';
import { RetirementStateEnum, RetirementStepNameEnum, RetirementStepOutcomeEnum } from './retirement.enums.js';

@Access()
@ObjectType('RetirementStep', { description: 'A step of a retirement that was taken.', simpleResolvers: true })
export class RetirementStepType {
  @Field(() => RetirementStepNameEnum, { description: 'Which step.' })
  name!: RetirementStepName;

  @Field(() => RetirementStepOutcomeEnum, { description: 'What became of it.' })
  outcome!: RetirementStepOutcome;

  @Field(() => String, { nullable: true, description: 'What was done, or what is left to people and why.' })
  reason!: string | null;

  @Field(() => Date, { description: 'When.' })
  at!: Date;
}

/** Fields that lead elsewhere are in the resolver. */
@Access()
@ObjectType('Retirement', {
  description: 'The end of an account for good, from the request to the last step.',
  simpleResolvers: true,
})
export class RetirementType {
  accountId!: string;
  retirementId!: string;
  requesterId!: string | null;

  @Field(() => RetirementStateEnum, { description: 'How far it is.' })
  state!: RetirementState;

  @Field(() => Date, { description: 'When it was asked for.' })
  requestedAt!: Date;

  @Field(() => Date, { description: 'When it begins, or was to begin.' })
  dueAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it began.' })
  startedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When the last step was taken.' })
  finishedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it goes on, while it has to wait.' })
  nextAttemptAt!: Date | null;

  @Field(() => UpstreamFailureType, { nullable: true, description: 'Why it has to wait.' })
  lastError!: UpstreamFailureType | null;
}

export const RetirementConnection = connectionOf(RetirementType, 'Retirement', 'retirements');

export function toRetirement(row: Retirement): RetirementType {
  return Object.assign(new RetirementType(), {
    accountId: row.accountId,
    retirementId: row.id,
    requesterId: row.requestedBy ?? null,
    state: row.state,
    requestedAt: row.createdAt,
    dueAt: row.dueAt,
    startedAt: row.startedAt ?? null,
    finishedAt: row.finishedAt ?? null,
    nextAttemptAt: row.nextAttemptAt ?? null,
    lastError: toUpstreamFailure(row.lastError),
  });
}

export function toRetirementStep({ name, outcome, reason, at }: RetirementStep): RetirementStepType {
  return Object.assign(new RetirementStepType(), { name, outcome, reason: reason ?? null, at });
}
