import { Field, Int, ObjectType } from 'type-graphql';
import type { Role } from '../../access/viewer.js';
import { expandRoles } from '../../access/viewer.js';
import type { Account, AccountProfile, AccountStatus } from '../../entities/account.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { AccountStatusEnum, RoleEnum } from './account.enums.js';

/** Scopes that open the viewer's own account, profile, e-mail address and edX link. */
export const ownAccountScopes = 'user:read profile learning:read';

/** One's own account opens with any scope about oneself; anyone's to STAFF. */
export const accountAccess: FieldAccess = {
  scope: 'accounts:read',
  role: 'STAFF',
  own: true,
  ownScope: ownAccountScopes,
};

@Access()
@ObjectType('Profile', {
  description: 'What a person tells about themselves, beside name and e-mail.',
  simpleResolvers: true,
})
export class ProfileType {
  @Field(() => String, { nullable: true, description: 'ISO 3166 alpha-2 code, upper case.' })
  country!: string | null;

  @Field(() => String, { nullable: true, description: 'State or region inside the country.' })
  state!: string | null;

  @Field(() => Int, { nullable: true, description: 'Year of birth.' })
  birthYear!: number | null;

  @Field(() => String, { nullable: true, description: 'Gender, in the LMS’s words (`m`, `f`, `o`).' })
  gender!: string | null;

  @Field(() => String, { nullable: true, description: 'Company or organization.' })
  company!: string | null;

  @Field(() => String, { nullable: true, description: 'Job title.' })
  jobTitle!: string | null;

  @Field(() => String, { nullable: true, description: 'Preferred language, BCP 47, e.g. `en`.' })
  languageCode!: string | null;
}

/** A person. Fields that lead elsewhere are in the resolver. */
@Access(accountAccess)
@ObjectType('Account', { description: 'A person who can sign in.', implements: Node, simpleResolvers: true })
export class AccountType extends Node {
  /** Row id; what `own` compares. */
  ownerId!: string;

  @Field(() => String, { description: 'Never changes: the LMS keeps it as the link to this account.' })
  username!: string;

  @Field(() => String, { description: 'E-mail address.' })
  @Access({ ...accountAccess, ownScope: `${ownAccountScopes} email` })
  email!: string;

  @Field(() => Boolean, { description: 'Whether the person has shown that the address is theirs.' })
  emailVerified!: boolean;

  @Field(() => String, { description: 'Full name.' })
  name!: string;

  @Field(() => ProfileType, { description: 'What the person tells about themselves.' })
  profile!: ProfileType;

  @Field(() => AccountStatusEnum, { description: 'Whether the account can be used.' })
  status!: AccountStatus;

  @Field(() => [RoleEnum], { description: 'Roles, with those that they include.' })
  roles!: Role[];

  @Field(() => Date, { description: 'When the account was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the person last signed in.' })
  lastSignedInAt!: Date | null;
}

export const AccountConnection = connectionOf(AccountType, 'Account', 'accounts');

export function toAccount(row: Account): AccountType {
  return Object.assign(new AccountType(), {
    id: toGlobalId('Account', row.id),
    ownerId: row.id,
    username: row.username,
    email: row.email,
    emailVerified: row.emailVerifiedAt !== null,
    name: row.name,
    profile: toProfile(row.profile),
    status: row.status,
    roles: [...expandRoles(row.roles)],
    createdAt: row.createdAt,
    lastSignedInAt: row.lastSignedInAt,
  });
}

function toProfile(profile: AccountProfile): ProfileType {
  const { country, state, birthYear, gender, company, jobTitle, languageCode } = profile;
  return {
    country: country ?? null,
    state: state ?? null,
    birthYear: birthYear ?? null,
    gender: gender ?? null,
    company: company ?? null,
    jobTitle: jobTitle ?? null,
    languageCode: languageCode ?? null,
  };
}
