import { Field, ID, InputType } from 'type-graphql';
import type { Role } from '../../access/viewer.js';
import type { PartnerRole } from '../../entities/partner-grant.entity.js';
import { PartnerRoleEnum } from '../partner/access-grant.type.js';
import { RoleEnum } from './account.enums.js';

abstract class OneAccount {
  accountId!: string;
}

/** @param mutation - name of the mutation whose input it is */
function accountInput(mutation: string): new () => OneAccount {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  @InputType(name, { description: `Which account ${mutation} is about.` })
  class Input extends OneAccount {
    @Field(() => ID, { description: 'Id of the account.' })
    override accountId!: string;
  }
  return Input;
}

export const DeactivateAccountInput = accountInput('deactivateAccount');
export const ReactivateAccountInput = accountInput('reactivateAccount');
export const BlockAccountInput = accountInput('blockAccount');
export const UnblockAccountInput = accountInput('unblockAccount');
export type AccountInput = OneAccount;

@InputType({ description: 'Whose role, and of partners where it counts.' })
abstract class RoleInputBase {
  @Field(() => ID, { description: 'Id of the account.' })
  accountId!: string;

  @Field(() => RoleEnum, { description: 'The role; LEARNER is everyone’s already.' })
  role!: Role;

  @Field(() => PartnerRoleEnum, {
    nullable: true,
    description: 'With PARTNER: what it allows. By itself, PARTNER allows nothing.',
  })
  partnerRole?: PartnerRole | null;

  @Field(() => String, { nullable: true, description: 'Key of the organization, for a role of a partner in one.' })
  organizationKey?: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the program, for a role of a partner in one.' })
  programKey?: string | null;
}

@InputType('GrantRoleInput', { description: 'Who gets which role.' })
export class GrantRoleInput extends RoleInputBase {}

@InputType('RevokeRoleInput', { description: 'Who loses which role.' })
export class RevokeRoleInput extends RoleInputBase {}

@InputType('UpdateAccountInput', {
  description: 'What changes about an account; `updateProfile` has name and profile.',
})
export class UpdateAccountInput {
  @Field(() => ID, { description: 'Id of the account.' })
  accountId!: string;

  @Field(() => String, { description: 'Its new e-mail address, not yet confirmed by the person.' })
  email!: string;
}

@InputType('CreateAccountInput', { description: 'A new account.' })
export class CreateAccountInput {
  @Field(() => String, { description: 'E-mail address; a link to choose a password goes there.' })
  email!: string;

  @Field(() => String, { description: 'Full name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Made from the name unless given. Never changes later.' })
  username?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 3166 alpha-2 code.' })
  country?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Names this request: a repeat with the same key answers the account that was made.',
  })
  idempotencyKey?: string | null;
}
