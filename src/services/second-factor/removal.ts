import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Role } from '../../access/viewer.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { PasskeyChallengeEntity, PasskeyEntity } from '../../entities/passkey.entity.js';
import { AuthenticatorEntity, RecoveryCodeEntity } from '../../entities/second-factor.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { requireRank } from '../account/rank.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { lockSecondFactors } from './lock.js';
import type { SecondFactorMails } from './mails.js';

/**
 * Helps somebody who has lost everything that they signed in with beside the password. They are told by mail. Ending their
 * sessions is the caller's part. May be repeated without harm.
 *
 * @param reason - why, for whoever reads the audit; at most 500 characters
 * @throws {@link NotFoundError} when there is no such account
 * @throws ForbiddenError when the account has a role that the official has not
 * @throws {@link InvalidInputError} `REASON_MISSING`; `OWN_ACCOUNT`, since one's own is changed with proof
 */
export type RemoveAllSecondFactors = (
  accountId: string,
  reason: string,
  by: { actor: Actor; roles: ReadonlySet<Role> },
) => Promise<Account>;

export function createRemoveAllSecondFactors({
  orm,
  audit,
  mails,
}: {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
  mails: Pick<SecondFactorMails, 'removedByOfficial'>;
}): RemoveAllSecondFactors {
  return async (accountId, typed, { actor, roles }) => {
    const reason = typed.trim();
    if (reason === '' || reason.length > 500)
      throw new InvalidInputError('Say why, in up to 500 characters.', { field: ['reason'], reason: 'REASON_MISSING' });
    if (accountId === actor.accountId)
      throw new InvalidInputError('Your own second factors are changed on your account page.', {
        field: ['accountId'],
        reason: 'OWN_ACCOUNT',
      });
    return orm.em.fork().transactional(async (tx) => {
      const account = await tx.findOne(AccountEntity, { id: accountId });
      if (!account) throw new NotFoundError('There is no such account.');
      requireRank(account, roles);
      await lockSecondFactors(tx, accountId);
      const removed = await eraseSecondFactors(tx, accountId);
      if (removed === 0) return account;
      const detail = { by: 'official', reason };
      await audit.record(
        { action: 'second-factor.removed', outcome: 'success', actor, subjectId: accountId, detail },
        tx,
      );
      await mails.removedByOfficial(tx, account);
      return account;
    });
  };
}

/**
 * Deletes an account's apps, passkeys and recovery codes.
 *
 * @returns how many apps and passkeys there were
 */
export async function eraseSecondFactors(tx: EntityManager, accountId: string): Promise<number> {
  const apps = await tx.nativeDelete(AuthenticatorEntity, { accountId });
  const passkeys = await tx.nativeDelete(PasskeyEntity, { accountId });
  await tx.nativeDelete(RecoveryCodeEntity, { accountId });
  await tx.nativeDelete(PasskeyChallengeEntity, { accountId });
  return apps + passkeys;
}
