import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { AccountType } from '../account/account.type.js';
import { type AccountPayload, accountPayload, answerAccount } from '../account/account-payload.type.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { RemoveSecondFactorsInput } from './remove-second-factors.input.js';
import { SecondFactorType, toSecondFactor } from './second-factor.type.js';

const RemoveSecondFactorsPayload = accountPayload('removeSecondFactors');
const readAccess = { scope: 'accounts:read', role: 'STAFF', own: true } as const;

@Resolver(() => AccountType)
export class SecondFactorResolver {
  @Access(readAccess)
  @FieldResolver(() => [SecondFactorType], {
    description: 'What sign-in asks for beside the password; empty when the password is enough.',
  })
  async secondFactors(@Root() account: AccountType, @Ctx() { stored }: GraphContext): Promise<SecondFactorType[]> {
    return (await stored.secondFactorsOf.load(account.ownerId)).map(toSecondFactor);
  }

  @Access(readAccess)
  @FieldResolver(() => Int, { description: 'How many recovery codes are unused.' })
  async recoveryCodesLeft(@Root() account: AccountType, @Ctx() { stored }: GraphContext): Promise<number> {
    return (await stored.recoveryCodesLeftOf.load(account.ownerId))?.count ?? 0;
  }

  @Access({ scope: 'accounts:write', role: 'ADMIN' })
  @Mutation(() => RemoveSecondFactorsPayload, {
    description:
      'For a person who has lost their app, passkeys and recovery codes: all of them are removed, and every sign-in and token ends. The person is told by mail. Safe to repeat.',
  })
  removeSecondFactors(
    @Arg('input', () => RemoveSecondFactorsInput, { description: 'Whose, and why.' }) input: RemoveSecondFactorsInput,
    @Ctx() { services, actor, viewer }: GraphContext,
  ): Promise<AccountPayload> {
    const id = readGlobalId('Account', input.accountId, 'accountId');
    return answerAccount(async () => {
      const account = await services.secondFactors.removeAll(id, input.reason, { actor, roles: viewer.roles });
      await services.signIn.revokeAll(id, undefined, actor);
      return account;
    });
  }
}
