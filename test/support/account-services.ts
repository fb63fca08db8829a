import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../src/clock.js';
import { AuditEventEntity } from '../../src/entities/audit-event.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { type AccountService, createAccountService } from '../../src/services/account.service.js';
import type { AccountAudit } from '../../src/services/account-audit.js';
import type { NewAccount } from '../../src/services/account-creation.js';
import { createPasswordHasher, type PasswordHasher } from '../../src/services/password-hash.js';
import { createPasswordPolicy, type PasswordPolicy } from '../../src/services/password-policy.js';
import { createSignInThrottle } from '../../src/services/sign-in-throttle.js';
import { createThrottleStore, type ThrottleStore } from '../../src/services/throttle.js';
import { createTestDatabase } from './test-database.js';

/** The account services on a database of their own. */
export interface AccountServices extends AsyncDisposable {
  orm: MikroORM;
  databaseUrl: string;
  store: ThrottleStore;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  audit: AccountAudit;
  accounts: AccountService;
}

/** Cheap enough for tests, and not the cost of production, so that hashes made with it count as outdated there. */
export const testPasswordCost = { memoryKib: 64, passes: 1 };

export async function startAccountServices({
  clock = () => new Date(),
  failuresPerAccount = 10,
  failuresPerAddress = 300,
}: {
  clock?: Clock;
  failuresPerAccount?: number;
  failuresPerAddress?: number;
} = {}): Promise<AccountServices> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const orm = stack.adopt(createOrm({ url: database.url, poolSize: 8 }), (it) => it.close());
  const store = stack.use(createThrottleStore({ databaseUrl: database.url }));
  const hasher = createPasswordHasher({ cost: testPasswordCost });
  const policy = createPasswordPolicy();
  const throttle = createSignInThrottle({ store, failuresPerAccount, failuresPerAddress });
  const audit = createTestAudit(clock);
  const accounts = createAccountService({
    orm,
    clock,
    hasher,
    policy,
    throttle,
    audit,
    providerId: 'oa2-ol-oauth2',
  });
  const resources = stack.move();
  return {
    orm,
    databaseUrl: database.url,
    store,
    hasher,
    policy,
    audit,
    accounts,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function createTestAudit(clock: Clock): AccountAudit {
  return {
    record: async (em, { action, outcome, actor, subjectId, detail }) => {
      em.create(AuditEventEntity, {
        at: clock(),
        action,
        outcome,
        actorId: actor.accountId,
        clientId: actor.clientId ?? null,
        address: actor.address ?? null,
        subjectId,
        detail: detail ?? null,
      });
      await em.flush();
    },
  };
}

/** A new account's details; only what matters to the test need be said. */
export function aNewAccount(details: Partial<NewAccount> = {}): NewAccount {
  return { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true, ...details };
}
