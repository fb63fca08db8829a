import type { MikroORM } from '@mikro-orm/postgresql';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { publishChange } from '../changes/publish-change.js';
import type { Clock } from '../clock.js';
import type { Sealer } from '../crypto/sealer.js';
import { type SigningKey, SigningKeyEntity } from '../entities/signing-key.entity.js';
import { systemActor } from '../services/actor.js';
import type { AuditService } from '../services/audit/audit.service.js';

/** Algorithms that always have a key. OpenID Connect asks for RS256; ES256 is the cheap one. */
const neededAlgorithms = ['RS256', 'ES256'] as const;
const purpose = 'tokens';
/** Any constant will do; it names the lock among all advisory locks of the database. */
const creationLock = 8_053_000_002;

/** The provider signs with the first key that fits, so the active ones come first; the others are published only. */
const stateOrder: Record<SigningKey['state'], number> = { ACTIVE: 0, PUBLISHED: 1, RETIRING: 2, RETIRED: 3 };

/** Signing keys in the database, encrypted; the same for all processes. */
export interface SigningKeys {
  /** Private keys that are published, those to sign with first. Makes the missing ones on first use. */
  load(): Promise<{ keys: JWK[] }>;
}

export function createSigningKeys({
  orm,
  sealer,
  clock,
  audit,
}: {
  orm: MikroORM;
  sealer: Sealer;
  clock: Clock;
  audit: AuditService;
}): SigningKeys {
  const read = () => orm.em.fork().find(SigningKeyEntity, { state: { $ne: 'RETIRED' } });

  const createMissing = () =>
    orm.em.fork().transactional(async (tx) => {
      // Two processes that start at once agree on what the first of them makes.
      await tx.execute('select pg_advisory_xact_lock(?)', [creationLock]);
      const existing = await tx.find(SigningKeyEntity, { state: 'ACTIVE', purpose });
      const missing = neededAlgorithms.filter((algorithm) => !existing.some((key) => key.algorithm === algorithm));
      for (const algorithm of missing) {
        const key = await generateSigningKey(algorithm, sealer, clock());
        await tx.persist(tx.create(SigningKeyEntity, key)).flush();
        const detail = { kid: key.kid, algorithm };
        await audit.record({ action: 'signing-key.created', outcome: 'success', actor: systemActor, detail }, tx);
      }
      if (missing.length > 0) await publishChange(tx, { topic: 'signing-keys' });
    });

  const open = async ({ kid, privateJwk }: SigningKey): Promise<JWK> => {
    const plain = await sealer.open(privateJwk);
    if (sealer.isStale(privateJwk))
      await orm.em.fork().nativeUpdate(SigningKeyEntity, { kid, privateJwk }, { privateJwk: await sealer.seal(plain) });
    return JSON.parse(plain);
  };

  return {
    async load() {
      let rows = await read();
      if (!hasAllAlgorithms(rows)) {
        await createMissing();
        rows = await read();
      }
      rows.sort((a, b) => stateOrder[a.state] - stateOrder[b.state] || b.activeFrom.getTime() - a.activeFrom.getTime());
      return { keys: await Promise.all(rows.map(open)) };
    },
  };
}

function hasAllAlgorithms(rows: readonly SigningKey[]): boolean {
  return neededAlgorithms.every((algorithm) =>
    rows.some((row) => row.state === 'ACTIVE' && row.purpose === purpose && row.algorithm === algorithm),
  );
}

async function generateSigningKey(algorithm: string, sealer: Sealer, now: Date): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    algorithm,
    purpose,
    state: 'ACTIVE',
    privateJwk: await sealer.seal(JSON.stringify({ ...jwk, kid, alg: algorithm, use: 'sig' })),
    createdAt: now,
    activeFrom: now,
    retiredAt: null,
  };
}
