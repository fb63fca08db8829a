import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { OAuthClientType, toOAuthClient } from '../oauth-client/oauth-client.type.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { AuditFilter, readAuditFilter } from './audit-event.input.js';
import { AuditEventConnection, AuditEventType, auditEventAccess, toAuditEvent } from './audit-event.type.js';

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  @Access(auditEventAccess)
  @Query(() => AuditEventConnection, { description: 'All security-relevant acts, newest first.' })
  async auditEvents(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Which acts.' }) filter: AuditFilter | null,
    @Ctx() { services }: GraphContext,
  ) {
    return toConnection(await services.audit.list(readAuditFilter(filter), readPage(page)), toAuditEvent);
  }

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
