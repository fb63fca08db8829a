import { randomInt } from 'node:crypto';
import { type EntityManager, type MikroORM, type RawQueryFragment, raw } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { isEqualSecret, keyedHash, randomSecret, sha256 } from '../../crypto/hash.js';
import { type Account, AccountEntity, type AccountProfile } from '../../entities/account.entity.js';
import { type Registration, RegistrationEntity } from '../../entities/registration.entity.js';
import { InvalidInputError, RateLimitedError } from '../../errors.js';
import { type Language, languages } from '../../words/languages.js';
import { wordsIn } from '../../words/words.js';
import { blockedAddressMail } from '../account/blocked-address-mail.js';
import type { BlockedEmails } from '../account/blocked-emails.js';
import { type AccountCreationDeps, insertAccount, prepareAccount, withTypedConflicts } from '../account/creation.js';
import { ignoringCase } from '../account/reads.js';
import { parseEmail, parseName } from '../account/rules.js';
import { deriveUsername } from '../account/username.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import type { MailThrottle } from '../mail/throttle.js';
import { networkOf } from '../network.js';
import type { PasswordPolicy } from '../password/policy.js';
import type { Throttle } from '../throttle.js';
import { confirmationMail, existingAccountMail } from './mails.js';

/** A sign-up under way, as the browser that holds its token may know it. */
export interface PendingRegistration {
  email: string;
  isConfirmed: boolean;
  /** Path of ours that the person goes on at. */
  next: string | undefined;
}

export interface RegistrationDetails {
  name: string;
  /** Made from the name when left out or empty. */
  username?: string | undefined;
  password: string;
  profile?: AccountProfile | undefined;
  hasAgreedToTerms: boolean;
}

/**
 * From an e-mail address to an account, in three steps. Two tokens stand for one registration: the browser that began it
 * holds one, which is worth something after the mailed code was typed; the mailed link holds the other, which proves the
 * mailbox by itself. So whoever merely opens the link (a mail scanner too) confirms nothing for whoever began.
 */
export interface RegistrationService {
  /**
   * Sends a mail: code and link to a new address, a reminder to one that has an account, a refusal to a blocked one. The answer is
   * the same for all.
   *
   * @param next - path of ours that the person goes on at
   * @param language - of the mail; the first that the site offers, unless said
   * @returns the token for the browser
   * @throws {@link InvalidInputError} `EMAIL_INVALID`
   * @throws RateLimitedError when the mailbox got several mails already
   */
  begin(request: { email: string; next: string | undefined; address: string; language?: Language }): Promise<string>;
  /** Begins anew for the same mailbox. @returns the new token, or `undefined` when the old one is not valid any more */
  resend(token: string, address: string, language?: Language): Promise<string | undefined>;
  find(token: string): Promise<PendingRegistration | undefined>;
  /**
   * Takes the code from the mail.
   *
   * @throws {@link InvalidInputError} `CODE_WRONG`, or `CODE_EXPIRED` also after too many wrong ones
   * @throws RateLimitedError when the address fails too often altogether
   */
  confirm(token: string, code: string, address: string): Promise<void>;
  /**
   * Makes the account, once.
   *
   * @param token - of a browser that typed the code, or of the link
   * @throws {@link InvalidInputError} naming the field; `REGISTRATION_EXPIRED` when the token is worth nothing (any more)
   */
  complete(
    token: string,
    details: RegistrationDetails,
    address: string,
  ): Promise<{ account: Account; next: string | undefined }>;
}

const lifeMinutes = 30;
const codeAttempts = 5;

export function createRegistrationService({
  orm,
  clock,
  keys,
  mail,
  mailThrottle,
  addressFailures,
  policy,
  creation,
  blockedEmails,
  publicUrl,
  site,
}: {
  orm: MikroORM;
  clock: Clock;
  /** Secrets of the process, newest first. */
  keys: readonly [string, ...string[]];
  mail: Pick<MailService, 'send'>;
  mailThrottle: MailThrottle;
  /** All failures of one network address. */
  addressFailures: Throttle;
  policy: PasswordPolicy;
  creation: AccountCreationDeps;
  blockedEmails: Pick<BlockedEmails, 'isBlocked'>;
  publicUrl: string;
  site: MailSite & { termsUrl: string | undefined; termsVersion: string };
}): RegistrationService {
  const codeHash = (key: string, id: string, code: string) => keyedHash(key, 'registration-code', `${id}:${code}`);

  const findRow = async (em: EntityManager, token: string): Promise<Registration | null> => {
    const hash = sha256(token);
    return em.findOne(RegistrationEntity, {
      $or: [{ tokenHash: hash }, { linkHash: hash }],
      expiresAt: { $gt: clock() },
    });
  };
  const isConfirmed = (row: Registration, token: string) => row.confirmedAt !== null || row.linkHash === sha256(token);

  const begin: RegistrationService['begin'] = async ({
    email: typed,
    next,
    address,
    language = site.locales[0] ?? languages[0],
  }) => {
    const email = parseEmail(typed);
    await mailThrottle.admit(email, address);
    const [token, linkToken, code] = [randomSecret(), randomSecret(), String(randomInt(1_000_000)).padStart(6, '0')];
    const expiresAt = new Date(clock().getTime() + lifeMinutes * 60_000);
    await orm.em.fork().transactional(async (tx) => {
      const isBlocked = await blockedEmails.isBlocked(tx, email);
      const hasAccount = await tx.count(AccountEntity, ignoringCase('email', email));
      const row = tx.create(RegistrationEntity, {
        email,
        tokenHash: sha256(token),
        linkHash: sha256(linkToken),
        codeHash: '',
        expiresAt,
        next: next ?? null,
      });
      await tx.persist(row).flush();
      row.codeHash = codeHash(keys[0], row.id, code);
      const words = wordsIn(language);
      const link = `${publicUrl}/register/confirm?token=${linkToken}`;
      const to = { site, words, to: email, expiresAt };
      const known = hasAccount > 0 ? existingAccountMail({ ...to, publicUrl }) : undefined;
      const refusal = isBlocked ? blockedAddressMail(to) : known;
      await mail.send(tx, refusal ?? confirmationMail({ ...to, link, code, lifeMinutes }));
    });
    return token;
  };

  return {
    begin,
    resend: async (token, address, language) => {
      const row = await findRow(orm.em.fork(), token);
      return row
        ? begin({ email: row.email, next: row.next ?? undefined, address, ...(language && { language }) })
        : undefined;
    },
    find: async (token) => {
      const row = await findRow(orm.em.fork(), token);
      if (!row) return undefined;
      return { email: row.email, isConfirmed: isConfirmed(row, token), next: row.next ?? undefined };
    },
    confirm: async (token, typed, address) => {
      const em = orm.em.fork();
      const row = await findRow(em, token);
      // Counted before it is compared, so that parallel guesses count too.
      const counted =
        row &&
        (await em.nativeUpdate(
          RegistrationEntity,
          { id: row.id, codeAttempts: { $lt: codeAttempts } },
          { codeAttempts: raw<RawQueryFragment>('code_attempts + 1') },
        ));
      if (!row || !counted)
        throw expired('CODE_EXPIRED', 'This code is not valid any more. Ask for a new one.', 'code');
      const code = typed.replace(/\s/g, '');
      if (!keys.some((key) => isEqualSecret(row.codeHash, codeHash(key, row.id, code)))) {
        const state = await addressFailures.record(networkOf(address));
        if (state.isOver) throw new RateLimitedError('Too many attempts. Wait a minute.', state.retryAfterSeconds);
        throw expired('CODE_WRONG', 'This is not the code from the newest mail.', 'code');
      }
      await em.nativeUpdate(RegistrationEntity, { id: row.id }, { confirmedAt: clock() });
    },
    complete: async (token, details, address) => {
      const row = await findRow(orm.em.fork(), token);
      if (!row || !isConfirmed(row, token)) throw registrationExpired();
      const isAsked = site.termsUrl !== undefined;
      if (isAsked && !details.hasAgreedToTerms)
        throw new InvalidInputError('Agree to the terms to create the account.', {
          field: ['terms'],
          reason: 'TERMS_NOT_AGREED',
        });
      const { password, profile } = details;
      const name = parseName(details.name);
      const username = details.username?.trim() || undefined;
      await policy.check(password, [name, username ?? deriveUsername(name, row.email), row.email]);
      const prepared = await prepareAccount(
        {
          email: row.email,
          name,
          username,
          password,
          profile,
          isEmailVerified: true,
          termsVersion: isAsked ? site.termsVersion : undefined,
        },
        creation,
      );
      const account = await withTypedConflicts(() =>
        orm.em.fork().transactional(async (tx) => {
          const isFirst = (await tx.nativeDelete(RegistrationEntity, { id: row.id })) === 1;
          if (!isFirst) throw registrationExpired();
          const made = await insertAccount(tx, prepared, { accountId: null, address }, creation);
          await tx.nativeDelete(RegistrationEntity, { email: row.email });
          return made;
        }),
      );
      return { account, next: row.next ?? undefined };
    },
  };
}

function expired(reason: string, message: string, field?: string): InvalidInputError {
  return new InvalidInputError(message, { reason, ...(field && { field: [field] }) });
}

function registrationExpired(): InvalidInputError {
  return expired('REGISTRATION_EXPIRED', 'This registration has expired or is finished. Begin again.');
}
