import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { GrantType, RestrictionMode, SecurityProfile, TokenFormat } from '../../entities/oauth-client.entity.js';
import type { SubjectType } from '../../services/oauth-client/subject-metadata.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import {
  GrantTypeEnum,
  RestrictionModeEnum,
  SecurityProfileEnum,
  SubjectTypeEnum,
  TokenFormatEnum,
} from './oauth-client.enums.js';
import { OAuthClientType } from './oauth-client.type.js';

@InputType({ description: 'Names a client.' })
abstract class ClientInputBase {
  @Field(() => String, { description: 'The `client_id` of OAuth.' })
  clientId!: string;
}

@ObjectType({ description: 'What came of a change of a client.' })
abstract class ClientPayloadBase {
  @Field(() => OAuthClientType, { nullable: true, description: 'The client as it is now.' })
  client!: OAuthClientType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@InputType({ description: 'Names a client and an identity provider.' })
abstract class ClientProviderInputBase extends ClientInputBase {
  @Field(() => String, { description: 'The provider, as the LMS names it, e.g. `oa2-ol-oauth2`.' })
  providerId!: string;
}

@InputType('GrantClientProviderInput', { description: 'Which client may read the ID mapping of which provider.' })
export class GrantClientProviderInput extends ClientProviderInputBase {}

@Access()
@ObjectType('GrantClientProviderPayload', { description: 'What came of granting a provider.' })
export class GrantClientProviderPayload extends ClientPayloadBase {}

@InputType('RevokeClientProviderInput', {
  description: 'Which client may no longer read the ID mapping of which provider.',
})
export class RevokeClientProviderInput extends ClientProviderInputBase {}

@Access()
@ObjectType('RevokeClientProviderPayload', { description: 'What came of taking a provider back.' })
export class RevokeClientProviderPayload extends ClientPayloadBase {}

@InputType('UpdateOAuthClientInput', { description: 'What changes of a client. What is left out stays.' })
export class UpdateOAuthClientInput extends ClientInputBase {
  @Field(() => String, { nullable: true, description: 'Name that people see.' })
  name?: string | null;

  @Field(() => [GrantTypeEnum], { nullable: true, description: 'How the client may obtain tokens.' })
  grantTypes?: GrantType[] | null;

  @Field(() => [String], { nullable: true, description: 'Where people may be sent back to after sign-in.' })
  redirectUris?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Where people may be sent back to after sign-out.' })
  postLogoutRedirectUris?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where Portico tells the client that a session ended; null takes it away.',
  })
  backchannelLogoutUri?: string | null;

  @Field(() => [String], { nullable: true, description: 'Scopes that the client may ask for.' })
  scopes?: string[] | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Account that the client’s own tokens act as; null takes it away.',
  })
  ownerId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether people are not asked for consent.' })
  skipConsent?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the client must use PKCE.' })
  requirePkce?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the LMS’s `?redirect_state=` suffix is accepted.' })
  allowRedirectState?: boolean | null;

  @Field(() => TokenFormatEnum, { nullable: true, description: 'What access tokens look like.' })
  tokenFormat?: TokenFormat | null;

  @Field(() => SecurityProfileEnum, {
    nullable: true,
    description: 'Rules beside those for all clients.',
  })
  securityProfile?: SecurityProfile | null;

  @Field(() => String, {
    nullable: true,
    description: 'Public keys by which the client proves itself in place of a secret: a JSON Web Key Set (RFC 7517).',
  })
  jwks?: string | null;

  @Field(() => String, { nullable: true, description: 'Where the client publishes those keys, if not given here.' })
  jwksUri?: string | null;

  @Field(() => SubjectTypeEnum, { nullable: true, description: 'How people are named to the client.' })
  subjectType?: SubjectType | null;

  @Field(() => String, {
    nullable: true,
    description:
      'https address of the list of redirect URIs that share pairwise names; needed where they have several hosts. Null takes it away.',
  })
  sectorIdentifierUri?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Audiences and resources for which the client may exchange tokens, beside Portico itself.',
  })
  exchangeAudiences?: string[] | null;
}

@Access()
@ObjectType('UpdateOAuthClientPayload', { description: 'What came of updateOAuthClient.', simpleResolvers: true })
export class UpdateOAuthClientPayload extends ClientPayloadBase {}

@InputType('RevokeOAuthClientSecretInput', { description: 'Which secret of which client ends.' })
export class RevokeOAuthClientSecretInput extends ClientInputBase {
  @Field(() => ID, { description: 'Id of the secret, as `OAuthClient.secrets` has it.' })
  secretId!: string;
}

@Access()
@ObjectType('RevokeOAuthClientSecretPayload', {
  description: 'What came of revokeOAuthClientSecret.',
  simpleResolvers: true,
})
export class RevokeOAuthClientSecretPayload extends ClientPayloadBase {}

@InputType('RestrictOAuthClientInput', { description: 'Which client is held to what.' })
export class RestrictOAuthClientInput extends ClientInputBase {
  @Field(() => RestrictionModeEnum, { description: 'How its tokens are restricted.' })
  mode!: RestrictionMode;

  @Field(() => [String], {
    nullable: true,
    description: 'Organizations whose courses its tokens may concern; all, without any.',
  })
  organizations?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Third-party-auth providers that its tokens may concern; none, without any.',
  })
  providers?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Scopes of those it is registered for that it is left with; all of them, without any.',
  })
  scopes?: string[] | null;
}

@Access()
@ObjectType('RestrictOAuthClientPayload', { description: 'What came of restrictOAuthClient.', simpleResolvers: true })
export class RestrictOAuthClientPayload extends ClientPayloadBase {}

@InputType('UnrestrictOAuthClientInput', { description: 'Which client has ordinary tokens again.' })
export class UnrestrictOAuthClientInput extends ClientInputBase {}

@Access()
@ObjectType('UnrestrictOAuthClientPayload', {
  description: 'What came of unrestrictOAuthClient.',
  simpleResolvers: true,
})
export class UnrestrictOAuthClientPayload extends ClientPayloadBase {}

@InputType('RevokeOAuthClientTokensInput', { description: 'Which client loses its tokens.' })
export class RevokeOAuthClientTokensInput extends ClientInputBase {}

@Access()
@ObjectType('RevokeOAuthClientTokensPayload', {
  description: 'What came of revokeOAuthClientTokens.',
  simpleResolvers: true,
})
export class RevokeOAuthClientTokensPayload extends ClientPayloadBase {
  @Field(() => Int, { nullable: true, description: 'How many codes and tokens were ended.' })
  revoked!: number | null;
}

@InputType('DeleteOAuthClientInput', { description: 'Which client goes.' })
export class DeleteOAuthClientInput extends ClientInputBase {}

@Access()
@ObjectType('DeleteOAuthClientPayload', { description: 'What came of deleteOAuthClient.', simpleResolvers: true })
export class DeleteOAuthClientPayload {
  @Field(() => String, { nullable: true, description: 'The `client_id` of the client that is gone.' })
  deletedClientId!: string | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
