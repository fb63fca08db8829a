import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { AuthenticationMethod } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import type { ChallengePurpose } from '../../entities/passkey.entity.js';
import { RateLimitedError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import { networkOf } from '../network.js';
import type { PasskeyUse } from '../passkey/use.js';
import type { Throttle } from '../throttle.js';
import type { AuthenticatorApps } from './authenticator-apps.js';
import type { RecoveryCodes } from './recovery-codes.js';

/** An answer of a browser to what `ask` of {@link PasskeyUse} gave it. */
export interface OfferedPasskey {
  purpose: Exclude<ChallengePurpose, 'register' | 'sign-in'>;
  /** JSON of the browser; anything at all. */
  answer: string;
  /** The secret of the browser that asked. */
  browser: string;
}

/** Whether somebody has what an account's password is not enough without. */
export interface SecondFactorChecks {
  /** Whether sign-in asks for a second factor: there is an app in use, or a passkey. */
  isOn(accountId: string, em?: EntityManager): Promise<boolean>;
  /**
   * Counts one more code of an account, before it is compared, so that guesses which come at once are counted like others.
   *
   * @returns what to call when the code was right
   * @throws {@link RateLimitedError} after too many wrong ones from this network, or very many from all of them
   */
  countCode(accountId: string, address: string): Promise<() => Promise<void>>;
  /**
   * Whether a code is of the app, or a recovery code. Each works once.
   *
   * @throws {@link RateLimitedError} as `countCode`
   */
  checkCode(accountId: string, code: string, address: string): Promise<boolean>;
  /**
   * Whether a passkey is the account's.
   *
   * @returns how the person proved themselves by it, beside what else they did; nothing when it was refused
   * @throws {@link RateLimitedError} when the address fails too often altogether
   */
  checkPasskey(
    accountId: string,
    offered: OfferedPasskey,
    address: string,
  ): Promise<AuthenticationMethod[] | undefined>;
}

export function createSecondFactorChecks({
  orm,
  clock,
  apps,
  recoveryCodes,
  passkeys,
  failures,
  failuresEverywhere,
  addressFailures,
  audit,
}: {
  orm: MikroORM;
  clock: Clock;
  apps: AuthenticatorApps;
  recoveryCodes: RecoveryCodes;
  passkeys: Pick<PasskeyUse, 'check'>;
  /** Counts wrong codes of one account from one network. */
  failures: Throttle;
  /**
   * Counts codes of one account from all networks. Whoever comes as far as codes has shown the password, so that nobody else
   * is locked out by it.
   */
  failuresEverywhere: Throttle;
  /** Counts all failures of one network, of whatever kind. */
  addressFailures: Throttle;
  audit: Pick<AuditService, 'record'>;
}): SecondFactorChecks {
  const record = (outcome: string, accountId: string, address: string, detail?: Record<string, unknown>) =>
    audit.record({
      action: 'second-factor.checked',
      outcome,
      actor: { accountId, address },
      ...(detail && { detail }),
    });

  const isOn: SecondFactorChecks['isOn'] = async (accountId, em = orm.em.fork()) => {
    const [row] = await em.execute<{ is_on: boolean }[]>(
      `select exists(select 1 from passkey where account_id = ?)
           or exists(select 1 from authenticator where account_id = ? and confirmed_at is not null) as is_on`,
      [accountId, accountId],
    );
    return row?.is_on === true;
  };

  const countCode: SecondFactorChecks['countCode'] = async (accountId, address) => {
    const key = `${accountId} ${networkOf(address)}`;
    const here = await failures.record(key);
    // What is refused to one network is not counted against the others.
    const excess = here.isOver ? here : await failuresEverywhere.record(accountId);
    if (!excess.isOver) return () => failures.forget(key);
    await record('throttled', accountId, address);
    throw new RateLimitedError('Too many wrong codes. Wait a while.', excess.retryAfterSeconds);
  };

  /** @returns what the code was, if it was right */
  const useCode = async (accountId: string, typed: string) => {
    const app = await apps.find(accountId);
    if (app && (await apps.useCode(app, typed))) return 'AUTHENTICATOR_APP';
    const isRight = (await isOn(accountId)) && (await recoveryCodes.use(orm.em.fork(), accountId, typed, clock()));
    return isRight ? 'RECOVERY_CODE' : undefined;
  };

  return {
    isOn,
    countCode,
    checkCode: async (accountId, typed, address) => {
      const startOver = await countCode(accountId, address);
      const kind = await useCode(accountId, typed);
      await record(kind ? 'success' : 'wrong-code', accountId, address, kind && { kind });
      if (kind) await startOver();
      return kind !== undefined;
    },
    checkPasskey: async (accountId, { purpose, answer, browser }, address) => {
      const result = await passkeys.check(answer, { purpose, accountId, browser }, address);
      const detail = { kind: 'PASSKEY', ...('passkey' in result && { passkeyId: result.passkey.id }) };
      if (result.outcome === 'used') {
        await record('success', accountId, address, detail);
        return result.methods;
      }
      const { isOver, retryAfterSeconds } = await addressFailures.record(networkOf(address));
      await record(isOver ? 'throttled' : `${result.why}-passkey`, accountId, address, detail);
      if (isOver) throw new RateLimitedError('Too many attempts failed. Wait a while.', retryAfterSeconds);
      return undefined;
    },
  };
}
