import { type EntityManager, type FilterQuery, type MikroORM, raw } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type PartnerGrant, PartnerGrantEntity, type PartnerRole } from '../../entities/partner-grant.entity.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import { lockAccount, requireNotRetired } from '../account/administrators.js';
import { ignoringCase } from '../account/reads.js';
import { parseEmail } from '../account/rules.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import { invitationLock } from './claim-invitations.js';
import { type GrantFilter, whereGrants } from './grant-filter.js';
import { invitationMail } from './invitation-mail.js';
import {
  findPartnerTarget,
  type PartnerTarget,
  type PartnerTargetKeys,
  type PartnerTargetNames,
} from './partner-target.js';

/** A role and where it counts. */
export interface PartnerRoleInput extends PartnerTargetKeys {
  role: PartnerRole;
}

/** Who has it: an account, or whoever has the address. */
export type PartnerHolder = { accountId: string } | { email: string };

/**
 * Roles of partners in organizations and programs, those of invited addresses that have no account yet included. Whoever has one
 * also has the account's role PARTNER, for as long. Everything here may be repeated without harm, and counts in all processes
 * when it answers.
 */
export interface PartnerGrantService {
  /**
   * Gives an account a role. By an address, the account that has shown to read its mail; without one the grant waits for it.
   *
   * @param options - `isAnnounced`: whether a mail says so
   * @throws InvalidInputError naming the field: no such address, a role of the other kind
   * @throws NotFoundError when there is no such account, organization or program
   * @throws ConflictError when the account is retired
   */
  grant(
    holder: PartnerHolder,
    role: PartnerRoleInput,
    actor: Actor,
    options?: { isAnnounced?: boolean },
  ): Promise<{ grant: PartnerGrant; isNew: boolean }>;
  /**
   * Takes it back, from the account that has the address as well as from the address itself.
   *
   * @returns what was taken, as it was; nothing when there was no such grant
   * @throws as {@link PartnerGrantService.grant}
   */
  revoke(holder: PartnerHolder, role: PartnerRoleInput, actor: Actor): Promise<PartnerGrant[]>;
  /** @returns whether there is such a grant or invitation @throws as {@link PartnerGrantService.grant} */
  isGranted(holder: PartnerHolder, role: PartnerRoleInput): Promise<boolean>;
  findByIds(ids: readonly string[]): Promise<PartnerGrant[]>;
  ofAccounts(accountIds: readonly string[]): Promise<PartnerGrant[]>;
  /** What organizations and programs are called, by their row ids. */
  targetKeys(ids: readonly string[]): Promise<PartnerTargetNames[]>;
  /** Oldest first. */
  list(filter: GrantFilter, page: PageRequest): Promise<Page<PartnerGrant>>;
}

const invitationDays = 14;

export function createPartnerGrantService({
  orm,
  clock,
  audit,
  changes,
  mail,
  site,
  publicUrl,
}: {
  orm: MikroORM;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
  changes: Pick<ChangeFeed, 'everyoneHeard'>;
  mail: Pick<MailService, 'send'>;
  site: MailSite;
  publicUrl: string;
}): PartnerGrantService {
  const change = async <Result>(act: (tx: EntityManager) => Promise<Result>): Promise<Result> => {
    const result = await orm.em.fork().transactional(act);
    await changes.everyoneHeard();
    return result;
  };

  const record = (
    tx: EntityManager,
    action: 'partner.granted' | 'partner.invited' | 'partner.revoked',
    grant: PartnerGrant,
    actor: Actor,
  ) =>
    audit.record(
      {
        action,
        outcome: 'success',
        actor,
        subjectId: grant.accountId ?? null,
        detail: { role: grant.role, target: grant.organizationId ?? grant.programId, grant: grant.id },
      },
      tx,
    );

  const announce = (tx: EntityManager, to: string, target: PartnerTarget, account: Account | undefined) =>
    mail.send(
      tx,
      invitationMail({
        site,
        words: wordsForAccount(site, account ?? { locale: null, profile: {} }),
        to,
        target: target.name,
        hasAccount: account !== undefined,
        publicUrl,
        expiresAt: new Date(clock().getTime() + invitationDays * 24 * 3_600_000),
      }),
    );

  return {
    grant: (holder, input, actor, { isAnnounced = false } = {}) =>
      change(async (tx) => {
        const target = await findPartnerTarget(tx, input.role, input);
        const held = await findHolder(tx, holder);
        const { account } = held;
        if (account) requireNotRetired(account);
        const where = whereHeld(held, input.role, target);
        const existing = await tx.findOne(PartnerGrantEntity, where);
        if (existing) return { grant: existing, isNew: false };
        const grant = tx.create(PartnerGrantEntity, {
          accountId: account?.id ?? null,
          email: account ? null : held.email,
          organizationId: target.organizationId,
          programId: target.programId,
          role: input.role,
          grantedBy: actor.accountId,
        });
        await tx.flush();
        await record(tx, account ? 'partner.granted' : 'partner.invited', grant, actor);
        if (account) await settleRole(tx, account);
        if (isAnnounced) await announce(tx, held.email, target, account);
        return { grant, isNew: true };
      }),
    revoke: (holder, input, actor) =>
      change(async (tx) => {
        const target = await findPartnerTarget(tx, input.role, input);
        const held = await findHolder(tx, holder);
        const grants = await tx.find(PartnerGrantEntity, whereHeld(held, input.role, target));
        for (const grant of grants) {
          await tx.nativeDelete(PartnerGrantEntity, { id: grant.id });
          await record(tx, 'partner.revoked', grant, actor);
        }
        if (held.account && grants.length > 0) await settleRole(tx, held.account);
        return grants;
      }),
    async isGranted(holder, input) {
      const em = orm.em.fork();
      const target = await findPartnerTarget(em, input.role, input);
      return (await em.count(PartnerGrantEntity, whereHeld(await lookUp(em, holder), input.role, target))) > 0;
    },
    findByIds: (ids) => orm.em.fork().find(PartnerGrantEntity, { id: { $in: [...ids] } }),
    ofAccounts: (accountIds) =>
      orm.em.fork().find(PartnerGrantEntity, { accountId: { $in: [...accountIds] } }, { orderBy: { id: 'asc' } }),
    targetKeys: (ids) =>
      orm.em.fork().execute(
        `select id, key as "organizationKey", null as "programKey" from organization where id = any(?::uuid[])
         union all
         select program.id, organization.key, program.key from program
         join organization on organization.id = program.organization_id where program.id = any(?::uuid[])`,
        [`{${ids.join(',')}}`, `{${ids.join(',')}}`],
      ),
    list: (filter, page) => findPage(orm.em.fork(), PartnerGrantEntity, whereGrants(filter), page),
  };
}

interface Held {
  account: Account | undefined;
  email: string;
}

/** The holder, who keeps both account and address until the transaction ends. */
async function findHolder(tx: EntityManager, holder: PartnerHolder): Promise<Held> {
  if ('accountId' in holder) {
    const account = await lockAccount(tx, holder.accountId);
    return { account, email: account.email };
  }
  await lockUntilCommit(tx, invitationLock(parseEmail(holder.email)));
  const { account, email } = await lookUp(tx, holder);
  return { account: account && (await lockAccount(tx, account.id)), email };
}

async function lookUp(em: EntityManager, holder: PartnerHolder): Promise<Held> {
  if ('accountId' in holder) {
    const account = await em.findOneOrFail(AccountEntity, { id: holder.accountId });
    return { account, email: account.email };
  }
  const email = parseEmail(holder.email);
  const account = await em.findOne(AccountEntity, ignoringCase('email', email));
  // An address that nobody has shown to read may be anybody's.
  return { account: account?.emailVerifiedAt ? account : undefined, email };
}

function whereHeld(
  { account, email }: Held,
  role: PartnerRole,
  { organizationId, programId }: PartnerTarget,
): FilterQuery<PartnerGrant> {
  const invited = { [raw('lower(email)')]: email.toLowerCase() };
  return {
    $and: [{ role, organizationId, programId }, account ? { $or: [{ accountId: account.id }, invited] } : invited],
  };
}

/** The role PARTNER goes with the first grant, and with the last. */
async function settleRole(tx: EntityManager, account: Account): Promise<void> {
  const isPartner = (await tx.count(PartnerGrantEntity, { accountId: account.id })) > 0;
  const others = account.roles.filter((role) => role !== 'PARTNER');
  account.roles = isPartner ? [...others, 'PARTNER'] : others;
  await tx.flush();
  await publishChange(tx, { topic: 'account', accountId: account.id });
}
