import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { IdentityProvider } from '../../entities/identity-provider.entity.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { withUserErrors } from '../user-error.type.js';
import {
  DeleteIdentityProviderInput,
  DeleteIdentityProviderPayload,
  IdentityProviderType,
  identityProviderAccess,
  SaveIdentityProviderInput,
  SaveIdentityProviderPayload,
  toIdentityProvider,
} from './identity-provider.type.js';

/** Where learners of organizations sign in themselves. */
@Resolver()
export class IdentityProviderResolver {
  @Access(identityProviderAccess)
  @Query(() => [IdentityProviderType], {
    description: 'The identity providers of all organizations, or of one; by their slugs.',
  })
  async identityProviders(
    @Arg('organizationKey', () => String, { nullable: true, description: 'Only those of this organization.' })
    organizationKey: string | null,
    @Ctx() context: GraphContext,
  ): Promise<IdentityProviderType[]> {
    const { identityProviders, programs } = context.services;
    const organization = organizationKey == null ? undefined : await programs.findOrganization(organizationKey);
    if (organization === null) return [];
    return describe(await identityProviders.list(organization?.id), context);
  }

  @Access(identityProviderAccess)
  @Mutation(() => SaveIdentityProviderPayload, {
    description:
      'Makes an identity provider of an organization, or brings the one of this slug in line. Safe to repeat.',
  })
  saveIdentityProvider(
    @Arg('input', () => SaveIdentityProviderInput, { description: 'How it shall be.' })
    input: SaveIdentityProviderInput,
    @Ctx() context: GraphContext,
  ): Promise<SaveIdentityProviderPayload> {
    return withProvider(context, async () => {
      const { clientId, clientSecret, scopes, ssoUrl, certificates, isEnabled, ...spec } = input;
      const { provider } = await context.services.identityProviders.ensure(
        {
          ...spec,
          clientId: clientId ?? undefined,
          clientSecret: clientSecret ?? undefined,
          scopes: scopes ?? undefined,
          ssoUrl: ssoUrl ?? undefined,
          certificates: certificates ?? undefined,
          isEnabled: isEnabled ?? undefined,
        },
        context.actor,
      );
      return provider;
    });
  }

  @Access(identityProviderAccess)
  @Mutation(() => DeleteIdentityProviderPayload, {
    description: 'Removes an identity provider, and with it every tie of an account to it; accounts and learners stay.',
  })
  deleteIdentityProvider(
    @Arg('input', () => DeleteIdentityProviderInput, { description: 'Which one.' })
    { slug }: DeleteIdentityProviderInput,
    @Ctx() context: GraphContext,
  ): Promise<DeleteIdentityProviderPayload> {
    return withProvider(context, () => context.services.identityProviders.remove(slug, context.actor));
  }
}

function withProvider(
  context: GraphContext,
  act: () => Promise<IdentityProvider | undefined>,
): Promise<SaveIdentityProviderPayload> {
  const nothing: Omit<SaveIdentityProviderPayload, 'userErrors'> = { identityProvider: null };
  return withUserErrors(nothing, async () => {
    const provider = await act();
    const [identityProvider = null] = provider ? await describe([provider], context) : [];
    return { identityProvider };
  });
}

async function describe(providers: readonly IdentityProvider[], { services }: GraphContext) {
  const ids = [...new Set(providers.map(({ organizationId }) => organizationId))];
  const organizations = new Map((await services.programs.findOrganizations(ids)).map((row) => [row.id, row]));
  return providers.map((provider) =>
    toIdentityProvider(
      provider,
      organizations.get(provider.organizationId),
      services.identityProviders.callbackUrlOf(provider),
    ),
  );
}
