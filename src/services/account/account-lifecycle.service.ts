import type { MikroORM } from '@mikro-orm/postgresql';
import type { ClientGrants } from '../../access/client-grants.js';
import type { SignIn } from '../../access/sign-in.js';
import type { Role } from '../../access/viewer.js';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { publishChange } from '../../changes/publish-change.js';
import { type Account, AccountEntity, type AccountStatus } from '../../entities/account.entity.js';
import { ConflictError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import type { EdxLinkPlanner } from '../edx-link/planner.js';
import { lockAccount, requireAnotherAdministrator } from './administrators.js';
import type { BlockedEmails } from './blocked-emails.js';
import { requireRank } from './rank.js';
import { addRole, removeRole } from './roles.js';

/** Who acts, and as what. */
export interface Official {
  actor: Actor;
  roles: ReadonlySet<Role>;
}

/** What support and administrators do to the accounts of others. Everything here may be repeated without harm. */
export interface AccountLifecycleService {
  /**
   * Switches an account off, or back on. Off: whatever the person was signed in to, and every token and grant, ends at once,
   * in all processes; nothing of it comes back later. The edX link rests meanwhile, and its token at the LMS is ended.
   *
   * @throws NotFoundError when there is no such account
   * @throws ForbiddenError when the account has a role that the official has not
   * @throws {@link ConflictError} from a state that does not lead there: only what was blocked is unblocked
   * @throws InvalidInputError `LAST_ADMIN`
   */
  deactivate(accountId: string, by: Official): Promise<Account>;
  reactivate(accountId: string, by: Official): Promise<Account>;
  /** From then on nobody registers with its e-mail address either, whatever becomes of the account. */
  block(accountId: string, by: Official): Promise<Account>;
  /** Of a retired account, only the e-mail address is free again. */
  unblock(accountId: string, by: Official): Promise<Account>;
  /** @throws NotFoundError, InvalidInputError `ROLE_IMPLIED` */
  grantRole(accountId: string, role: Role, actor: Actor): Promise<Account>;
  /** @throws NotFoundError, InvalidInputError `LAST_ADMIN`, `ROLE_IMPLIED` */
  revokeRole(accountId: string, role: Role, actor: Actor): Promise<Account>;
}

/** From which states an account is switched off. */
const origins: Record<'DEACTIVATED' | 'BLOCKED', readonly AccountStatus[]> = {
  DEACTIVATED: ['ACTIVE'],
  BLOCKED: ['ACTIVE', 'DEACTIVATED'],
};

export function createAccountLifecycleService({
  orm,
  audit,
  signIn,
  clientGrants,
  edxLinks,
  changes,
  blockedEmails,
}: {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
  signIn: Pick<SignIn, 'revokeAll'>;
  clientGrants: Pick<ClientGrants, 'list' | 'revoke'>;
  edxLinks: Pick<EdxLinkPlanner, 'deactivate' | 'reactivate'>;
  changes: Pick<ChangeFeed, 'everyoneHeard'>;
  blockedEmails: Pick<BlockedEmails, 'block' | 'unblock'>;
}): AccountLifecycleService {
  /** A role counts in all processes, or in none any more, when the answer is there. */
  const afterAllHeard = async (account: Promise<Account>) => {
    await account;
    await changes.everyoneHeard();
    return account;
  };

  const endAccess = async (accountId: string, actor: Actor) => {
    await signIn.revokeAll(accountId, undefined, actor);
    for (const { clientId } of await clientGrants.list(accountId))
      await clientGrants.revoke(accountId, clientId, actor);
  };

  const setStatus = (
    accountId: string,
    { status, from }: { status: AccountStatus; from: readonly AccountStatus[] },
    by: Official,
  ): Promise<Account> =>
    orm.em.fork().transactional(async (tx) => {
      const account = await lockAccount(tx, accountId);
      requireRank(account, by.roles);
      if (status === 'BLOCKED' && account.status !== 'RETIRED') await blockedEmails.block(tx, account);
      if (account.status === status) return account;
      if (!from.includes(account.status))
        throw new ConflictError(`The account is ${account.status.toLowerCase()}: that does not lead there.`);
      const before = account.status;
      await requireAnotherAdministrator(tx, account);
      account.status = status;
      if (before === 'BLOCKED') await blockedEmails.unblock(tx, accountId);
      await tx.flush();
      if (status === 'ACTIVE') await edxLinks.reactivate(tx, accountId, by.actor);
      else await edxLinks.deactivate(tx, accountId, by.actor);
      await publishChange(tx, { topic: 'account', accountId });
      const detail = { before, after: status };
      await audit.record(
        { action: 'account.status-changed', outcome: 'success', actor: by.actor, subjectId: accountId, detail },
        tx,
      );
      return account;
    });

  /** Repeating it ends what is left as well: the first attempt may have been cut off between its two steps. */
  const switchOff = (status: 'DEACTIVATED' | 'BLOCKED') => async (accountId: string, by: Official) => {
    const account = await setStatus(accountId, { status, from: origins[status] }, by);
    await endAccess(accountId, by.actor);
    return account;
  };

  /** A sign-in under way while the account was switched off may have left a session: it must not wake up with it. */
  const switchOn = (from: 'DEACTIVATED' | 'BLOCKED') => async (accountId: string, by: Official) => {
    const account = await orm.em.fork().findOne(AccountEntity, { id: accountId });
    if (account?.status === from) {
      requireRank(account, by.roles);
      await endAccess(accountId, by.actor);
    }
    return setStatus(accountId, { status: 'ACTIVE', from: [from] }, by);
  };

  /** @returns the account if it is a retired one, whose address was blocked */
  const unblockRetired = (accountId: string, by: Official): Promise<Account | undefined> =>
    orm.em.fork().transactional(async (tx) => {
      const account = await lockAccount(tx, accountId);
      if (account.status !== 'RETIRED' || (await blockedEmails.unblock(tx, accountId)) === 0) return undefined;
      await audit.record(
        { action: 'account.email-unblocked', outcome: 'success', actor: by.actor, subjectId: accountId },
        tx,
      );
      return account;
    });

  return {
    deactivate: switchOff('DEACTIVATED'),
    block: switchOff('BLOCKED'),
    reactivate: switchOn('DEACTIVATED'),
    unblock: async (accountId, by) => (await unblockRetired(accountId, by)) ?? switchOn('BLOCKED')(accountId, by),
    grantRole: (accountId, role, actor) => afterAllHeard(addRole({ orm, audit }, accountId, role, actor)),
    revokeRole: (accountId, role, actor) => afterAllHeard(removeRole({ orm, audit }, accountId, role, actor)),
  };
}
