import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { OAuthClientType, toOAuthClient } from '../oauth-client/oauth-client.type.js';
import { AuditEventType } from './audit-event.type.js';

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who did it; null for Portico itself.' })
  actor(@Root() event: AuditEventType, @Ctx() context: GraphContext): Promise<AccountType | null> {
    return loadAccount(event.actorId, context);
  }

  @FieldResolver(() => AccountType, { nullable: true, description: 'Whom it concerns.' })
  subject(@Root() event: AuditEventType, @Ctx() context: GraphContext): Promise<AccountType | null> {
    return loadAccount(event.subjectId, context);
  }

  @FieldResolver(() => OAuthClientType, { nullable: true, description: 'OAuth client that was used.' })
  async client(@Root() event: AuditEventType, @Ctx() { stored }: GraphContext): Promise<OAuthClientType | null> {
    const row = event.clientId ? await stored.client.load(event.clientId) : undefined;
    return row ? toOAuthClient(row) : null;
  }
}

async function loadAccount(id: string | null, { stored }: GraphContext): Promise<AccountType | null> {
  const row = id ? await stored.account.load(id) : undefined;
  return row ? toAccount(row) : null;
}
