import { Extensions, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Role } from '../../access/viewer.js';
import type { AccountStatus } from '../../entities/account.entity.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { AccountStatusEnum, RoleEnum } from './account.enums.js';
import { AccountType } from './account.type.js';

@Extensions({ oneOf: true })
@InputType('AccountBy', { description: 'Which account: exactly one of these.' })
export class AccountBy {
  @Field(() => ID, { nullable: true, description: 'Id of the account.' })
  id?: string;

  @Field(() => String, { nullable: true, description: 'Username, whatever its case.' })
  username?: string;

  @Field(() => String, { nullable: true, description: 'E-mail address, whatever its case.' })
  email?: string;

  @Field(() => String, { nullable: true, description: 'Username in the LMS.' })
  edxUsername?: string;

  @Field(() => String, { nullable: true, description: 'The uid that the LMS holds for the account.' })
  remoteId?: string;
}

@InputType('AccountFilter', { description: 'Which accounts: all that is given must hold.' })
export class AccountFilter {
  @Field(() => String, { nullable: true, description: 'Part of username, e-mail address or name, whatever its case.' })
  text?: string | null;

  @Field(() => AccountStatusEnum, { nullable: true, description: 'Whether the account can be used.' })
  status?: AccountStatus | null;

  @Field(() => RoleEnum, { nullable: true, description: 'Role that was given to the account itself.' })
  role?: Role | null;
}

@InputType('UpdateProfileInput', {
  description: 'What changes: a field that is absent stays as it is, null empties it.',
})
export class UpdateProfileInput {
  @Field(() => ID, { nullable: true, description: 'Account to change; one’s own without it.' })
  accountId?: string | null;

  @Field(() => String, { nullable: true, description: 'Full name; cannot be emptied.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 3166 alpha-2 code.' })
  country?: string | null;

  @Field(() => String, { nullable: true, description: 'State or region inside the country.' })
  state?: string | null;

  @Field(() => Int, { nullable: true, description: 'Year of birth.' })
  birthYear?: number | null;

  @Field(() => String, { nullable: true, description: 'Gender, in the LMS’s words (`m`, `f`, `o`).' })
  gender?: string | null;

  @Field(() => String, { nullable: true, description: 'Company or organization.' })
  company?: string | null;

  @Field(() => String, { nullable: true, description: 'Job title.' })
  jobTitle?: string | null;

  @Field(() => String, { nullable: true, description: 'Preferred language, BCP 47.' })
  languageCode?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Names this request: a repeat with the same key changes nothing more.',
  })
  idempotencyKey?: string | null;
}

@Access()
@ObjectType('UpdateProfilePayload', { description: 'What came of updateProfile.', simpleResolvers: true })
export class UpdateProfilePayload {
  @Field(() => AccountType, { nullable: true, description: 'The account as it is now.' })
  account!: AccountType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
