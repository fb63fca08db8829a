import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { OAuthClient } from '../../entities/oauth-client.entity.js';
import { NotFoundError } from '../../errors.js';
import type { ClientPatch } from '../../services/oauth-client/administration.js';
import { readClientKeys } from '../../services/oauth-client/client-keys.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { isRowKey, readGlobalId } from '../global-id.js';
import { withUserErrors } from '../user-error.type.js';
import {
  DeleteOAuthClientInput,
  DeleteOAuthClientPayload,
  RestrictOAuthClientInput,
  RestrictOAuthClientPayload,
  RevokeOAuthClientSecretInput,
  RevokeOAuthClientSecretPayload,
  RevokeOAuthClientTokensInput,
  RevokeOAuthClientTokensPayload,
  UnrestrictOAuthClientInput,
  UnrestrictOAuthClientPayload,
  UpdateOAuthClientInput,
  UpdateOAuthClientPayload,
} from './administration.input.js';
import { oauthClientAccess, toOAuthClient } from './oauth-client.type.js';
import { requireReach } from './reach.js';

/** What administrators do with a client that is there. */
@Resolver()
export class OAuthClientMutations {
  @Access(oauthClientAccess)
  @Mutation(() => UpdateOAuthClientPayload, {
    description:
      'Changes a client. Every process knows when this answers. Its tokens stay, and open what the client may still ask for and no more: a scope that it lost is gone from them. Whoever allowed it something is not asked anew, for a new redirect URI neither.',
  })
  updateOAuthClient(
    @Arg('input', () => UpdateOAuthClientInput, { description: 'Which client, and what changes.' })
    input: UpdateOAuthClientInput,
    @Ctx() { services, actor, viewer, stored }: GraphContext,
  ): Promise<UpdateOAuthClientPayload> {
    return withClient(async () => {
      const client = await stored.client.load(input.clientId);
      const metadata = readClientKeys(input, client?.metadata);
      const patch = { ...readPatch(input), ...(metadata && { metadata }) };
      requireReach(viewer, { ...client, ...patch });
      return services.oauthClients.update(input.clientId, patch, actor);
    });
  }

  @Access(oauthClientAccess)
  @Mutation(() => RevokeOAuthClientSecretPayload, { description: 'Ends one secret of a client at once.' })
  revokeOAuthClientSecret(
    @Arg('input', () => RevokeOAuthClientSecretInput, { description: 'Which secret.' })
    { clientId, secretId }: RevokeOAuthClientSecretInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RevokeOAuthClientSecretPayload> {
    return withClient(async () => {
      if (!isRowKey(secretId)) throw new NotFoundError('The client has no such secret.');
      return services.oauthClients.revokeSecret(clientId, secretId, actor);
    });
  }

  @Access(oauthClientAccess)
  @Mutation(() => RestrictOAuthClientPayload, {
    description: 'Holds a client to restricted tokens, as Open edX does with restricted applications. Its tokens end.',
  })
  restrictOAuthClient(
    @Arg('input', () => RestrictOAuthClientInput, { description: 'Which client, and to what.' })
    { clientId, mode, organizations, providers, scopes }: RestrictOAuthClientInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RestrictOAuthClientPayload> {
    const restriction = {
      mode,
      organizations: organizations ?? [],
      providers: providers ?? [],
      scopes: scopes ?? [],
    };
    return withClient(() => services.oauthClients.restrict(clientId, restriction, actor));
  }

  @Access(oauthClientAccess)
  @Mutation(() => UnrestrictOAuthClientPayload, { description: 'Lets a client have ordinary tokens again.' })
  unrestrictOAuthClient(
    @Arg('input', () => UnrestrictOAuthClientInput, { description: 'Which client.' })
    input: UnrestrictOAuthClientInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<UnrestrictOAuthClientPayload> {
    return withClient(() => services.oauthClients.unrestrict(input.clientId, actor));
  }

  @Access(oauthClientAccess)
  @Mutation(() => RevokeOAuthClientTokensPayload, {
    description: 'Ends every code, token and grant of a client at once. People’s consent stays.',
  })
  revokeOAuthClientTokens(
    @Arg('input', () => RevokeOAuthClientTokensInput, { description: 'Which client.' })
    input: RevokeOAuthClientTokensInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RevokeOAuthClientTokensPayload> {
    const nothing: Omit<RevokeOAuthClientTokensPayload, 'userErrors'> = { client: null, revoked: null };
    return withUserErrors(nothing, async () => {
      const { client, revoked } = await services.oauthClients.revokeTokens(input.clientId, actor);
      return { client: toOAuthClient(client), revoked };
    });
  }

  @Access(oauthClientAccess)
  @Mutation(() => DeleteOAuthClientPayload, {
    description: 'Removes a client with its secrets, its tokens and the consent that people gave it.',
  })
  deleteOAuthClient(
    @Arg('input', () => DeleteOAuthClientInput, { description: 'Which client.' })
    { clientId }: DeleteOAuthClientInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<DeleteOAuthClientPayload> {
    const nothing: Omit<DeleteOAuthClientPayload, 'userErrors'> = { deletedClientId: null };
    return withUserErrors(nothing, async () => {
      await services.oauthClients.remove(clientId, actor);
      return { deletedClientId: clientId };
    });
  }
}

function withClient(act: () => Promise<OAuthClient>): Promise<UpdateOAuthClientPayload> {
  const nothing: Omit<UpdateOAuthClientPayload, 'userErrors'> = { client: null };
  return withUserErrors(nothing, async () => ({ client: toOAuthClient(await act()) }));
}

/** Null takes away where something can be taken away, and says the same as absence elsewhere. */
function readPatch({ clientId: _, ownerId, backchannelLogoutUri, ...input }: UpdateOAuthClientInput): ClientPatch {
  const { name, grantTypes, redirectUris, postLogoutRedirectUris, scopes } = input;
  const { skipConsent, requirePkce, allowRedirectState, tokenFormat, securityProfile } = input;
  const { subjectType, sectorIdentifierUri, exchangeAudiences } = input;
  return {
    ...(name != null && { name }),
    ...(grantTypes != null && { grantTypes }),
    ...(redirectUris != null && { redirectUris }),
    ...(postLogoutRedirectUris != null && { postLogoutRedirectUris }),
    ...(scopes != null && { scopes }),
    ...(skipConsent != null && { skipConsent }),
    ...(requirePkce != null && { requirePkce }),
    ...(allowRedirectState != null && { allowRedirectState }),
    ...(tokenFormat != null && { tokenFormat }),
    ...(securityProfile != null && { securityProfile }),
    ...(subjectType != null && { subjectType }),
    ...(sectorIdentifierUri !== undefined && { sectorIdentifierUri }),
    ...(exchangeAudiences != null && { exchangeAudiences }),
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
    ...(ownerId !== undefined && { ownerId: ownerId && readGlobalId('Account', ownerId, 'ownerId') }),
  };
}
