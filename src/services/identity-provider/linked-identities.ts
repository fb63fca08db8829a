import { type EntityManager, type MikroORM, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { ProvenIdentity } from '../../datasources/identity-provider/proven-identity.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import {
  type IdentityProvider,
  IdentityProviderEntity,
  type LinkedIdentity,
  LinkedIdentityEntity,
} from '../../entities/identity-provider.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';
import type { BlockedEmails } from '../account/blocked-emails.js';
import { type AccountCreationDeps, insertAccount, prepareAccount, withTypedConflicts } from '../account/creation.js';
import { ignoringCase } from '../account/reads.js';
import { parseEmail } from '../account/rules.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { standingOfKey } from './key-holder.js';
import type { PendingIdentity, PendingSignIns } from './pending-sign-ins.js';
import { enqueueTie } from './tie-learner.js';

/** Somebody back from their provider whom nobody here is yet. */
export interface Newcomer {
  provider: IdentityProvider;
  identity: ProvenIdentity;
  next: string | undefined;
  /**
   * The address that a new account gets. Undefined when there can be none by this sign-in alone: the provider vouches for no
   * address, an account has it, or the learner is somebody here already.
   */
  newAccountEmail: string | undefined;
}

/** Whom providers' people are here. */
export interface LinkedIdentities {
  /** Of an account, oldest first, each with its provider. */
  ofAccount(accountId: string): Promise<{ link: LinkedIdentity; provider: IdentityProvider }[]>;
  /** @param browser - the secret of the browser that came back */
  findNewcomer(browser: string): Promise<Newcomer | undefined>;
  /**
   * Makes an account of a newcomer. Its e-mail address is the one that the provider vouches for, never another.
   *
   * @throws {@link InvalidInputError} naming the field; `IDENTITY_EXPIRED`, `EMAIL_TAKEN`, `EMAIL_BLOCKED`, `TERMS_NOT_AGREED`
   * @throws ConflictError when somebody here is the learner already
   */
  register(
    browser: string,
    details: { name: string; username?: string | undefined; hasAgreedToTerms: boolean },
    address: string,
  ): Promise<{ account: Account; next: string | undefined }>;
  /**
   * Ties a newcomer to an account, whose owner has just proved themselves.
   *
   * @throws {@link InvalidInputError} `IDENTITY_EXPIRED`
   * @throws {@link ConflictError} when one of the two is tied already, or the learner is somebody else here
   */
  link(browser: string, accountId: string, address: string): Promise<{ next: string | undefined }>;
  /** @throws {@link NotFoundError} */
  unlink(accountId: string, id: string, actor: Actor): Promise<void>;
}

export interface LinkedIdentitiesDeps {
  orm: MikroORM;
  pending: PendingSignIns;
  creation: AccountCreationDeps;
  blockedEmails: Pick<BlockedEmails, 'isBlocked'>;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
  site: { termsUrl: string | undefined; termsVersion: string };
}

export function createLinkedIdentities(deps: LinkedIdentitiesDeps): LinkedIdentities {
  const { orm, pending, creation, blockedEmails, audit, clock, site } = deps;

  const findPending = async (browser: string) => {
    const found = await pending.findProven(browser);
    const provider =
      found && (await orm.em.fork().findOne(IdentityProviderEntity, { id: found.providerId, isEnabled: true }));
    return provider ? { ...found, provider } : undefined;
  };

  const requirePending = async (browser: string): Promise<PendingIdentity & { provider: IdentityProvider }> => {
    const found = await findPending(browser);
    if (!found) throw expired();
    return found;
  };

  const insert = async (
    tx: EntityManager,
    { id: pendingId, identity, provider }: PendingIdentity & { provider: IdentityProvider },
    { accountId, address }: { accountId: string; address: string },
  ) => {
    if (!(await pending.takeProven(tx, pendingId))) throw expired();
    const { subject, externalKey } = identity;
    if (externalKey !== null) await requireFreeKey(tx, provider, externalKey, accountId);
    const link = tx.create(LinkedIdentityEntity, {
      providerId: provider.id,
      accountId,
      subject,
      externalKey,
      lastUsedAt: clock(),
    });
    await tx.flush();
    if (externalKey !== null) await enqueueTie(tx, link.id);
    const actor = { accountId, address };
    const detail = { provider: provider.slug };
    await audit.record({ action: 'identity.linked', outcome: 'success', actor, subjectId: accountId, detail }, tx);
  };

  /** What stands against a tie is an act of its own, and stays when the transaction does not. */
  const recorded = async <T>(provider: IdentityProvider, actor: Actor, act: () => Promise<T>): Promise<T> => {
    try {
      return await withTypedTies(act);
    } catch (error) {
      if (error instanceof ConflictError) {
        const detail = { provider: provider.slug, reason: error.message };
        const subjectId = actor.accountId;
        await audit.record({ action: 'identity.refused', outcome: 'conflict', actor, subjectId, detail });
      }
      throw error;
    }
  };

  const findNewEmail = async (em: EntityManager, provider: IdentityProvider, identity: ProvenIdentity) => {
    const { email, isEmailVerified, externalKey } = identity;
    if (email === null || !isEmailVerified || !isAddress(email)) return undefined;
    if (await em.count(AccountEntity, ignoringCase('email', email))) return undefined;
    if (await blockedEmails.isBlocked(em, email)) return undefined;
    const { organizationId } = provider;
    const isFree = externalKey === null || (await standingOfKey(em, { organizationId, externalKey }, null)) === 'free';
    return isFree ? email : undefined;
  };

  return {
    async ofAccount(accountId) {
      const em = orm.em.fork();
      const links = await em.find(LinkedIdentityEntity, { accountId }, { orderBy: { id: 'asc' } });
      const providers = await em.find(IdentityProviderEntity, { id: { $in: links.map((link) => link.providerId) } });
      const byId = new Map(providers.map((provider) => [provider.id, provider]));
      return links.flatMap((link) => {
        const provider = byId.get(link.providerId);
        return provider ? [{ link, provider }] : [];
      });
    },

    async findNewcomer(browser) {
      const found = await findPending(browser);
      if (!found) return undefined;
      const { provider, identity, next } = found;
      return { provider, identity, next, newAccountEmail: await findNewEmail(orm.em.fork(), provider, identity) };
    },

    async register(browser, { name, username, hasAgreedToTerms }, address) {
      const found = await requirePending(browser);
      const { provider, identity, next } = found;
      const isAsked = site.termsUrl !== undefined;
      if (isAsked && !hasAgreedToTerms)
        throw new InvalidInputError('Agree to the terms to create the account.', {
          field: ['terms'],
          reason: 'TERMS_NOT_AGREED',
        });
      const email = await findNewEmail(orm.em.fork(), provider, identity);
      if (email === undefined)
        throw new ConflictError('No account can be made of this sign-in: use one that you have.');
      const prepared = await prepareAccount(
        { email, name, username, isEmailVerified: true, termsVersion: isAsked ? site.termsVersion : undefined },
        creation,
      );
      const account = await recorded(provider, { accountId: null, address }, () =>
        withTypedConflicts(() =>
          orm.em.fork().transactional(async (tx) => {
            const made = await insertAccount(tx, prepared, { accountId: null, address }, creation);
            await insert(tx, found, { accountId: made.id, address });
            return made;
          }),
        ),
      );
      return { account, next };
    },

    async link(browser, accountId, address) {
      const found = await requirePending(browser);
      await recorded(found.provider, { accountId, address }, () =>
        orm.em.fork().transactional((tx) => insert(tx, found, { accountId, address })),
      );
      return { next: found.next };
    },

    unlink: (accountId, id, actor) =>
      orm.em.fork().transactional(async (tx) => {
        const link = await tx.findOne(LinkedIdentityEntity, { id, accountId });
        if (!link) throw new NotFoundError('There is no such sign-in.');
        const provider = await tx.findOne(IdentityProviderEntity, { id: link.providerId });
        await tx.nativeDelete(LinkedIdentityEntity, { id });
        const detail = { provider: provider?.slug };
        await audit.record(
          { action: 'identity.unlinked', outcome: 'success', actor, subjectId: accountId, detail },
          tx,
        );
      }),
  };
}

async function requireFreeKey(
  tx: EntityManager,
  { organizationId }: IdentityProvider,
  externalKey: string,
  accountId: string,
): Promise<void> {
  const standing = await standingOfKey(tx, { organizationId, externalKey }, accountId);
  if (standing === 'held-by-other')
    throw new ConflictError('Your school’s key for you belongs to another account here. Ask your school for help.');
  if (standing === 'account-is-another-learner')
    throw new ConflictError('This account belongs to another learner of your school. Ask your school for help.');
}

/** @throws {@link ConflictError} in place of a broken constraint */
async function withTypedTies<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const constraint =
      error instanceof UniqueConstraintViolationException && 'constraint' in error ? error.constraint : undefined;
    if (constraint === 'linked_identity_account')
      throw new ConflictError('This account has another sign-in there already. Remove that one first.', {
        cause: error,
      });
    if (constraint === 'linked_identity_subject')
      throw new ConflictError('This sign-in is tied to an account already.', { cause: error });
    throw error;
  }
}

function isAddress(email: string): boolean {
  try {
    parseEmail(email);
    return true;
  } catch {
    return false;
  }
}

function expired(): InvalidInputError {
  return new InvalidInputError('This sign-in has expired or is finished. Begin again.', { reason: 'IDENTITY_EXPIRED' });
}
