import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import { createSealer } from '../crypto/sealer.js';
import type { Events } from '../events.js';
import type { AccountService } from '../services/account/account.service.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { MailService } from '../services/mail/mail.service.js';
import { createPasskeyChallenges } from '../services/passkey/challenges.js';
import { createPasskeyService, type PasskeyService } from '../services/passkey/passkey.service.js';
import { createPasskeyRegistration } from '../services/passkey/registration.js';
import { relyingPartyOf } from '../services/passkey/relying-party.js';
import { createAuthenticateByPasskey } from '../services/passkey/sign-in.js';
import { createSuspendPasskey } from '../services/passkey/suspension.js';
import { createPasskeyUse } from '../services/passkey/use.js';
import { createAuthenticatorApps } from '../services/second-factor/authenticator-apps.js';
import { createSecondFactorChanges } from '../services/second-factor/changes.js';
import { createSecondFactorChecks } from '../services/second-factor/checks.js';
import { createSecondFactorMails } from '../services/second-factor/mails.js';
import { createSecondFactorOverview } from '../services/second-factor/overview.js';
import { createRecoveryCodes } from '../services/second-factor/recovery-codes.js';
import { createRemoveAllSecondFactors } from '../services/second-factor/removal.js';
import {
  createSecondFactorService,
  type SecondFactorService,
} from '../services/second-factor/second-factor.service.js';
import { createSignInTickets } from '../services/second-factor/sign-in-ticket.js';
import type { Throttle, ThrottleStore } from '../services/throttle.js';

/** What people sign in with beside, or instead of, a password. */
export interface SecondFactorServices {
  secondFactors: SecondFactorService;
  passkeys: PasskeyService;
}

/** Builds them; part of the composition root. */
export function createSecondFactorServices({
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
}: {
  config: Pick<Config, 'http' | 'site' | 'throttles'>;
  /** Secrets of the process, newest first. */
  keys: readonly [string, ...string[]];
  orm: MikroORM;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'signInFailed'>;
  accounts: Pick<AccountService, 'findById' | 'reauthenticate'>;
  mail: Pick<MailService, 'send'>;
  throttles: ThrottleStore;
  addressFailures: Throttle;
}): SecondFactorServices {
  const { site } = config;
  const { publicUrl } = config.http;
  const findAccount = accounts.findById;
  const mails = createSecondFactorMails({ mail, clock, site, publicUrl });

  const relyingParty = relyingPartyOf({ publicUrl, siteName: site.name });
  const challenges = createPasskeyChallenges({ orm, clock, keys });
  const suspend = createSuspendPasskey({ orm, clock, audit, mails, findAccount });
  const use = createPasskeyUse({ orm, clock, challenges, relyingParty, suspend });

  const apps = createAuthenticatorApps({
    orm,
    clock,
    sealer: createSealer(keys, 'authenticator'),
    siteName: site.name,
  });
  const recoveryCodes = createRecoveryCodes(keys);
  const failures = throttles.create({
    name: 'second-factor',
    limit: config.throttles.signInFailuresPerAccount,
    windowSeconds: 900,
  });
  const failuresEverywhere = throttles.create({
    name: 'second-factor-everywhere',
    limit: 10 * config.throttles.signInFailuresPerAccount,
    windowSeconds: 3600,
  });
  const checks = createSecondFactorChecks({
    orm,
    clock,
    apps,
    recoveryCodes,
    passkeys: use,
    failures,
    failuresEverywhere,
    addressFailures,
    audit,
  });
  const { reauthenticate } = accounts;
  const changes = createSecondFactorChanges({ orm, checks, recoveryCodes, reauthenticate, audit, mails });
  return {
    secondFactors: createSecondFactorService({
      orm,
      apps,
      checks,
      changes,
      overview: createSecondFactorOverview({ orm }),
      recoveryCodes,
      removeAll: createRemoveAllSecondFactors({ orm, audit, mails }),
      tickets: createSignInTickets({ sealer: createSealer(keys, 'sign-in-ticket'), clock, findAccount }),
      audit,
      mails,
    }),
    passkeys: createPasskeyService({
      orm,
      use,
      registration: createPasskeyRegistration({ orm, clock, challenges, relyingParty, changes }),
      authenticate: createAuthenticateByPasskey({ orm, clock, use, findAccount, addressFailures, audit, events }),
      changes,
    }),
  };
}
