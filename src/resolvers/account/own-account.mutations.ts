import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { ownerByInput, requireAccountId } from './account-argument.js';
import { type AccountPayload, accountPayload, answerAccount } from './account-payload.type.js';
import {
  ChangeEmailInput,
  ChangePasswordInput,
  ConfirmEmailChangeInput,
  RevokeClientGrantInput,
  RevokeSessionInput,
  SignOutEverywhereInput,
} from './own-account.input.js';
import { readAccount } from './read-account.js';

const ChangeEmailPayload = accountPayload('changeEmail');
const ConfirmEmailChangePayload = accountPayload('confirmEmailChange');
const ChangePasswordPayload = accountPayload('changePassword');
const RevokeSessionPayload = accountPayload('revokeSession');
const SignOutEverywherePayload = accountPayload('signOutEverywhere');
const RevokeClientGrantPayload = accountPayload('revokeClientGrant');

const ownAccess: FieldAccess = { scope: 'accounts:write', own: true, owner: ownerByInput };
const ownOrSupportAccess: FieldAccess = { ...ownAccess, role: 'SUPPORT' };

/** What people do to their own accounts; some of it, support does for them. */
@Resolver()
export class OwnAccountMutations {
  @Access(ownAccess)
  @Mutation(() => ChangeEmailPayload, {
    description:
      'Asks for another e-mail address: a code goes there, a warning to the old one. Nothing changes before the code is confirmed.',
  })
  changeEmail(
    @Arg('input', () => ChangeEmailInput, { description: 'The address.' }) input: ChangeEmailInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(undefined, viewer);
    const { email, currentPassword: password, code } = input;
    return answerAccount(() =>
      services.emailChanges.begin(accountId, { email, password, code: code ?? '', address: actor.address ?? '' }),
    );
  }

  @Access(ownAccess)
  @Mutation(() => ConfirmEmailChangePayload, {
    description: 'Makes the new e-mail address the account’s own. The LMS follows by itself.',
  })
  confirmEmailChange(
    @Arg('input', () => ConfirmEmailChangeInput, { description: 'The code.' }) { code }: ConfirmEmailChangeInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(undefined, viewer);
    return answerAccount(() => services.emailChanges.confirmByCode(accountId, code, actor));
  }

  @Access(ownAccess)
  @Mutation(() => ChangePasswordPayload, {
    description: 'Replaces one’s own password, and signs out everywhere but here.',
  })
  changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'The passwords.' }) input: ChangePasswordInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    const { services, viewer, actor } = context;
    const accountId = requireAccountId(undefined, viewer);
    return answerAccount(async () => {
      const { currentPassword, password } = input;
      await services.accounts.changePassword(accountId, currentPassword, password, actor.address ?? '');
      await services.signIn.revokeAll(accountId, viewer.sessionUid, actor);
      return readAccount(context, accountId);
    });
  }

  @Access(ownOrSupportAccess)
  @Mutation(() => RevokeSessionPayload, { description: 'Ends one sign-in, with what it gave to clients.' })
  revokeSession(
    @Arg('input', () => RevokeSessionInput, { description: 'Which session.' }) input: RevokeSessionInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(input.accountId, context.viewer);
    return answerAccount(async () => {
      const account = await readAccount(context, accountId);
      if (!(await context.services.signIn.revoke(accountId, input.sessionId, context.actor)))
        throw new NotFoundError('There is no such session.');
      return account;
    });
  }

  @Access(ownOrSupportAccess)
  @Mutation(() => SignOutEverywherePayload, {
    description: 'Ends every sign-in and every token of the account, this one too. Safe to repeat.',
  })
  signOutEverywhere(
    @Arg('input', () => SignOutEverywhereInput, { description: 'Who.' }) input: SignOutEverywhereInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(input.accountId, context.viewer);
    return answerAccount(async () => {
      const account = await readAccount(context, accountId);
      await context.services.signIn.revokeAll(accountId, undefined, context.actor);
      return account;
    });
  }

  @Access(ownOrSupportAccess)
  @Mutation(() => RevokeClientGrantPayload, {
    description: 'Takes everything back from one client: consent, codes and tokens.',
  })
  revokeClientGrant(
    @Arg('input', () => RevokeClientGrantInput, { description: 'From which client.' }) input: RevokeClientGrantInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(input.accountId, context.viewer);
    return answerAccount(async () => {
      const account = await readAccount(context, accountId);
      if (!(await context.services.clientGrants.revoke(accountId, input.clientId, context.actor)))
        throw new NotFoundError('This client holds nothing.');
      return account;
    });
  }
}
