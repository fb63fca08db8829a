import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isEqualSecret, keyedHash } from '../../crypto/hash.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { Language } from '../../words/languages.js';
import { ignoringCase } from '../account/reads.js';
import { parseEmail } from '../account/rules.js';
import type { AuditService } from '../audit/audit.service.js';
import { voidEmailChange } from '../email-change/void-email-change.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import { type MailService, nobodyAddress } from '../mail/mail.service.js';
import type { MailThrottle } from '../mail/throttle.js';
import { claimInvitations } from '../partner-grant/claim-invitations.js';
import type { PasswordHasher } from './hash.js';
import type { PasswordPolicy } from './policy.js';
import { passwordResetMail } from './reset-mail.js';

/**
 * A new password for somebody who reads the mail of the account. Nothing is stored: the mailed token is bound to the present
 * password hash, so that it works until any new password is set, once, and for half an hour.
 */
export interface PasswordResetService {
  /**
   * Sends the mail if there is such an account; the answer is the same if there is none.
   *
   * @param request - with the language of the mail, where the door knows it; else it is that of the account
   * @throws InvalidInputError `EMAIL_INVALID`
   * @throws RateLimitedError when the mailbox got several mails already
   */
  begin(request: { email: string; next: string | undefined; address: string; language?: Language }): Promise<void>;
  /** Whether a token still works. */
  check(token: string): Promise<boolean>;
  /**
   * Sets the new password. Ending the account's sessions is the caller's part.
   *
   * @returns the account
   * @throws InvalidInputError `RESET_EXPIRED`, or what the password policy says
   */
  complete(token: string, password: string, address: string): Promise<Account>;
}

const lifeMinutes = 30;

/** In place of an account that there is not. */
const nobody = {
  id: '00000000-0000-0000-0000-000000000000',
  name: 'Nobody in particular',
  passwordHash: null,
  locale: null,
  profile: {},
};

export function createPasswordResetService({
  orm,
  clock,
  keys,
  mail,
  mailThrottle,
  hasher,
  policy,
  audit,
  publicUrl,
  site,
}: {
  orm: MikroORM;
  clock: Clock;
  /** Secrets of the process, newest first. */
  keys: readonly [string, ...string[]];
  mail: Pick<MailService, 'send'>;
  mailThrottle: MailThrottle;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  audit: Pick<AuditService, 'record'>;
  publicUrl: string;
  site: MailSite;
}): PasswordResetService {
  const seal = (
    key: string,
    { id, email, passwordHash }: Pick<Account, 'id' | 'email' | 'passwordHash'>,
    expiresAt: string,
  ) => keyedHash(key, 'password-reset', [id, email, passwordHash ?? '', expiresAt].join('\n'));

  const open = async (token: string): Promise<Account | undefined> => {
    const [id = '', expiresAt = '', mac = ''] = token.split('.');
    if (!/^[0-9a-f-]{36}$/.test(id) || !/^[0-9a-z]{1,9}$/.test(expiresAt)) return undefined;
    if (Number.parseInt(expiresAt, 36) * 1000 <= clock().getTime()) return undefined;
    const account = await orm.em
      .fork()
      .findOne(AccountEntity, { id, status: 'ACTIVE' }, { populate: ['passwordHash'] });
    if (!account || !keys.some((key) => isEqualSecret(mac, seal(key, account, expiresAt)))) return undefined;
    return account;
  };

  return {
    begin: async ({ email: typed, next, address, language }) => {
      const email = parseEmail(typed);
      await mailThrottle.admit(email, address);
      await orm.em.fork().transactional(async (tx) => {
        const found = await tx.findOne(
          AccountEntity,
          { $and: [ignoringCase('email', email), { status: 'ACTIVE' }] },
          { populate: ['passwordHash'] },
        );
        // Where there is nobody, the same is done for nobody: how long it takes must not tell who has an account.
        const account = found ?? { ...nobody, email };
        const until = Math.floor(clock().getTime() / 1000) + lifeMinutes * 60;
        const expiresAt = until.toString(36);
        const token = [account.id, expiresAt, seal(keys[0], account, expiresAt)].join('.');
        const link = new URL(`${publicUrl}/password/reset/choose?token=${token}`);
        if (next !== undefined) link.searchParams.set('next', next);
        await mail.send(
          tx,
          passwordResetMail({
            site,
            words: wordsForAccount(site, account, language),
            to: found ? account.email : nobodyAddress,
            name: account.name,
            link: link.href,
            expiresAt: new Date(until * 1000),
            lifeMinutes,
          }),
        );
      });
    },
    check: async (token) => (await open(token)) !== undefined,
    complete: async (token, password, address) => {
      const account = await open(token);
      if (!account) throw resetExpired();
      await policy.check(password, [account.name, account.username, account.email]);
      const passwordHash = await hasher.hash(password);
      const now = clock();
      await orm.em.fork().transactional(async (tx) => {
        // Bound to the old hash: of two who use one token at the same time, one comes too late.
        const isFirst = await tx.nativeUpdate(
          AccountEntity,
          { id: account.id, passwordHash: account.passwordHash ?? null },
          { passwordHash, passwordChangedAt: now, emailVerifiedAt: account.emailVerifiedAt ?? now },
        );
        if (!isFirst) throw resetExpired();
        await voidEmailChange(tx, account.id);
        if (!account.emailVerifiedAt) await claimInvitations(tx, [account.id], { audit });
        const actor = { accountId: account.id, address };
        await audit.record(
          { action: 'account.password-changed', outcome: 'success', actor, detail: { by: 'mailed-link' } },
          tx,
        );
      });
      return account;
    },
  };
}

function resetExpired(): InvalidInputError {
  return new InvalidInputError('This link has expired or was used already. Ask for a new one.', {
    reason: 'RESET_EXPIRED',
  });
}
