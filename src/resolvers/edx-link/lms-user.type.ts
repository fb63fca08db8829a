import { Field, ObjectType } from 'type-graphql';
import type { LmsIdentity } from '../../datasources/identity/identity-reader.js';
import type { LmsUser } from '../../datasources/lms/accounts.js';
import type { ThirdPartyMapping } from '../../datasources/lms/third-party-auth.js';
import type { Sourced } from '../../datasources/sourced.js';
import { Access } from '../access/access.decorator.js';
import { Freshness, toFreshness } from '../upstream/freshness.type.js';

@Access()
@ObjectType('LmsUser', { description: 'A user as the LMS has it.', simpleResolvers: true })
export class LmsUserType {
  @Field(() => String, { description: 'Username, in the LMS’s own spelling.' })
  username!: string;

  @Field(() => String, { nullable: true, description: 'E-mail address in the LMS.' })
  email!: string | null;

  @Field(() => String, { nullable: true, description: 'Full name in the LMS.' })
  name!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the user is active in the LMS.' })
  isActive!: boolean | null;

  @Field(() => Date, { nullable: true, description: 'When the user was made.' })
  dateJoined!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When the user last signed in at the LMS.' })
  lastLogin!: Date | null;

  @Field(() => Freshness, { nullable: true, description: 'How recent it is.' })
  freshness!: Freshness | null;
}

@Access()
@ObjectType('ThirdPartyMapping', {
  description: 'What the LMS’s ID mapping says: which of its users signs in with which uid of Portico.',
  simpleResolvers: true,
})
export class ThirdPartyMappingType {
  @Field(() => String, { description: 'Username in the LMS.' })
  username!: string;

  @Field(() => String, { description: 'The uid that the LMS holds.' })
  remoteId!: string;

  @Field(() => Freshness, { nullable: true, description: 'How recent it is.' })
  freshness!: Freshness | null;
}

export function toLmsUser(sourced: Sourced<LmsUser | undefined>): LmsUserType | null {
  const { value } = sourced;
  if (!value) return null;
  const { username, email, name, isActive, dateJoined, lastLogin } = value;
  return { username, email, name, isActive, dateJoined, lastLogin, freshness: toFreshness(sourced) };
}

/** Fields of the type that tell who somebody is, and so are there for less. */
export const identityFields: ReadonlySet<string> = new Set(['__typename', 'username', 'email', 'freshness']);

/** The same of an identity: the other fields are not asked for. */
export function toLmsIdentity(sourced: Sourced<LmsIdentity | undefined>): LmsUserType | null {
  const { value } = sourced;
  if (!value) return null;
  const { username, email } = value;
  const unasked = { name: null, isActive: null, dateJoined: null, lastLogin: null };
  return { username, email, ...unasked, freshness: toFreshness(sourced) };
}

export function toMapping(sourced: Sourced<ThirdPartyMapping | undefined>): ThirdPartyMappingType | null {
  const { value } = sourced;
  return value ? { username: value.username, remoteId: value.remoteId, freshness: toFreshness(sourced) } : null;
}
