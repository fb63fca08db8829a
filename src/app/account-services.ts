import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import type { Events } from '../events.js';
import type { Logger } from '../logger.js';
import { type AccountService, createAccountService } from '../services/account/account.service.js';
import { type BlockedEmails, createBlockedEmails } from '../services/account/blocked-emails.js';
import { createSignInThrottle } from '../services/account/sign-in-throttle.js';
import {
  type AccountImportService,
  createAccountImportService,
} from '../services/account-import/account-import.service.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { EdxLinkPlanner } from '../services/edx-link/planner.js';
import { createEmailChangeService, type EmailChangeService } from '../services/email-change/email-change.service.js';
import { createMailService, type MailService } from '../services/mail/mail.service.js';
import { createMailThrottle } from '../services/mail/throttle.js';
import { createPasswordHasher, type PasswordCost } from '../services/password/hash.js';
import { createPasswordResetService, type PasswordResetService } from '../services/password/password-reset.service.js';
import { createPasswordPolicy } from '../services/password/policy.js';
import { createRegistrationService, type RegistrationService } from '../services/registration/registration.service.js';
import { createThrottleStore, type ThrottleStore } from '../services/throttle.js';
import { createSecondFactorServices, type SecondFactorServices } from './second-factor-services.js';

/** Everything about accounts, their passwords and the mails to people. */
export interface AccountServices extends SecondFactorServices, AsyncDisposable {
  accounts: AccountService;
  accountImport: AccountImportService;
  registrations: RegistrationService;
  passwordResets: PasswordResetService;
  emailChanges: EmailChangeService;
  blockedEmails: BlockedEmails;
  mail: MailService;
  throttles: ThrottleStore;
}

/**
 * Builds the account services; part of the composition root.
 *
 * @param passwordCost - of new hashes; the default is meant for production
 */
export function createAccountServices({
  config,
  secrets,
  orm,
  clock,
  logger,
  audit,
  events,
  edxLinks,
  passwordCost,
}: {
  config: Config;
  secrets: Secrets;
  orm: MikroORM;
  clock: Clock;
  logger: Logger;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'signInFailed'>;
  edxLinks: EdxLinkPlanner;
  passwordCost?: PasswordCost | undefined;
}): AccountServices {
  const [newestKey, ...olderKeys] = secrets.keys;
  if (!newestKey || !secrets.smtpUrl)
    throw new Error('the settings were not checked: no secret key, or no mail server');
  const keys = [newestKey, ...olderKeys] as const;
  const { publicUrl } = config.http;
  const { site } = config;

  const throttles = createThrottleStore({ databaseUrl: config.database.url });
  const mail = createMailService({ smtpUrl: secrets.smtpUrl, from: config.mail.from, keys, clock, logger });
  const hasher = createPasswordHasher(passwordCost && { cost: passwordCost });
  const policy = createPasswordPolicy();
  const addressFailures = throttles.create({
    name: 'address',
    limit: config.throttles.failuresPerAddressPerMinute,
    windowSeconds: 60,
  });
  const throttle = createSignInThrottle({
    store: throttles,
    addressFailures,
    failuresPerAccount: config.throttles.signInFailuresPerAccount,
  });
  const mailThrottle = createMailThrottle({ store: throttles });
  const blockedEmails = createBlockedEmails({ keys });
  const creation = { hasher, audit, edxLinks, blockedEmails, clock };
  const mailing = { orm, clock, keys, mail, mailThrottle, policy, publicUrl, site };
  const accounts = createAccountService({
    orm,
    clock,
    hasher,
    policy,
    throttle,
    audit,
    events,
    edxLinks,
    blockedEmails,
  });
  const secondFactorServices = createSecondFactorServices({
    config,
    keys,
    orm,
    clock,
    audit,
    events,
    accounts,
    mail,
    throttles,
    addressFailures,
  });
  return {
    accounts,
    accountImport: createAccountImportService({
      orm,
      clock,
      audit,
      blockedEmails,
      providerId: `oa2-${config.lms.backend}`,
    }),
    registrations: createRegistrationService({ ...mailing, addressFailures, creation, blockedEmails }),
    passwordResets: createPasswordResetService({ ...mailing, hasher, audit }),
    ...secondFactorServices,
    emailChanges: createEmailChangeService({
      ...mailing,
      prove: secondFactorServices.secondFactors.prove,
      audit,
      edxLinks,
      blockedEmails,
    }),
    blockedEmails,
    mail,
    throttles,
    async [Symbol.asyncDispose]() {
      await mail[Symbol.asyncDispose]();
      await throttles[Symbol.asyncDispose]();
    },
  };
}
