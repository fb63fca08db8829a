import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Account } from '../../entities/account.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { AccountLifecycleService } from '../../services/account/account-lifecycle.service.js';
import type { PartnerRoleInput } from '../../services/partner-grant/partner-grant.service.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import {
  type AccountInput,
  BlockAccountInput,
  CreateAccountInput,
  DeactivateAccountInput,
  GrantRoleInput,
  ReactivateAccountInput,
  RevokeRoleInput,
  UnblockAccountInput,
  UpdateAccountInput,
} from './account-admin.input.js';
import { type AccountPayload, accountPayload, answerAccount } from './account-payload.type.js';

const CreateAccountPayload = accountPayload('createAccount');
const UpdateAccountPayload = accountPayload('updateAccount');
const DeactivateAccountPayload = accountPayload('deactivateAccount');
const ReactivateAccountPayload = accountPayload('reactivateAccount');
const BlockAccountPayload = accountPayload('blockAccount');
const UnblockAccountPayload = accountPayload('unblockAccount');
const GrantRolePayload = accountPayload('grantRole');
const RevokeRolePayload = accountPayload('revokeRole');

const supportAccess: FieldAccess = { scope: 'accounts:write', role: 'SUPPORT' };
const adminAccess: FieldAccess = { scope: 'accounts:write', role: 'ADMIN' };

/** What support and administrators do to accounts. */
@Resolver()
export class AccountMutations {
  @Access(supportAccess)
  @Mutation(() => CreateAccountPayload, {
    description:
      'Makes an account and mails a link to choose a password. The LMS account follows by itself. Safe to repeat.',
  })
  createAccount(
    @Arg('input', () => CreateAccountInput, { description: 'The account.' }) input: CreateAccountInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const { email, name, username, country, idempotencyKey } = input;
    return answerAccount(async () => {
      const account = await services.accounts.create(
        {
          email,
          name,
          isEmailVerified: false,
          ...(username != null && { username }),
          ...(country != null && { profile: { country } }),
        },
        actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
      await services.passwordResets.begin({ email: account.email, next: undefined, address: actor.address ?? '' });
      return account;
    });
  }

  @Access(supportAccess)
  @Mutation(() => UpdateAccountPayload, {
    description:
      'Gives an account another e-mail address; the old one is told, the LMS follows by itself. Safe to repeat.',
  })
  updateAccount(
    @Arg('input', () => UpdateAccountInput, { description: 'What changes.' }) { accountId, email }: UpdateAccountInput,
    @Ctx() { services, actor, viewer }: GraphContext,
  ): Promise<AccountPayload> {
    const id = readGlobalId('Account', accountId, 'accountId');
    return answerAccount(() => services.emailChanges.replace(id, email, { actor, roles: viewer.roles }));
  }

  @Access(supportAccess)
  @Mutation(() => DeactivateAccountPayload, {
    description:
      'Switches an account off: sign-in is refused; its sessions, tokens and grants end at once. Safe to repeat.',
  })
  deactivateAccount(
    @Arg('input', () => DeactivateAccountInput, { description: 'Which account.' }) input: AccountInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    return change('deactivate', input, context);
  }

  @Access(supportAccess)
  @Mutation(() => ReactivateAccountPayload, {
    description: 'Switches a deactivated account on again. Nothing that ended comes back. Safe to repeat.',
  })
  reactivateAccount(
    @Arg('input', () => ReactivateAccountInput, { description: 'Which account.' }) input: AccountInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    return change('reactivate', input, context);
  }

  @Access(supportAccess)
  @Mutation(() => BlockAccountPayload, {
    description:
      'Keeps a person from signing in, and everybody from registering with the e-mail address; sessions, tokens and grants end at once. Safe to repeat.',
  })
  blockAccount(
    @Arg('input', () => BlockAccountInput, { description: 'Which account.' }) input: AccountInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    return change('block', input, context);
  }

  @Access(supportAccess)
  @Mutation(() => UnblockAccountPayload, {
    description:
      'Lets a blocked person sign in again; of a retired account, frees the e-mail address that was blocked. Safe to repeat.',
  })
  unblockAccount(
    @Arg('input', () => UnblockAccountInput, { description: 'Which account.' }) input: AccountInput,
    @Ctx() context: GraphContext,
  ): Promise<AccountPayload> {
    return change('unblock', input, context);
  }

  @Access(adminAccess)
  @Mutation(() => GrantRolePayload, {
    description:
      'Gives an account a role or, with a role of partners, that in an organization or a program. Safe to repeat.',
  })
  grantRole(
    @Arg('input', () => GrantRoleInput, { description: 'Who gets what.' }) input: GrantRoleInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const id = readGlobalId('Account', input.accountId, 'accountId');
    return answerAccount(async () => {
      const partner = readPartnerRole(input);
      if (!partner) return services.accountLifecycle.grantRole(id, input.role, actor);
      await services.partnerGrants.grant({ accountId: id }, partner, actor);
      return requireAccount(id, services);
    });
  }

  @Access(adminAccess)
  @Mutation(() => RevokeRolePayload, {
    description: 'Takes a role from an account; from the last administrator it is not taken. Safe to repeat.',
  })
  revokeRole(
    @Arg('input', () => RevokeRoleInput, { description: 'Who loses what.' }) input: RevokeRoleInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const id = readGlobalId('Account', input.accountId, 'accountId');
    return answerAccount(async () => {
      const partner = readPartnerRole(input);
      if (!partner) return services.accountLifecycle.revokeRole(id, input.role, actor);
      await services.partnerGrants.revoke({ accountId: id }, partner, actor);
      return requireAccount(id, services);
    });
  }
}

function change(
  act: keyof Pick<AccountLifecycleService, 'deactivate' | 'reactivate' | 'block' | 'unblock'>,
  { accountId }: AccountInput,
  { services, actor, viewer }: GraphContext,
): Promise<AccountPayload> {
  const id = readGlobalId('Account', accountId, 'accountId');
  return answerAccount(() => services.accountLifecycle[act](id, { actor, roles: viewer.roles }));
}

/** @returns nothing unless the input is about a role of partners in an organization or a program */
function readPartnerRole({
  role,
  partnerRole,
  organizationKey,
  programKey,
}: GrantRoleInput): PartnerRoleInput | undefined {
  if (partnerRole == null && organizationKey == null && programKey == null) return undefined;
  if (role !== 'PARTNER' || partnerRole == null)
    throw new InvalidInputError('A role in an organization or a program is given with PARTNER and a partnerRole.', {
      field: ['partnerRole'],
      reason: 'PARTNER_ROLE_REQUIRED',
    });
  return { role: partnerRole, organizationKey, programKey };
}

async function requireAccount(id: string, { accounts }: GraphContext['services']): Promise<Account> {
  const [account] = await accounts.findByIds([id]);
  if (!account) throw new NotFoundError('There is no such account.');
  return account;
}
