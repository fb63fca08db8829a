import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity, type AccountStatus } from '../../entities/account.entity.js';
import { RateLimitedError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { AuditService } from '../audit/audit.service.js';
import type { ProvePassword } from '../password/proof.js';
import type { AccountReads } from './reads.js';

/**
 * What became of a sign-in. `wrong` does not tell whether the account exists; `inactive` is said only to a person who knows
 * the password.
 */
export type Authentication =
  | { outcome: 'success'; account: Account }
  | { outcome: 'wrong' }
  | { outcome: 'inactive'; status: Exclude<AccountStatus, 'ACTIVE'> };

/**
 * Signs a person in by password, as far as the account is concerned; the session is the caller's part.
 *
 * @param identifier - e-mail address or username, as typed
 * @param address - network address of the caller
 * @throws RateLimitedError after too many failures
 */
export type Authenticate = (identifier: string, password: string, address: string) => Promise<Authentication>;

export function createAuthenticate({
  orm,
  reads,
  prove,
  audit,
  events,
  clock,
}: {
  orm: MikroORM;
  reads: Pick<AccountReads, 'findByIdentifier'>;
  prove: ProvePassword;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'signInFailed'>;
  clock: Clock;
}): Authenticate {
  return async (identifier, password, address) => {
    const em = orm.em.fork();
    const account = await reads.findByIdentifier(identifier);
    const record = (outcome: string, accountId: string | null = null) =>
      audit.record({ action: 'sign-in', outcome, actor: { accountId, address }, subjectId: account?.id ?? null });
    const recordFailure = async (why: string, accountId: string | null = null) => {
      events.signInFailed({ why, accountId: account?.id });
      await record(why, accountId);
    };
    const isProven = await prove(account, identifier, password, address).catch(async (error: unknown) => {
      if (error instanceof RateLimitedError) await recordFailure('throttled');
      throw error;
    });
    if (!account || !isProven) {
      await recordFailure('wrong-credentials');
      return { outcome: 'wrong' };
    }
    const status: AccountStatus = account.status;
    if (status !== 'ACTIVE') {
      await recordFailure(status.toLowerCase(), account.id);
      return { outcome: 'inactive', status };
    }
    await em.nativeUpdate(AccountEntity, { id: account.id }, { lastSignedInAt: clock() });
    await record('success', account.id);
    return { outcome: 'success', account };
  };
}
