import type { MikroORM } from '@mikro-orm/postgresql';
import { createAuthenticator } from '../../src/crypto/authenticator.js';
import { createOrm } from '../../src/entities/orm.js';
import { createLogger } from '../../src/logger.js';
import { type AuditService, createAuditService } from '../../src/services/audit/audit.service.js';
import { type AuditChain, createAuditChain } from '../../src/services/audit/chain/append.js';
import { auditPurpose } from '../../src/services/audit/chain/link.js';
import { type ChainReport, type VerifyOptions, verifyAuditChain } from '../../src/services/audit/chain/verify.js';
import { createTestDatabase } from './test-database.js';

const testKey = 'test-secret-key-of-at-least-32-characters';

/** In SQL: the act at a place of the chain. */
export const actAt = (position: number) => `id = (select event_id from audit_link where position = ${position})`;

/** The audit and its chain on a pool of their own. */
export interface AuditSite extends AsyncDisposable {
  databaseUrl: string;
  orm: MikroORM;
  audit: AuditService;
  chain: AuditChain;
  /** Stores that many acts. */
  act(count: number): Promise<void>;
  /** Chains all that is stored. */
  chainAll(): Promise<void>;
  verify(options?: Partial<VerifyOptions>): Promise<ChainReport>;
  /** What somebody with the database alone could do. */
  tamper(sql: string, params?: unknown[]): Promise<void>;
}

/** @param databaseUrl - the database of another site, which this one then stands beside as a second process would */
export async function openAuditSite({
  databaseUrl,
  keys = [testKey],
  batchSize = 500,
}: {
  databaseUrl?: string;
  keys?: readonly string[];
  batchSize?: number;
} = {}): Promise<AuditSite> {
  await using stack = new AsyncDisposableStack();
  const url = databaseUrl ?? stack.use(await createTestDatabase()).url;
  const orm = stack.adopt(createOrm({ url, poolSize: 4 }), (it) => it.close());
  const clock = () => new Date();
  const authenticator = createAuthenticator(keys, auditPurpose);
  const audit = createAuditService({ orm, clock, logger: createLogger('silent') });
  const chain = createAuditChain({ orm, clock, authenticator, batchSize });
  const resources = stack.move();
  return {
    databaseUrl: url,
    orm,
    audit,
    chain,
    act: async (count) => {
      for (let number = 1; number <= count; number += 1)
        await audit.record({
          action: 'token.issued',
          outcome: 'success',
          actor: { accountId: null, clientId: 'acme', address: '192.0.2.7' },
          detail: { scope: 'user:read', number, ключ: 'значение', nested: { b: [1, 2.5, null], a: true } },
        });
    },
    chainAll: async () => {
      while ((await chain.append()).state === 'more');
    },
    verify: (options = {}) => verifyAuditChain({ em: orm.em.fork(), authenticator, batchSize: 7, ...options }),
    tamper: async (sql, params = []) => {
      await orm.em.fork().execute(sql, params);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
