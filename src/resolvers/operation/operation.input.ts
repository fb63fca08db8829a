import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Operation, OperationState } from '../../entities/operation.entity.js';
import type { OperationKind } from '../../services/operation/inputs.js';
import { Access } from '../access/access.decorator.js';
import { UserError, withUserErrors } from '../user-error.type.js';
import { OperationKindEnum, OperationStateEnum } from './operation.enums.js';
import { OperationType, toOperation } from './operation.type.js';

@InputType('OperationFilter', { description: 'Which operations: all that is given must hold.' })
export class OperationFilter {
  @Field(() => [OperationKindEnum], { nullable: true, description: 'Of any of these kinds.' })
  kinds?: OperationKind[] | null;

  @Field(() => [OperationStateEnum], { nullable: true, description: 'In any of these states.' })
  states?: OperationState[] | null;

  @Field(() => ID, { nullable: true, description: 'Account that began it.' })
  startedById?: string | null;

  @Field(() => Date, { nullable: true, description: 'Asked for then or later.' })
  since?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description: 'With one of these codes as what keeps them or made them fail (`failure.code`).',
  })
  reasons?: string[] | null;

  @Field(() => Date, { nullable: true, description: 'Not a step further since this moment, or longer.' })
  unchangedSince?: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Stuck: not over, and waiting for an upstream, or without a step for more than an hour; false for those that are not.',
  })
  stuck?: boolean | null;
}

@InputType('CancelOperationInput', { description: 'Which operation stops.' })
export class CancelOperationInput {
  @Field(() => ID, { description: 'Id of the operation.' })
  operationId!: string;
}

@InputType('RetryOperationInput', { description: 'Which operation’s failed rows are done again.' })
export class RetryOperationInput {
  @Field(() => ID, { description: 'Id of the operation.' })
  operationId!: string;
}

@InputType('RepairEdxLinksInput', { description: 'Which learners are repaired, and how.' })
export class RepairEdxLinksInput {
  @Field(() => [ID], {
    nullable: true,
    description: 'These accounts; without it all that lack an LMS user or an API token and wait for nobody.',
  })
  accountIds?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Most learners of this operation.' })
  limit?: number | null;

  @Field(() => Int, { nullable: true, description: 'Learners at a time, 1 to 32.' })
  parallel?: number | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

/** What a mutation that begins or changes an operation answers. */
export interface OperationPayload {
  operation: OperationType | null;
  userErrors: UserError[];
}

/** The payload type of a mutation that answers an operation, e.g. `RepairEdxLinksPayload`. */
export function operationPayload(mutation: string) {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;
  @Access()
  @ObjectType(name, { description: `What ${mutation} did.`, simpleResolvers: true })
  class Payload implements OperationPayload {
    @Field(() => OperationType, { nullable: true, description: 'The operation, whose progress can be followed.' })
    operation!: OperationType | null;

    @Field(() => [UserError], { description: 'Why it was not begun or changed.' })
    userErrors!: UserError[];
  }
  return Payload;
}

/** Runs what such a mutation does. */
export function answerOperation(act: () => Promise<Operation>): Promise<OperationPayload> {
  return withUserErrors<Pick<OperationPayload, 'operation'>>({ operation: null }, async () => ({
    operation: toOperation(await act()),
  }));
}
