import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { OAuthClient } from '../../entities/oauth-client.entity.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { withUserErrors } from '../user-error.type.js';
import {
  GrantClientProviderInput,
  GrantClientProviderPayload,
  RevokeClientProviderInput,
  RevokeClientProviderPayload,
} from './administration.input.js';
import { OAuthClientType, oauthClientAccess, toOAuthClient } from './oauth-client.type.js';

/** Which identity providers' ID mapping a client may read. */
@Resolver(() => OAuthClientType)
export class ClientProviderResolver {
  @Access(oauthClientAccess)
  @FieldResolver(() => [String], {
    description: 'Identity providers whose ID mapping the client may read with its own tokens, as the LMS names them.',
  })
  async providers(@Root() { rowId }: OAuthClientType, @Ctx() { stored }: GraphContext): Promise<string[]> {
    return (await stored.clientProviders.load(rowId)).map(({ providerId }) => providerId);
  }

  @Access(oauthClientAccess)
  @Mutation(() => GrantClientProviderPayload, {
    description:
      'Lets a client read the ID mapping of a provider with its own tokens, as far as it has the scope `tpa:read`. Safe to repeat.',
  })
  grantClientProvider(
    @Arg('input', () => GrantClientProviderInput, { description: 'Which client, which provider.' })
    { clientId, providerId }: GrantClientProviderInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<GrantClientProviderPayload> {
    return withClient(() => services.providerGrants.grant(clientId, providerId, actor));
  }

  @Access(oauthClientAccess)
  @Mutation(() => RevokeClientProviderPayload, {
    description: 'Takes the ID mapping of a provider back from a client. Safe to repeat.',
  })
  revokeClientProvider(
    @Arg('input', () => RevokeClientProviderInput, { description: 'Which client, which provider.' })
    { clientId, providerId }: RevokeClientProviderInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RevokeClientProviderPayload> {
    return withClient(() => services.providerGrants.revoke(clientId, providerId, actor));
  }
}

function withClient(act: () => Promise<OAuthClient>): Promise<GrantClientProviderPayload> {
  const nothing: Omit<GrantClientProviderPayload, 'userErrors'> = { client: null };
  return withUserErrors(nothing, async () => ({ client: toOAuthClient(await act()) }));
}
