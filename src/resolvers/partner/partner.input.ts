import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { PartnerRole } from '../../entities/partner-grant.entity.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { AccessGrantType, PartnerRoleEnum } from './access-grant.type.js';

@InputType('AccessGrantFilter', { description: 'Which grants: all that is given must hold.' })
export class AccessGrantFilter {
  @Field(() => ID, { nullable: true, description: 'Of this account.' })
  accountId?: string | null;

  @Field(() => String, { nullable: true, description: 'Invitations of this address.' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'In this organization, or in one of its programs.' })
  organizationKey?: string | null;

  @Field(() => String, { nullable: true, description: 'In this program itself.' })
  programKey?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it waits for an account.' })
  isPending?: boolean | null;
}

@InputType({ description: 'Who, what and where.' })
abstract class ProgramPartnerInputBase {
  @Field(() => String, { description: 'E-mail address of the partner.' })
  email!: string;

  @Field(() => PartnerRoleEnum, { description: 'What it allows.' })
  role!: PartnerRole;

  @Field(() => String, { nullable: true, description: 'Key of the organization, for a role in one.' })
  organizationKey?: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the program, for a role in one.' })
  programKey?: string | null;
}

@InputType('InviteProgramPartnerInput', { description: 'Whom to invite, to what.' })
export class InviteProgramPartnerInput extends ProgramPartnerInputBase {}

@Access()
@ObjectType('InviteProgramPartnerPayload', { description: 'What came of an invitation.', simpleResolvers: true })
export class InviteProgramPartnerPayload {
  @Field(() => AccessGrantType, { nullable: true, description: 'The grant, or the invitation that waits.' })
  grant!: AccessGrantType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('RevokeProgramPartnerInput', { description: 'From whom to take what.' })
export class RevokeProgramPartnerInput extends ProgramPartnerInputBase {}

@Access()
@ObjectType('RevokeProgramPartnerPayload', { description: 'What came of taking a role back.', simpleResolvers: true })
export class RevokeProgramPartnerPayload {
  @Field(() => AccessGrantType, { nullable: true, description: 'What was taken, as it was; null when there was none.' })
  grant!: AccessGrantType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
