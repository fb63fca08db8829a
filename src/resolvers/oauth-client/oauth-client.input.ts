import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ClientType, GrantType, SecurityProfile, TokenFormat } from '../../entities/oauth-client.entity.js';
import type { SubjectType } from '../../services/oauth-client/subject-metadata.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import {
  ClientTypeEnum,
  GrantTypeEnum,
  SecurityProfileEnum,
  SubjectTypeEnum,
  TokenFormatEnum,
} from './oauth-client.enums.js';
import { OAuthClientType } from './oauth-client.type.js';

@InputType('CreateOAuthClientInput', { description: 'The client that is wanted.' })
export class CreateOAuthClientInput {
  @Field(() => String, { description: 'Name that people see.' })
  name!: string;

  @Field(() => ClientTypeEnum, { description: 'Whether the client can keep a secret.' })
  type!: ClientType;

  @Field(() => [GrantTypeEnum], { description: 'How the client may obtain tokens.' })
  grantTypes!: GrantType[];

  @Field(() => [String], { nullable: true, description: 'Where people may be sent back to after sign-in.' })
  redirectUris?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Scopes that the client may ask for; `user:read` without any.',
  })
  scopes?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Account that the client’s own tokens act as.' })
  ownerId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether people are not asked for consent; false unless given.',
  })
  skipConsent?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the client must use PKCE; true unless given.' })
  requirePkce?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the LMS’s `?redirect_state=` suffix is accepted.' })
  allowRedirectState?: boolean | null;

  @Field(() => TokenFormatEnum, { nullable: true, description: 'What access tokens look like; OPAQUE unless given.' })
  tokenFormat?: TokenFormat | null;

  @Field(() => SecurityProfileEnum, {
    nullable: true,
    description: 'Rules beside those for all clients; STANDARD unless given.',
  })
  securityProfile?: SecurityProfile | null;

  @Field(() => String, {
    nullable: true,
    description: 'Public keys by which the client proves itself in place of a secret: a JSON Web Key Set (RFC 7517).',
  })
  jwks?: string | null;

  @Field(() => String, { nullable: true, description: 'Where the client publishes those keys, if not given here.' })
  jwksUri?: string | null;

  @Field(() => SubjectTypeEnum, {
    nullable: true,
    description: 'How people are named to the client; PUBLIC unless given.',
  })
  subjectType?: SubjectType | null;

  @Field(() => String, {
    nullable: true,
    description:
      'https address of the list of redirect URIs that share pairwise names; needed where they have several hosts.',
  })
  sectorIdentifierUri?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Audiences and resources for which the client may exchange tokens, beside Portico itself.',
  })
  exchangeAudiences?: string[] | null;
}

@Access()
@ObjectType('CreateOAuthClientPayload', { description: 'What came of createOAuthClient.', simpleResolvers: true })
export class CreateOAuthClientPayload {
  @Field(() => OAuthClientType, { nullable: true, description: 'The new client.' })
  client!: OAuthClientType | null;

  @Field(() => String, { nullable: true, description: 'Its secret, shown this once; null for a client that has none.' })
  secret!: string | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType('RotateOAuthClientSecretInput', { description: 'Which client gets a new secret.' })
export class RotateOAuthClientSecretInput {
  @Field(() => String, { description: 'The `client_id` of OAuth.' })
  clientId!: string;
}

@Access()
@ObjectType('RotateOAuthClientSecretPayload', {
  description: 'What came of rotateOAuthClientSecret.',
  simpleResolvers: true,
})
export class RotateOAuthClientSecretPayload {
  @Field(() => OAuthClientType, { nullable: true, description: 'The client.' })
  client!: OAuthClientType | null;

  @Field(() => String, { nullable: true, description: 'The new secret, shown this once.' })
  secret!: string | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
