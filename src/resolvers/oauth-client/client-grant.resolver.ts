import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AccountType, toAccount } from '../account/account.type.js';
import { ClientGrantType } from '../account/session.type.js';
import type { GraphContext } from '../context.js';

@Resolver(() => ClientGrantType)
export class ClientGrantResolver {
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who allowed it.' })
  async account(@Root() grant: ClientGrantType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = await stored.account.load(grant.accountId);
    return row ? toAccount(row) : null;
  }
}
