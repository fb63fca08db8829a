import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { LearnerLinkType } from './learner-link.type.js';

@InputType({ description: 'Which learner.' })
class LearnerInput {
  @Field(() => String, { description: 'Key of the organization, in any letter case.' })
  org!: string;

  @Field(() => String, { description: 'The organization’s id for the learner, in any letter case.' })
  externalKey!: string;
}

@InputType('LinkLearnerInput', { description: 'Which learner is who: `accountId` or `username`.' })
export class LinkLearnerInput extends LearnerInput {
  @Field(() => ID, { nullable: true, description: 'Id of the account.' })
  accountId?: string | null;

  @Field(() => String, { nullable: true, description: 'Username of the account.' })
  username?: string | null;
}

@InputType('RelinkLearnerInput', { description: 'Which learner is who instead: `accountId` or `username`.' })
export class RelinkLearnerInput extends LinkLearnerInput {}

@InputType('UnlinkLearnerInput', { description: 'Which learner is tied to nobody any more.' })
export class UnlinkLearnerInput extends LearnerInput {}

@InputType('CorrectExternalKeyInput', { description: 'Which key is written otherwise.' })
export class CorrectExternalKeyInput extends LearnerInput {
  @Field(() => String, { description: 'The key as it should be.' })
  newExternalKey!: string;
}

@InputType('ExpireWaitingLearnersInput', { description: 'Which learners have waited for too long.' })
export class ExpireWaitingLearnersInput {
  @Field(() => String, { description: 'Key of the organization, in any letter case.' })
  org!: string;

  @Field(() => Int, { description: 'Known here for longer than so many days.' })
  olderThanDays!: number;
}

/** What a mutation about one learner answers. */
export interface LearnerPayload {
  learner: LearnerLinkType | null;
  userErrors: UserError[];
}

function learnerPayload(mutation: string) {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;
  @Access()
  @ObjectType(name, { description: `What \`${mutation}\` answers.`, simpleResolvers: true })
  class Payload implements LearnerPayload {
    @Field(() => LearnerLinkType, { nullable: true, description: 'The learner.' })
    learner!: LearnerLinkType | null;

    @Field(() => [UserError], { description: 'Why it was not done.' })
    userErrors!: UserError[];
  }
  return Payload;
}

export const LinkLearnerPayload = learnerPayload('linkLearner');
export const RelinkLearnerPayload = learnerPayload('relinkLearner');
export const UnlinkLearnerPayload = learnerPayload('unlinkLearner');
export const CorrectExternalKeyPayload = learnerPayload('correctExternalKey');

@Access()
@ObjectType('ExpireWaitingLearnersPayload', {
  description: 'What `expireWaitingLearners` answers.',
  simpleResolvers: true,
})
export class ExpireWaitingLearnersPayload {
  @Field(() => Int, { description: 'Learners who were forgotten, with their enrollments.' })
  expired!: number;

  @Field(() => Int, { description: 'Learners who were left, because the LMS still has them.' })
  kept!: number;

  @Field(() => [UserError], { description: 'Why it was not done.' })
  userErrors!: UserError[];
}
