import { Field, ID, InputType } from 'type-graphql';

@InputType('RemoveSecondFactorsInput', { description: 'Whose second factors are removed, and why.' })
export class RemoveSecondFactorsInput {
  @Field(() => ID, { description: 'Id of the account; not one’s own.' })
  accountId!: string;

  @Field(() => String, { description: 'How the person showed who they are; kept in the audit trail.' })
  reason!: string;
}
