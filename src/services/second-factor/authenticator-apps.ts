import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../../clock.js';
import { sha256 } from '../../crypto/hash.js';
import type { Sealer } from '../../crypto/sealer.js';
import { type Authenticator, AuthenticatorEntity } from '../../entities/second-factor.entity.js';
import { ConflictError } from '../../errors.js';

/** What an app needs to be set up. */
export interface AuthenticatorSetUp {
  /** `otpauth://…`, for the QR code. */
  uri: string;
  /** The same secret in base32, to be typed. */
  secret: string;
}

/** Authenticator apps (RFC 6238), one for each account at most. Who may change them is decided elsewhere. */
export interface AuthenticatorApps {
  /** The app that is in use. */
  find(accountId: string): Promise<Authenticator | undefined>;
  /**
   * The set-up that waits for its first code, for a quarter of an hour, in the browser that began it: whoever else is signed in to the
   * account must not see its secret.
   *
   * @param browser - the secret of the browser
   */
  findPending(accountId: string, browser: string): Promise<Authenticator | undefined>;
  /** Begins the set-up of an app; what was begun before is void. @throws {@link ConflictError} when there is one in use */
  begin(accountId: string, browser: string): Promise<void>;
  /** @param label - by which the app tells accounts of one site apart */
  describe(app: Authenticator, label: string): Promise<AuthenticatorSetUp>;
  /** Takes a code: the time step that it belongs to is used up with it. */
  useCode(app: Authenticator, typed: string): Promise<boolean>;
  /** @throws {@link ConflictError} when somebody was faster */
  confirm(tx: EntityManager, app: Authenticator): Promise<void>;
  /** @returns whether there was one */
  remove(tx: EntityManager, accountId: string): Promise<boolean>;
}

const setUpMinutes = 15;
/** Of RFC 6238; what every app takes. */
const parameters = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

export function createAuthenticatorApps({
  orm,
  clock,
  sealer,
  siteName,
}: {
  orm: MikroORM;
  clock: Clock;
  sealer: Sealer;
  siteName: string;
}): AuthenticatorApps {
  const find = (accountId: string) => orm.em.fork().findOne(AuthenticatorEntity, { accountId });
  const isLive = ({ createdAt }: Authenticator) => clock().getTime() - createdAt.getTime() < setUpMinutes * 60_000;
  const totpOf = async ({ secret }: Authenticator, label: string) =>
    new TOTP({ ...parameters, issuer: siteName, label, secret: Secret.fromBase32(await sealer.open(secret)) });

  return {
    find: async (accountId) => {
      const app = await find(accountId);
      return app?.confirmedAt ? app : undefined;
    },
    findPending: async (accountId, browser) => {
      const app = await find(accountId);
      const isHere = browser !== '' && app?.browserHash === sha256(browser);
      return app && isHere && !app.confirmedAt && isLive(app) ? app : undefined;
    },
    begin: async (accountId, browser) => {
      const secret = await sealer.seal(new Secret({ size: 20 }).base32);
      await orm.em.fork().transactional(async (tx) => {
        await tx.nativeDelete(AuthenticatorEntity, { accountId, confirmedAt: null });
        if ((await tx.count(AuthenticatorEntity, { accountId })) > 0) throw alreadyThere();
        tx.create(AuthenticatorEntity, { accountId, secret, browserHash: sha256(browser), createdAt: clock() });
        await tx.flush();
      });
    },
    describe: async (app, label) => {
      const totp = await totpOf(app, label);
      return { uri: totp.toString(), secret: totp.secret.base32 };
    },
    useCode: async (app, typed) => {
      const token = typed.replace(/\s/g, '');
      if (!/^\d{6}$/.test(token)) return false;
      const timestamp = clock().getTime();
      const delta = (await totpOf(app, siteName)).validate({ token, timestamp, window: 1 });
      if (delta === null) return false;
      const lastStep = TOTP.counter({ timestamp, period: parameters.period }) + delta;
      // One conditional update: of many who come with one code at the same time, one is first.
      const where = { id: app.id, lastStep: { $lt: lastStep } };
      return (await orm.em.fork().nativeUpdate(AuthenticatorEntity, where, { lastStep, lastUsedAt: clock() })) === 1;
    },
    confirm: async (tx, { id }) => {
      const where = { id, confirmedAt: null };
      if ((await tx.nativeUpdate(AuthenticatorEntity, where, { confirmedAt: clock(), browserHash: null })) === 0)
        throw alreadyThere();
    },
    remove: async (tx, accountId) => (await tx.nativeDelete(AuthenticatorEntity, { accountId })) > 0,
  };
}

function alreadyThere(): ConflictError {
  return new ConflictError('There is an authenticator app already. Remove it first.');
}
