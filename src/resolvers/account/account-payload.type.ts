import { Field, ObjectType } from 'type-graphql';
import type { Account } from '../../entities/account.entity.js';
import { Access } from '../access/access.decorator.js';
import { UserError, withUserErrors } from '../user-error.type.js';
import { AccountType, toAccount } from './account.type.js';

/** What every mutation of an account answers; each has a type of its own, so that each can grow. */
export interface AccountPayload {
  account: AccountType | null;
  userErrors: UserError[];
}

/** @param mutation - name of the mutation whose payload it is */
export function accountPayload(mutation: string): new () => AccountPayload {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;
  @Access()
  @ObjectType(name, { description: `What came of ${mutation}.`, simpleResolvers: true })
  class Payload implements AccountPayload {
    @Field(() => AccountType, { nullable: true, description: 'The account as it is now.' })
    account!: AccountType | null;

    @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
    userErrors!: UserError[];
  }
  return Payload;
}

/** Answers with the account that an act leaves behind, or with why there was none. */
export function answerAccount(act: () => Promise<Account>): Promise<AccountPayload> {
  return withUserErrors<Pick<AccountPayload, 'account'>>({ account: null }, async () => ({
    account: toAccount(await act()),
  }));
}
