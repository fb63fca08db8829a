import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { readClientKeys } from '../../services/oauth-client/client-keys.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { withUserErrors } from '../user-error.type.js';
import {
  CreateOAuthClientInput,
  CreateOAuthClientPayload,
  RotateOAuthClientSecretInput,
  RotateOAuthClientSecretPayload,
} from './oauth-client.input.js';
import {
  ClientSecretType,
  OAuthClientConnection,
  OAuthClientType,
  oauthClientAccess,
  toClientSecret,
  toOAuthClient,
} from './oauth-client.type.js';
import { requireReach } from './reach.js';

@Resolver(() => OAuthClientType)
export class OAuthClientResolver {
  @Access(oauthClientAccess)
  @Query(() => OAuthClientType, { nullable: true, description: 'One OAuth client.' })
  async oauthClient(
    @Arg('clientId', () => String, { description: 'The `client_id` of OAuth.' }) clientId: string,
    @Ctx() { stored }: GraphContext,
  ): Promise<OAuthClientType | null> {
    const row = await stored.client.load(clientId);
    return row ? toOAuthClient(row) : null;
  }

  @Access(oauthClientAccess)
  @Query(() => OAuthClientConnection, { description: 'All OAuth clients, oldest first.' })
  async oauthClients(@Args(() => PageArgs) page: PageArgs, @Ctx() { services }: GraphContext) {
    return toConnection(await services.oauthClients.list(readPage(page)), toOAuthClient);
  }

  @Access(oauthClientAccess)
  @Mutation(() => CreateOAuthClientPayload, { description: 'Makes an OAuth client. Its secret is shown this once.' })
  createOAuthClient(
    @Arg('input', () => CreateOAuthClientInput, { description: 'The client.' }) input: CreateOAuthClientInput,
    @Ctx() { services, actor, viewer }: GraphContext,
  ): Promise<CreateOAuthClientPayload> {
    const nothing: Omit<CreateOAuthClientPayload, 'userErrors'> = { client: null, secret: null };
    return withUserErrors(nothing, async () => {
      const { ownerId, jwks, jwksUri, ...given } = withoutNulls(input);
      requireReach(viewer, { ...given, ownerId });
      const metadata = readClientKeys({ jwks, jwksUri });
      const { client, secret } = await services.oauthClients.create(
        {
          ...given,
          ...(metadata && { metadata }),
          ...(ownerId && { ownerId: readGlobalId('Account', ownerId, 'ownerId') }),
        },
        actor,
      );
      return { client: toOAuthClient(client), secret: secret ?? null };
    });
  }

  @Access(oauthClientAccess)
  @Mutation(() => RotateOAuthClientSecretPayload, {
    description: 'Gives a client a new secret, shown this once. The one before stays valid for a while.',
  })
  rotateOAuthClientSecret(
    @Arg('input', () => RotateOAuthClientSecretInput, { description: 'Which client.' })
    input: RotateOAuthClientSecretInput,
    @Ctx() { services, actor, viewer, stored }: GraphContext,
  ): Promise<RotateOAuthClientSecretPayload> {
    const nothing: Omit<RotateOAuthClientSecretPayload, 'userErrors'> = { client: null, secret: null };
    return withUserErrors(nothing, async () => {
      requireReach(viewer, (await stored.client.load(input.clientId)) ?? {});
      const { client, secret } = await services.oauthClients.rotateSecret(input.clientId, actor);
      return { client: toOAuthClient(client), secret };
    });
  }

  @FieldResolver(() => AccountType, {
    nullable: true,
    description: 'The account that the client’s own tokens act as.',
  })
  async owner(@Root() client: OAuthClientType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = client.accountId ? await stored.account.load(client.accountId) : undefined;
    return row ? toAccount(row) : null;
  }

  @FieldResolver(() => [ClientSecretType], { description: 'Its secrets, without the secrets; newest first.' })
  async secrets(@Root() client: OAuthClientType, @Ctx() { stored }: GraphContext): Promise<ClientSecretType[]> {
    return (await stored.clientSecrets.load(client.rowId)).map(toClientSecret);
  }
}

type WithoutNulls<Input> = { [Key in keyof Input]: Exclude<Input[Key], null> };

/** In a creation null says the same as absence. */
function withoutNulls<Input extends object>(input: Input): WithoutNulls<Input> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as WithoutNulls<Input>;
}
