import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../../clock.js';
import type { Sealer } from '../../crypto/sealer.js';
import { type Authenticator, AuthenticatorEntity, RecoveryCodeEntity } from '../../entities/second-factor.entity.js';
import { ConflictError, InvalidInputError, RateLimitedError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { networkOf } from '../network.js';
import type { Reauthenticate } from '../password/reauthenticate.js';
import type { Throttle } from '../throttle.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { createSignInTickets, type SignInTickets } from './sign-in-ticket.js';

/** What an app needs to be set up. */
export interface AuthenticatorSetUp {
  /** `otpauth://…`, for the QR code. */
  uri: string;
  /** The same secret in base32, to be typed. */
  secret: string;
}

/** An authenticator app as second factor, with recovery codes. */
export interface SecondFactorService {
  isOn(accountId: string): Promise<boolean>;
  codesLeft(accountId: string): Promise<number>;
  /**
   * Begins the set-up of an app; what was begun before is void.
   *
   * @throws {@link InvalidInputError} `WRONG_PASSWORD`; {@link ConflictError} when there is an app already
   */
  begin(accountId: string, password: string, address: string): Promise<void>;
  /** The set-up that waits for its first code, for a quarter of an hour. */
  pending(accountId: string): Promise<AuthenticatorSetUp | undefined>;
  /**
   * From now on sign-in asks for the second factor.
   *
   * @returns the recovery codes, which are shown this once
   * @throws {@link InvalidInputError} `CODE_WRONG`; {@link ConflictError} when nothing waits
   */
  confirm(accountId: string, code: string, address: string): Promise<string[]>;
  /**
   * Whether a code is of the app, or a recovery code. Each works once.
   *
   * @throws RateLimitedError after too many wrong ones
   */
  check(accountId: string, code: string, address: string): Promise<boolean>;
  /** @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG` */
  renewRecoveryCodes(accountId: string, proof: Proof): Promise<string[]>;
  /** @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG` */
  remove(accountId: string, proof: Proof): Promise<void>;
  tickets: SignInTickets;
}

/** What a person has to show once more before they change their second factor. */
export interface Proof {
  password: string;
  code: string;
  address: string;
}

const setUpMinutes = 15;
/** Of RFC 6238; what every app takes. */
const parameters = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

export function createSecondFactorService({
  orm,
  clock,
  sealer,
  ticketSealer,
  recoveryCodes,
  failures,
  reauthenticate,
  findAccount,
  audit,
  siteName,
}: {
  orm: MikroORM;
  clock: Clock;
  sealer: Sealer;
  ticketSealer: Sealer;
  recoveryCodes: RecoveryCodes;
  /** Counts wrong codes of one account from one network. */
  failures: Throttle;
  reauthenticate: Reauthenticate;
  findAccount: Parameters<typeof createSignInTickets>[0]['findAccount'];
  audit: Pick<AuditService, 'record'>;
  siteName: string;
}): SecondFactorService {
  const find = (accountId: string) => orm.em.fork().findOne(AuthenticatorEntity, { accountId });
  const totpOf = async ({ secret }: Authenticator, label = '') =>
    new TOTP({
      ...parameters,
      issuer: siteName,
      label: label || siteName,
      secret: Secret.fromBase32(await sealer.open(secret)),
    });
  const isLive = ({ createdAt }: Authenticator) => clock().getTime() - createdAt.getTime() < setUpMinutes * 60_000;
  const record = (
    action: Parameters<typeof audit.record>[0]['action'],
    outcome: string,
    actor: Actor,
    tx?: EntityManager,
  ) => audit.record({ action, outcome, actor }, tx);

  /** Counted before it is compared, so that guesses which come at once are counted like others. */
  const count = async (key: string) => {
    const { isOver, retryAfterSeconds } = await failures.record(key);
    if (isOver) throw new RateLimitedError('Too many wrong codes. Wait a while.', retryAfterSeconds);
  };

  /** Takes a code of the app: the step that it belongs to is used up with it, in one conditional update. */
  const useAppCode = async (row: Authenticator, typed: string): Promise<boolean> => {
    const token = typed.replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return false;
    const timestamp = clock().getTime();
    const delta = (await totpOf(row)).validate({ token, timestamp, window: 1 });
    if (delta === null) return false;
    const lastStep = TOTP.counter({ timestamp, period: parameters.period }) + delta;
    const where = { id: row.id, lastStep: { $lt: lastStep } };
    return (await orm.em.fork().nativeUpdate(AuthenticatorEntity, where, { lastStep })) === 1;
  };

  const check: SecondFactorService['check'] = async (accountId, typed, address) => {
    const key = `${accountId} ${networkOf(address)}`;
    const actor = { accountId, address };
    await count(key);
    const row = await find(accountId);
    if (!row?.confirmedAt) return false;
    const isRight =
      (await useAppCode(row, typed)) || (await recoveryCodes.use(orm.em.fork(), accountId, typed, clock()));
    await record('second-factor.checked', isRight ? 'success' : 'wrong-code', actor);
    if (isRight) await failures.forget(key);
    return isRight;
  };

  const prove = async (accountId: string, { password, code, address }: Proof) => {
    await reauthenticate(accountId, password, address);
    if (!(await check(accountId, code, address))) throw wrongCode();
  };

  return {
    isOn: async (accountId) => Boolean((await find(accountId))?.confirmedAt),
    codesLeft: (accountId) => recoveryCodes.countLeft(orm.em.fork(), accountId),
    begin: async (accountId, password, address) => {
      await reauthenticate(accountId, password, address);
      const secret = await sealer.seal(new Secret({ size: 20 }).base32);
      await orm.em.fork().transactional(async (tx) => {
        await tx.nativeDelete(AuthenticatorEntity, { accountId, confirmedAt: null });
        if ((await tx.count(AuthenticatorEntity, { accountId })) > 0) throw alreadyOn();
        tx.create(AuthenticatorEntity, { accountId, secret, createdAt: clock() });
        await tx.flush();
      });
    },
    pending: async (accountId) => {
      const row = await find(accountId);
      if (!row || row.confirmedAt || !isLive(row)) return undefined;
      const totp = await totpOf(row, (await findAccount(accountId))?.username);
      return { uri: totp.toString(), secret: totp.secret.base32 };
    },
    confirm: async (accountId, code, address) => {
      const row = await find(accountId);
      if (!row || row.confirmedAt || !isLive(row)) throw new ConflictError('Begin again: there is nothing to confirm.');
      const key = `${accountId} ${networkOf(address)}`;
      await count(key);
      if (!(await useAppCode(row, code))) throw wrongCode();
      await failures.forget(key);
      return orm.em.fork().transactional(async (tx) => {
        const where = { id: row.id, confirmedAt: null };
        if ((await tx.nativeUpdate(AuthenticatorEntity, where, { confirmedAt: clock() })) === 0) throw alreadyOn();
        const codes = await recoveryCodes.renew(tx, accountId);
        await record('second-factor.added', 'success', { accountId, address }, tx);
        return codes;
      });
    },
    check,
    renewRecoveryCodes: async (accountId, proof) => {
      await prove(accountId, proof);
      return orm.em.fork().transactional(async (tx) => {
        await record('second-factor.codes-renewed', 'success', { accountId, address: proof.address }, tx);
        return recoveryCodes.renew(tx, accountId);
      });
    },
    remove: async (accountId, proof) => {
      await prove(accountId, proof);
      await orm.em.fork().transactional(async (tx) => {
        await tx.nativeDelete(AuthenticatorEntity, { accountId });
        await tx.nativeDelete(RecoveryCodeEntity, { accountId });
        await record('second-factor.removed', 'success', { accountId, address: proof.address }, tx);
      });
    },
    tickets: createSignInTickets({ sealer: ticketSealer, clock, findAccount }),
  };
}

function wrongCode(): InvalidInputError {
  return new InvalidInputError('This code is not right, or was used already. Try the next one.', {
    field: ['code'],
    reason: 'CODE_WRONG',
  });
}

function alreadyOn(): ConflictError {
  return new ConflictError('There is an authenticator app already. Remove it first.');
}
