import { Field, ID, InputType } from 'type-graphql';
import type { RetirementState } from '../../entities/retirement.entity.js';
import { RetirementStateEnum } from './retirement.enums.js';

@InputType('RequestAccountDeletionInput', { description: 'Proof that it is the person themselves.' })
export class RequestAccountDeletionInput {
  @Field(() => String, { description: 'The present password.' })
  currentPassword!: string;

  @Field(() => String, {
    nullable: true,
    description: 'A code of the authenticator app, or a recovery code, from whoever has them.',
  })
  code?: string | null;
}

@InputType('CancelAccountDeletionInput', { description: 'Whose request is taken back.' })
export class CancelAccountDeletionInput {
  @Field(() => ID, { nullable: true, description: 'Which account; one’s own without it.' })
  accountId?: string | null;
}

@InputType('RetireAccountInput', { description: 'Which account ends.' })
export class RetireAccountInput {
  @Field(() => ID, { description: 'Id of the account.' })
  accountId!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Keeps everybody from registering with its e-mail address again; `unblockAccount` takes that back.',
  })
  blockEmail?: boolean | null;
}

@InputType('RetirementFilter', { description: 'Which retirements: all that is given must hold.' })
export class RetirementFilter {
  @Field(() => [RetirementStateEnum], { nullable: true, description: 'In any of these states.' })
  states?: RetirementState[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a step left something to people.' })
  leftToDo?: boolean | null;
}
