import type { EntityManager } from '@mikro-orm/postgresql';
import { keyedHash } from '../../crypto/hash.js';
import type { Account } from '../../entities/account.entity.js';
import { BlockedEmailEntity } from '../../entities/blocked-email.entity.js';
import { InvalidInputError } from '../../errors.js';

/**
 * Addresses that nobody may use for an account any more: those of blocked accounts, also when the account has another address
 * since, or is erased. Kept as hashes. Whether an address is among them is told to whoever reads its mail, and to staff.
 */
export interface BlockedEmails {
  /** Adds the present address of an account. Harmless to repeat. */
  block(tx: EntityManager, account: Pick<Account, 'id' | 'email'>): Promise<void>;
  /** Takes off whatever was blocked with an account. @returns how many addresses that were */
  unblock(tx: EntityManager, accountId: string): Promise<number>;
  isBlocked(em: EntityManager, email: string): Promise<boolean>;
  /** Which of many addresses are: one query. */
  findBlocked(em: EntityManager, emails: readonly string[]): Promise<Set<string>>;
  /** Whether an address was blocked with this account. */
  isAnyOf(em: EntityManager, accountId: string): Promise<boolean>;
  /**
   * Call it in the transaction that gives the address to an account, when that is written: whoever has the address before loses
   * it only after it is blocked, so that none slips through between the two.
   *
   * @throws {@link InvalidInputError} `EMAIL_BLOCKED`
   */
  require(tx: EntityManager, email: string): Promise<void>;
}

/** Reason of the refusal of a blocked address. */
export const emailBlocked = 'EMAIL_BLOCKED';

/** @param keys - secrets of the process, newest first; an address that was blocked under one is known as long as that is there */
export function createBlockedEmails({ keys }: { keys: readonly [string, ...string[]] }): BlockedEmails {
  const hash = (key: string, email: string) => keyedHash(key, 'blocked-email', email.normalize('NFC').toLowerCase());

  const isBlocked: BlockedEmails['isBlocked'] = async (em, email) =>
    (await em.count(BlockedEmailEntity, { emailHash: { $in: keys.map((key) => hash(key, email)) } })) > 0;

  const findBlocked: BlockedEmails['findBlocked'] = async (em, emails) => {
    const emailOf = new Map(emails.flatMap((email) => keys.map((key) => [hash(key, email), email] as const)));
    const rows = await em.find(BlockedEmailEntity, { emailHash: { $in: [...emailOf.keys()] } });
    return new Set(rows.flatMap(({ emailHash }) => emailOf.get(emailHash) ?? []));
  };

  return {
    isBlocked,
    findBlocked,
    block: async (tx, { id: accountId, email }) => {
      if (await isBlocked(tx, email)) return;
      await tx.upsert(
        BlockedEmailEntity,
        { emailHash: hash(keys[0], email), accountId, createdAt: new Date() },
        { onConflictAction: 'ignore' },
      );
    },
    unblock: (tx, accountId) => tx.nativeDelete(BlockedEmailEntity, { accountId }),
    isAnyOf: async (em, accountId) => (await em.count(BlockedEmailEntity, { accountId })) > 0,
    require: async (tx, email) => {
      if (!(await isBlocked(tx, email))) return;
      throw new InvalidInputError(
        'This e-mail address cannot be used here. Ask for help if you think that this is a mistake.',
        {
          field: ['email'],
          reason: emailBlocked,
        },
      );
    },
  };
}
