import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { InvalidInputError } from '../../errors.js';
import { ClientGrantType, toClientGrant } from '../account/session.type.js';
import type { GraphContext } from '../context.js';
import { connectionOf, toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { ClientRefusalType, ClientUsageType, toClientRefusal, toClientUsage } from './client-insights.type.js';
import { OAuthClientType } from './oauth-client.type.js';

const ClientGrantConnection = connectionOf(ClientGrantType, 'ClientGrant', 'what people allowed to a client');

const defaultDays = 30;
const mostDays = 366;
const defaultRefusals = 20;
const mostRefusals = 200;

/** What a client does, and who let it in. */
@Resolver(() => OAuthClientType)
export class ClientInsightsResolver {
  @FieldResolver(() => ClientUsageType, { description: 'What the client did in the last days.' })
  async usage(
    @Root() { clientId }: OAuthClientType,
    @Arg('last', () => Int, { nullable: true, description: `Days to look back: ${defaultDays} unless given.` })
    last: number | null,
    @Ctx() { stored }: GraphContext,
  ): Promise<ClientUsageType> {
    const days = checkLast(last ?? defaultDays, mostDays);
    return toClientUsage(days, await stored.clientUsage.load({ clientId, last: days }));
  }

  @FieldResolver(() => [ClientRefusalType], {
    description: 'Why requests of the client, or in its name, were refused; newest first.',
  })
  async recentRefusals(
    @Root() { clientId }: OAuthClientType,
    @Arg('last', () => Int, {
      nullable: true,
      description: `How many: ${defaultRefusals} unless given, at most ${mostRefusals}.`,
    })
    last: number | null,
    @Ctx() { stored }: GraphContext,
  ): Promise<ClientRefusalType[]> {
    const count = checkLast(last ?? defaultRefusals, mostRefusals);
    return (await stored.clientRefusals.load({ clientId, last: count })).map(toClientRefusal);
  }

  @FieldResolver(() => ClientGrantConnection, { description: 'Who let the client in, and what they allowed it.' })
  async grants(
    @Root() { clientId, name }: OAuthClientType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: GraphContext,
  ) {
    const consents = await services.oauthClients.consentsTo(clientId, readPage(page));
    return toConnection(consents, ({ accountId, scopes, updatedAt }) =>
      toClientGrant({ clientId, clientName: name, scopes, grantedAt: updatedAt }, accountId),
    );
  }
}

function checkLast(last: number, most: number): number {
  if (last < 1 || last > most)
    throw new InvalidInputError(`last must be between 1 and ${most}.`, { field: ['last'], reason: 'BAD_PAGE' });
  return last;
}
