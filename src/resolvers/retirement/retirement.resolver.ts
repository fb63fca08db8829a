import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import { type AccountPayload, accountPayload, answerAccount } from '../account/account-payload.type.js';
import { readAccount } from '../account/read-account.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import {
  CancelAccountDeletionInput,
  RequestAccountDeletionInput,
  RetireAccountInput,
  RetirementFilter,
} from './retirement.input.js';
import {
  RetirementConnection,
  RetirementStepType,
  RetirementType,
  toRetirement,
  toRetirementStep,
} from './retirement.type.js';

const RequestAccountDeletionPayload = accountPayload('requestAccountDeletion');
const CancelAccountDeletionPayload = accountPayload('cancelAccountDeletion');
const RetireAccountPayload = accountPayload('retireAccount');

const ownAccess: FieldAccess = { scope: 'accounts:write', own: true, owner: ownerByInput };

/** The end of accounts: wished for by their owners, or brought about by administrators. */
@Resolver(() => AccountType)
export class AccountRetirementResolver {
  @Access({ scope: 'accounts:read', role: 'SUPPORT' })
  @Query(() => RetirementConnection, {
    description:
      'Accounts that end or have ended, oldest request first: what waits for the LMS, what is left to people.',
  })
  async retirements(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => RetirementFilter, { nullable: true, description: 'Which ones.' })
    filter: RetirementFilter | null,
    @Ctx() { services }: GraphContext,
  ) {
    const where = { states: filter?.states ?? undefined, isLeftToDo: filter?.leftToDo ?? undefined };
    return toConnection(await services.retirements.search(where, readPage(page)), toRetirement);
  }

  @Access({ scope: 'accounts:read', role: 'SUPPORT', own: true })
  @FieldResolver(() => RetirementType, {
    nullable: true,
    description: 'The end of this account, if it was asked for or has begun.',
  })
  async retirement(@Root() account: AccountType, @Ctx() { stored }: GraphContext): Promise<RetirementType | null> {
    const row = await stored.retirementOf.load(account.ownerId);
    return row ? toRetirement(row) : null;
  }

  @Access(ownAccess)
  @Mutation(() => RequestAccountDeletionPayload, {
    description:
      'Asks for the end of one’s own account, which comes after a waiting time and can be taken back until then. Safe to repeat.',
  })
  requestAccountDeletion(
    @Arg('input', () => RequestAccountDeletionInput, { description: 'Proof that it is oneself.' })
    { currentPassword: password, code }: RequestAccountDeletionInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(undefined, viewer);
    return answerAccount(async () => {
      const proof = { password, code: code ?? '', address: actor.address ?? '' };
      await services.identityProof.require(accountId, proof);
      await services.deletionRequests.request(accountId, actor);
      return readAccount({ services }, accountId);
    });
  }

  @Access({ ...ownAccess, role: 'SUPPORT' })
  @Mutation(() => CancelAccountDeletionPayload, {
    description: 'Takes the request for deletion back: the account stays. Safe to repeat.',
  })
  cancelAccountDeletion(
    @Arg('input', () => CancelAccountDeletionInput, { description: 'Whose.' }) input: CancelAccountDeletionInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    return answerAccount(() => services.deletionRequests.cancel(accountId, actor));
  }

  @Access({ scope: 'accounts:write', role: 'ADMIN' })
  @Mutation(() => RetireAccountPayload, {
    description:
      'Ends an account for good: nobody signs in with it any more; it leaves the LMS, and everything personal is erased. It cannot be undone. Safe to repeat.',
  })
  retireAccount(
    @Arg('input', () => RetireAccountInput, { description: 'Which account.' }) input: RetireAccountInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = readGlobalId('Account', input.accountId, 'accountId');
    const options = { isEmailBlocked: input.blockEmail ?? false };
    return answerAccount(() => services.retirements.retire(accountId, { actor, roles: viewer.roles }, options));
  }
}

@Resolver(() => RetirementType)
export class RetirementResolver {
  @Access()
  @FieldResolver(() => [RetirementStepType], { description: 'Steps that were taken, in order.' })
  async steps(@Root() { retirementId }: RetirementType, @Ctx() { stored }: GraphContext) {
    return (await stored.retirementSteps.load(retirementId)).map(toRetirementStep);
  }

  @Access()
  @FieldResolver(() => AccountType, { description: 'Whose it is.' })
  async account(@Root() { accountId }: RetirementType, @Ctx() { stored }: GraphContext): Promise<AccountType> {
    const row = await stored.account.load(accountId);
    if (!row) throw new NotFoundError('There is no such account.');
    return toAccount(row);
  }

  @Access({ scope: 'accounts:read', role: 'SUPPORT' })
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who asked for it; null for the system.' })
  async requestedBy(@Root() { requesterId }: RetirementType, @Ctx() { stored }: GraphContext) {
    const row = requesterId && (await stored.account.load(requesterId));
    return row ? toAccount(row) : null;
  }
}
