import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { EdxLinkState } from '../../entities/edx-link.entity.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { EdxLinkStateEnum } from './edx-link.enums.js';
import { EdxLinkType } from './edx-link.type.js';

@InputType('EdxLinkFilter', { description: 'Which edX links: all that is given must hold.' })
export class EdxLinkFilter {
  @Field(() => [EdxLinkStateEnum], { nullable: true, description: 'In any of these states.' })
  states?: EdxLinkState[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'With one of these codes as the reason of the last failure (`lastError.code`).',
  })
  reasons?: string[] | null;

  @Field(() => Date, { nullable: true, description: 'In their state since this moment, or longer.' })
  unchangedSince?: Date | null;

  @Field(() => Int, { nullable: true, description: 'With so many failed tries, or more.' })
  minAttempts?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Stuck: CONFLICT, REJECTED or MISSING_UPSTREAM, under way for more than an hour, or linked while the LMS refuses what the person changed; false for those that are not.',
  })
  stuck?: boolean | null;
}

@InputType('EnsureEdxAccountInput', { description: 'Whose LMS account is wanted.' })
export class EnsureEdxAccountInput {
  @Field(() => ID, { nullable: true, description: 'Account that is to have an LMS account; one’s own without it.' })
  accountId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Names this request: a repeat with the same key does nothing new.',
  })
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('EnsureEdxAccountPayload', { description: 'What came of ensureEdxAccount.', simpleResolvers: true })
export class EnsureEdxAccountPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('RepairEdxLinkInput', { description: 'Whose edX link is to be repaired.' })
export class RepairEdxLinkInput {
  @Field(() => ID, { description: 'Account whose link is to be repaired.' })
  accountId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Names this request: a repeat with the same key does nothing new.',
  })
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('RepairEdxLinkPayload', { description: 'What came of repairEdxLink.', simpleResolvers: true })
export class RepairEdxLinkPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
