import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { LinkRemedy } from '../../services/edx-link/remedy.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { EdxLinkRemedyEnum } from './edx-link.enums.js';
import { EdxLinkType } from './edx-link.type.js';

const keyDescription = 'Names this request: a repeat with the same key does nothing new.';

@InputType('ResolveEdxConflictInput', { description: 'What is to be done about a link in CONFLICT or REJECTED.' })
export class ResolveEdxConflictInput {
  @Field(() => ID, { nullable: true, description: 'Whose link; one’s own without it.' })
  accountId?: string | null;

  @Field(() => EdxLinkRemedyEnum, { description: 'The remedy that the link offers: it may have changed meanwhile.' })
  action!: LinkRemedy;

  @Field(() => String, { nullable: true, description: keyDescription })
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('ResolveEdxConflictPayload', { description: 'What came of resolveEdxConflict.', simpleResolvers: true })
export class ResolveEdxConflictPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('UnlinkEdxAccountInput', { description: 'Whose LMS user is let go of.' })
export class UnlinkEdxAccountInput {
  @Field(() => ID, { description: 'Whose link.' })
  accountId!: string;

  @Field(() => String, { nullable: true, description: keyDescription })
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('UnlinkEdxAccountPayload', { description: 'What came of unlinkEdxAccount.', simpleResolvers: true })
export class UnlinkEdxAccountPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('RefreshEdxApiTokenInput', { description: 'Whose API token is renewed.' })
export class RefreshEdxApiTokenInput {
  @Field(() => ID, { nullable: true, description: 'Whose token; one’s own without it.' })
  accountId?: string | null;
}

@Access()
@ObjectType('RefreshEdxApiTokenPayload', { description: 'What came of refreshEdxApiToken.', simpleResolvers: true })
export class RefreshEdxApiTokenPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now; its apiToken follows.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('PushProfileToEdxInput', { description: 'Whose name, profile and e-mail address are brought to the LMS.' })
export class PushProfileToEdxInput {
  @Field(() => ID, { nullable: true, description: 'Whose; one’s own without it.' })
  accountId?: string | null;
}

@Access()
@ObjectType('PushProfileToEdxPayload', { description: 'What came of pushProfileToEdx.', simpleResolvers: true })
export class PushProfileToEdxPayload {
  @Field(() => EdxLinkType, { nullable: true, description: 'The link as it is now; its drift and lastError follow.' })
  edxLink!: EdxLinkType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
