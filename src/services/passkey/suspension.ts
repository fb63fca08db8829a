import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import { type Passkey, PasskeyEntity } from '../../entities/passkey.entity.js';
import type { AuditService } from '../audit/audit.service.js';
import type { SecondFactorMails } from '../second-factor/mails.js';

/**
 * Stops a passkey whose counter went backwards: there may be a copy, and nobody can tell which of the two came (WebAuthn
 * Level 3, 6.1.1). Its owner is told. It still counts as second factor, so that a copy does not turn that off.
 *
 * @param address - network address of who came with it
 */
export type SuspendPasskey = (passkey: Passkey, address: string) => Promise<void>;

export function createSuspendPasskey({
  orm,
  clock,
  audit,
  mails,
  findAccount,
}: {
  orm: MikroORM;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
  mails: Pick<SecondFactorMails, 'suspended'>;
  findAccount: (id: string) => Promise<Account | null>;
}): SuspendPasskey {
  return async ({ id, accountId, name }, address) => {
    const account = await findAccount(accountId);
    await orm.em.fork().transactional(async (tx) => {
      const where = { id, suspendedAt: null };
      const isFirst = (await tx.nativeUpdate(PasskeyEntity, where, { suspendedAt: clock() })) === 1;
      if (!account || !isFirst) return;
      const actor = { accountId: null, address };
      const detail = { passkeyId: id, why: 'counter-went-backwards' };
      await audit.record(
        { action: 'second-factor.suspended', outcome: 'success', actor, subjectId: accountId, detail },
        tx,
      );
      await mails.suspended(tx, account, name);
    });
  };
}
