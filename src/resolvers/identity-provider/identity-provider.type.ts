import { Field, InputType, ObjectType } from 'type-graphql';
import type { IdentityProvider, IdentityProviderKind } from '../../entities/identity-provider.entity.js';
import type { Organization } from '../../entities/organization.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { UserError } from '../user-error.type.js';

/** Who describes where people sign in. */
export const identityProviderAccess: FieldAccess = { scope: 'clients:admin', role: 'ADMIN' };

export const IdentityProviderKindEnum = describeEnum<IdentityProviderKind>(
  'IdentityProviderKind',
  'How an identity provider proves people.',
  { OIDC: 'OpenID Connect.', SAML: 'SAML 2.0.' },
);

@Access()
@ObjectType('IdentityProvider', {
  description: 'Where the learners of an organization sign in themselves.',
  simpleResolvers: true,
})
export class IdentityProviderType {
  @Field(() => String, { description: 'Its name in addresses: people sign in at `/login/with/{slug}`.' })
  slug!: string;

  @Field(() => String, { description: 'Key of the organization.' })
  organizationKey!: string;

  @Field(() => IdentityProviderKindEnum, { description: 'How it proves people.' })
  kind!: IdentityProviderKind;

  @Field(() => String, { description: 'What its button says after “Sign in with”.' })
  label!: string;

  @Field(() => Boolean, { description: 'Whether people can sign in there.' })
  isEnabled!: boolean;

  @Field(() => String, { description: 'Its issuer, or entity id.' })
  issuer!: string;

  @Field(() => String, { nullable: true, description: 'Where people go, for SAML.' })
  ssoUrl!: string | null;

  @Field(() => [String], { description: 'The certificates that sign its assertions, as PEM, for SAML.' })
  certificates!: string[];

  @Field(() => String, { nullable: true, description: 'The client id by which it knows Portico.' })
  clientId!: string | null;

  @Field(() => [String], { description: 'What it is asked for.' })
  scopes!: string[];

  @Field(() => String, { description: 'The claim, or attribute, that carries the organization’s key for the learner.' })
  keyClaim!: string;

  @Field(() => String, { description: 'Where it sends people back to: to be registered there.' })
  callbackUrl!: string;
}

export function toIdentityProvider(
  provider: IdentityProvider,
  organization: Organization | undefined,
  callbackUrl: string,
): IdentityProviderType {
  const { slug, kind, label, isEnabled, issuer, clientId, scopes, ssoUrl, certificates, keyClaim } = provider;
  const organizationKey = organization?.key ?? '';
  const fields = { slug, kind, label, isEnabled, issuer, scopes, certificates, keyClaim, organizationKey, callbackUrl };
  return Object.assign(new IdentityProviderType(), { ...fields, clientId: clientId ?? null, ssoUrl: ssoUrl ?? null });
}

@InputType('SaveIdentityProviderInput', {
  description: 'How a provider shall be. What may be left out stays as it is.',
})
export class SaveIdentityProviderInput {
  @Field(() => String, { description: 'Its name in addresses; says which provider is meant.' })
  slug!: string;

  @Field(() => String, { description: 'Key of the organization; never changes.' })
  organizationKey!: string;

  @Field(() => IdentityProviderKindEnum, { description: 'How it proves people; never changes.' })
  kind!: IdentityProviderKind;

  @Field(() => String, { description: 'What its button says after “Sign in with”.' })
  label!: string;

  @Field(() => String, {
    description: 'Its issuer, below which `/.well-known/openid-configuration` is; for SAML its entity id.',
  })
  issuer!: string;

  @Field(() => String, { nullable: true, description: 'Where people go, for SAML (HTTP-Redirect binding).' })
  ssoUrl?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The certificates that sign its assertions, as PEM, for SAML.',
  })
  certificates?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The client id by which it knows Portico.' })
  clientId?: string | null;

  @Field(() => String, { nullable: true, description: 'The secret of that client; kept encrypted, never shown.' })
  clientSecret?: string | null;

  @Field(() => [String], { nullable: true, description: 'What it is asked for. Default: `openid profile email`.' })
  scopes?: string[] | null;

  @Field(() => String, { description: 'The claim, or attribute, that carries the organization’s key for the learner.' })
  keyClaim!: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether people can sign in there. Default: yes.' })
  isEnabled?: boolean | null;
}

@InputType('DeleteIdentityProviderInput', { description: 'Which provider.' })
export class DeleteIdentityProviderInput {
  @Field(() => String, { description: 'Its slug.' })
  slug!: string;
}

@Access()
@ObjectType('SaveIdentityProviderPayload', { description: 'What came of it.', simpleResolvers: true })
export class SaveIdentityProviderPayload {
  @Field(() => IdentityProviderType, { nullable: true, description: 'The provider as it is now.' })
  identityProvider!: IdentityProviderType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

@Access()
@ObjectType('DeleteIdentityProviderPayload', { description: 'What came of it.', simpleResolvers: true })
export class DeleteIdentityProviderPayload {
  @Field(() => IdentityProviderType, { nullable: true, description: 'The provider as it was.' })
  identityProvider!: IdentityProviderType | null;

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}
