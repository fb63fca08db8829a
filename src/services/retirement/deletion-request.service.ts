import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { randomSecret, sha256 } from '../../crypto/hash.js';
import type { Account } from '../../entities/account.entity.js';
import { type Retirement, RetirementEntity } from '../../entities/retirement.entity.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import { lockAccount, requireAnotherAdministrator } from '../account/administrators.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import { deletionCanceledMail, deletionRequestedMail } from './mails.js';

/** A person's own wish to leave. It waits for some days, in which the account works and the wish can be taken back. */
export interface DeletionRequestService {
  /**
   * Asks for it; whoever calls has made sure that it is the person. Asking again changes nothing and sends no second mail.
   *
   * @throws NotFoundError; {@link ConflictError} when the account is not active
   * @throws InvalidInputError `LAST_ADMIN`
   */
  request(accountId: string, actor: Actor): Promise<Retirement>;
  /** The request that waits, if there is one. */
  pending(accountId: string): Promise<Retirement | undefined>;
  /**
   * Takes it back. Harmless when there is none.
   *
   * @throws {@link ConflictError} when it is too late
   */
  cancel(accountId: string, actor: Actor): Promise<Account>;
  /** Whether the mailed link still takes anything back. */
  canCancel(token: string): Promise<boolean>;
  /** @throws {@link InvalidInputError} `LINK_EXPIRED` when there is nothing to take back */
  cancelByLink(token: string, address: string): Promise<void>;
}

const dayMs = 24 * 3_600_000;

export function createDeletionRequestService({
  orm,
  clock,
  audit,
  mail,
  waitDays,
  publicUrl,
  site,
}: {
  orm: MikroORM;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
  mail: Pick<MailService, 'send'>;
  /** From the request to the retirement. */
  waitDays: number;
  publicUrl: string;
  site: MailSite;
}): DeletionRequestService {
  const takeBack = async (tx: EntityManager, accountId: string, actor: Actor): Promise<Account> => {
    const account = await lockAccount(tx, accountId);
    if (account.status === 'RETIRED') throw new ConflictError('It is too late: the account was deleted.');
    if ((await tx.nativeDelete(RetirementEntity, { accountId, state: 'SCHEDULED' })) === 0) return account;
    await publishChange(tx, { topic: 'account', accountId });
    await audit.record({ action: 'account.deletion-canceled', outcome: 'success', actor, subjectId: accountId }, tx);
    await mail.send(tx, deletionCanceledMail({ site, words: wordsForAccount(site, account), account, now: clock() }));
    return account;
  };

  const findByToken = (token: string) =>
    orm.em.fork().findOne(RetirementEntity, { cancelHash: sha256(token), state: 'SCHEDULED' });

  return {
    request: (accountId, actor) =>
      orm.em.fork().transactional(async (tx) => {
        const account = await lockAccount(tx, accountId);
        if (account.status !== 'ACTIVE') throw new ConflictError('The account is not active.');
        const present = await tx.findOne(RetirementEntity, { accountId });
        if (present) return present;
        await requireAnotherAdministrator(tx, account);
        const now = clock();
        const dueAt = new Date(now.getTime() + waitDays * dayMs);
        const token = randomSecret();
        const retirement = tx.create(RetirementEntity, {
          accountId,
          state: 'SCHEDULED',
          requestedBy: actor.accountId,
          dueAt,
          cancelHash: sha256(token),
        });
        await tx.flush();
        await publishChange(tx, { topic: 'account', accountId });
        const detail = { dueAt: dueAt.toISOString() };
        await audit.record(
          { action: 'account.deletion-requested', outcome: 'success', actor, subjectId: accountId, detail },
          tx,
        );
        const cancelLink = `${publicUrl}/account/delete/cancel?token=${token}`;
        await mail.send(
          tx,
          deletionRequestedMail({ site, words: wordsForAccount(site, account), account, now, dueAt, cancelLink }),
        );
        return retirement;
      }),
    pending: async (accountId) =>
      (await orm.em.fork().findOne(RetirementEntity, { accountId, state: 'SCHEDULED' })) ?? undefined,
    cancel: (accountId, actor) => orm.em.fork().transactional((tx) => takeBack(tx, accountId, actor)),
    canCancel: async (token) => (await findByToken(token)) !== null,
    cancelByLink: async (token, address) => {
      const found = await findByToken(token);
      if (!found) throw expired();
      const { accountId } = found;
      await orm.em.fork().transactional((tx) => takeBack(tx, accountId, { accountId, address }));
    },
  };
}

function expired(): InvalidInputError {
  return new InvalidInputError('This link has nothing to take back any more.', { reason: 'LINK_EXPIRED' });
}
