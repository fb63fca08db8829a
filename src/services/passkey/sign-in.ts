import type { MikroORM } from '@mikro-orm/postgresql';
import type { AuthenticationMethod } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity, type AccountStatus } from '../../entities/account.entity.js';
import { RateLimitedError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { AuditService } from '../audit/audit.service.js';
import { networkOf } from '../network.js';
import type { Throttle } from '../throttle.js';
import type { PasskeyUse } from './use.js';

/** What became of a sign-in by passkey. `inactive` is said only to who has the passkey. */
export type PasskeyAuthentication =
  | { outcome: 'success'; account: Account; methods: AuthenticationMethod[] }
  | { outcome: 'wrong-passkey' | 'suspended-passkey' }
  | { outcome: 'inactive'; status: Exclude<AccountStatus, 'ACTIVE'> };

/**
 * Signs a person in by a passkey alone, which tells who they are and has checked them: two factors in one.
 *
 * @param answer - JSON of the browser; anything at all
 * @param browser - the secret of the browser that asked
 * @param address - network address of the caller
 * @throws {@link RateLimitedError} when the address fails too often altogether; only failures hear of it
 */
export type AuthenticateByPasskey = (
  answer: string,
  browser: string,
  address: string,
) => Promise<PasskeyAuthentication>;

export function createAuthenticateByPasskey({
  orm,
  clock,
  use,
  findAccount,
  addressFailures,
  audit,
  events,
}: {
  orm: MikroORM;
  clock: Clock;
  use: Pick<PasskeyUse, 'check'>;
  findAccount: (id: string) => Promise<Account | null>;
  addressFailures: Throttle;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'signInFailed'>;
}): AuthenticateByPasskey {
  return async (answer, browser, address) => {
    const result = await use.check(answer, { purpose: 'sign-in', accountId: null, browser }, address);
    const passkey = 'passkey' in result ? result.passkey : undefined;
    const subjectId = passkey?.accountId ?? null;
    const record = (outcome: string, accountId: string | null, methods?: readonly string[]) =>
      audit.record({
        action: 'sign-in',
        outcome,
        actor: { accountId, address },
        subjectId,
        detail: { ...(passkey && { passkeyId: passkey.id }), ...(methods && { methods }) },
      });
    const recordFailure = async (why: string, accountId: string | null = null) => {
      events.signInFailed({ why, ...(subjectId !== null && { accountId: subjectId }) });
      await record(why, accountId);
    };

    if (result.outcome === 'refused') {
      const { isOver, retryAfterSeconds } = await addressFailures.record(networkOf(address));
      await recordFailure(isOver ? 'throttled' : `${result.why}-passkey`);
      if (isOver) throw new RateLimitedError('Too many sign-ins failed. Wait a while.', retryAfterSeconds);
      const isStopped = result.why === 'copied' || result.why === 'suspended';
      return { outcome: isStopped ? 'suspended-passkey' : 'wrong-passkey' };
    }
    const account = await findAccount(result.passkey.accountId);
    if (!account) return { outcome: 'wrong-passkey' };
    const status: AccountStatus = account.status;
    if (status !== 'ACTIVE') {
      await recordFailure(status.toLowerCase(), account.id);
      return { outcome: 'inactive', status };
    }
    await orm.em.fork().nativeUpdate(AccountEntity, { id: account.id }, { lastSignedInAt: clock() });
    await record('success', account.id, result.methods);
    return { outcome: 'success', account, methods: result.methods };
  };
}
