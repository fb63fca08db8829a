import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createSealer } from '../crypto/sealer.js';
import { createGuardedFetch } from '../datasources/identity-provider/guarded-fetch.js';
import { isLoopbackHost } from '../datasources/identity-provider/loopback.js';
import { createOidcSignIns } from '../datasources/identity-provider/oidc.js';
import type { Logger } from '../logger.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { EdxLinkPlanner } from '../services/edx-link/planner.js';
import { createIdentityProviders, type IdentityProviders } from '../services/identity-provider/identity-providers.js';
import { createIdentitySignIns, type IdentitySignIns } from '../services/identity-provider/identity-sign-ins.js';
import { createLinkedIdentities, type LinkedIdentities } from '../services/identity-provider/linked-identities.js';
import { createOidcProtocol } from '../services/identity-provider/oidc-protocol.js';
import { createPendingSignIns } from '../services/identity-provider/pending-sign-ins.js';
import { createSamlProtocol } from '../services/identity-provider/saml-protocol.js';
import { createTieLearner, type TieLearner } from '../services/identity-provider/tie-learner.js';
import type { LearnerTies } from '../services/learner-link/learner-ties.js';
import { createPasswordHasher } from '../services/password/hash.js';
import type { AccountServices } from './account-services.js';

/** Sign-in at organizations' own identity providers. */
export interface IdentityServices {
  identityProviders: IdentityProviders;
  identitySignIns: IdentitySignIns;
  linkedIdentities: LinkedIdentities;
  tieLearner: TieLearner;
}

/**
 * Builds them; part of the composition root. A provider on this very machine is for those who try Portico out: for a site that
 * others reach it is none, unless its settings say so.
 */
export function createIdentityServices({
  config,
  secrets,
  orm,
  audit,
  edxLinks,
  accountServices: { blockedEmails, throttles },
  learnerTies,
  clock,
  logger,
}: {
  config: Pick<Config, 'http' | 'site' | 'throttles'>;
  secrets: Pick<Secrets, 'keys'>;
  orm: MikroORM;
  audit: AuditService;
  edxLinks: EdxLinkPlanner;
  accountServices: Pick<AccountServices, 'blockedEmails' | 'throttles'>;
  learnerTies: Pick<LearnerTies, 'tie'>;
  clock: Clock;
  logger: Logger;
}): IdentityServices & AsyncDisposable {
  const { publicUrl, allowLoopbackCallbacks } = config.http;
  const mayBeLoopback = allowLoopbackCallbacks || isLoopbackHost(new URL(publicUrl).hostname);
  const guarded = createGuardedFetch(mayBeLoopback);
  const sealer = createSealer(secrets.keys, 'identity-provider-secret');
  const pending = createPendingSignIns({ orm, sealer: createSealer(secrets.keys, 'identity-sign-in'), clock });
  const oidc = createOidcSignIns({
    fetch: guarded.fetch,
    isInsecureAllowed: (issuer) => mayBeLoopback && isLoopbackHost(new URL(issuer).hostname),
  });
  const protocols = {
    OIDC: createOidcProtocol({ oidc, sealer, publicUrl }),
    SAML: createSamlProtocol({ publicUrl }),
  };
  return {
    identityProviders: createIdentityProviders({ orm, audit, sealer, mayBeLoopback, publicUrl }),
    identitySignIns: createIdentitySignIns({
      orm,
      protocols,
      pending,
      audit,
      addressFailures: throttles.create({
        name: 'address',
        limit: config.throttles.failuresPerAddressPerMinute,
        windowSeconds: 60,
      }),
      clock,
      logger,
    }),
    linkedIdentities: createLinkedIdentities({
      orm,
      pending,
      creation: { hasher: createPasswordHasher(), audit, edxLinks, blockedEmails, clock },
      blockedEmails,
      audit,
      clock,
      site: config.site,
    }),
    tieLearner: createTieLearner({ orm, learnerTies, audit, clock }),
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  };
}
