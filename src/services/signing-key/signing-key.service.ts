import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import type { Sealer } from '../../crypto/sealer.js';
import {
  type SigningAlgorithm,
  type SigningKey,
  SigningKeyEntity,
  type SigningKeyPurpose,
  type SigningKeyState,
} from '../../entities/signing-key.entity.js';
import { InvalidInputError } from '../../errors.js';
import { type Actor, systemActor } from '../actor.js';
import type { AuditAction, AuditService } from '../audit/audit.service.js';
import { generateSigningKey, type SigningKeyKind, signingKeyKinds } from './material.js';

/** How long others may keep the published keys. */
export const publishedKeysMaxAgeSeconds = 300;
/** Those who keep them a little longer than they may shall not fail either. */
const marginSeconds = 60;

/**
 * The keys that tokens are signed with. A rotation goes by steps: a new key is published; when everybody can have seen it, it
 * signs and the one before only verifies; when no token of that one can be valid any more, it is withdrawn.
 */
export interface SigningKeyService {
  /** Makes the kinds of keys that are missing; they sign at once, since there is nothing yet that they could replace. */
  ensure(): Promise<void>;
  /** All keys that are not retired, with their sealed private parts. */
  findUsable(): Promise<SigningKey[]>;
  /** Seals a private part anew, unless it was changed meanwhile. */
  reseal(kid: string, previous: string, sealed: string): Promise<void>;
  /** Every key there ever was, newest first. */
  list(): Promise<SigningKey[]>;
  /**
   * Begins a rotation: publishes new keys, which sign once others can have seen them. Where one is already on its way, nothing
   * is added.
   *
   * @param kinds - narrows to a purpose, an algorithm or both; all kinds without
   * @returns the keys that are on their way
   * @throws {@link InvalidInputError} when no key has that purpose and algorithm
   */
  rotate(kinds: Partial<SigningKeyKind>, actor: Actor): Promise<SigningKey[]>;
  /** Takes every step that is due. Safe to call at any time, from several processes at once. */
  advance(): Promise<{ activated: string[]; retired: string[] }>;
}

/** Any constant will do; it names the lock among all advisory locks of the database. */
const keysLock = 8_053_000_002;

/** @param longestTokenSeconds - how long a signature can matter */
export function createSigningKeyService({
  orm,
  sealer,
  clock,
  audit,
  longestTokenSeconds,
}: {
  orm: MikroORM;
  sealer: Sealer;
  clock: Clock;
  audit: AuditService;
  longestTokenSeconds: number;
}): SigningKeyService {
  const secondsFromNow = (seconds: number) => new Date(clock().getTime() + seconds * 1000);

  /** Two processes that change keys at once take turns. */
  const change = <Result>(act: (tx: EntityManager) => Promise<Result>): Promise<Result> =>
    orm.em.fork().transactional(async (tx) => {
      await tx.execute('select pg_advisory_xact_lock(?)', [keysLock]);
      return act(tx);
    });

  const record = (tx: EntityManager, action: AuditAction, { kid, algorithm, purpose }: SigningKey, actor: Actor) =>
    audit.record({ action, outcome: 'success', actor, subjectId: null, detail: { kid, algorithm, purpose } }, tx);

  const insertAll = async (
    tx: EntityManager,
    kinds: readonly SigningKeyKind[],
    { state, activeFrom }: { state: SigningKeyState; activeFrom: Date },
    actor: Actor,
  ): Promise<SigningKey[]> => {
    const materials = await Promise.all(kinds.map(({ algorithm }) => generateSigningKey(algorithm, sealer)));
    const times = { createdAt: clock(), activeFrom, retiringFrom: null, retiredAt: null };
    const keys = kinds.flatMap((kind, index) => {
      const material = materials[index];
      return material ? [tx.create(SigningKeyEntity, { ...kind, ...material, ...times, state })] : [];
    });
    await tx.persist(keys).flush();
    for (const key of keys) await record(tx, 'signing-key.created', key, actor);
    return keys;
  };

  const retireOld = async (tx: EntityManager): Promise<string[]> => {
    const since = secondsFromNow(-longestTokenSeconds - marginSeconds);
    const done = await tx.find(SigningKeyEntity, { state: 'RETIRING', retiringFrom: { $lte: since } });
    for (const key of done) {
      tx.assign(key, { state: 'RETIRED', retiredAt: clock() });
      await record(tx, 'signing-key.retired', key, systemActor);
    }
    await tx.flush();
    return done.map(({ kid }) => kid);
  };

  const activateNew = async (tx: EntityManager): Promise<string[]> => {
    const due = await tx.find(SigningKeyEntity, { state: 'PUBLISHED', activeFrom: { $lte: clock() } });
    for (const key of due) {
      const { purpose, algorithm } = key;
      // One key of a kind is active at a time, so the old one steps back first.
      await tx.nativeUpdate(
        SigningKeyEntity,
        { purpose, algorithm, state: 'ACTIVE' },
        { state: 'RETIRING', retiringFrom: clock() },
      );
      await tx.nativeUpdate(SigningKeyEntity, { kid: key.kid }, { state: 'ACTIVE', activeFrom: clock() });
      await record(tx, 'signing-key.activated', key, systemActor);
    }
    return due.map(({ kid }) => kid);
  };

  return {
    ensure: () =>
      change(async (tx) => {
        const active = await tx.find(SigningKeyEntity, { state: 'ACTIVE' });
        const missing = signingKeyKinds.filter((kind) => !active.some((key) => isOfKind(key, kind)));
        if (missing.length === 0) return;
        await insertAll(tx, missing, { state: 'ACTIVE', activeFrom: clock() }, systemActor);
        await publishChange(tx, { topic: 'signing-keys' });
      }),
    findUsable: () => orm.em.fork().find(SigningKeyEntity, { state: { $ne: 'RETIRED' } }),
    async reseal(kid, previous, sealed) {
      await orm.em.fork().nativeUpdate(SigningKeyEntity, { kid, privateJwk: previous }, { privateJwk: sealed });
    },
    list: () => orm.em.fork().find(SigningKeyEntity, {}, { orderBy: { createdAt: 'desc', kid: 'asc' } }),
    rotate: (wanted, actor) =>
      change(async (tx) => {
        const kinds = signingKeyKinds.filter((kind) => isOfKind(kind, wanted));
        if (kinds.length === 0)
          throw new InvalidInputError('There is no key of this purpose and algorithm.', {
            field: ['algorithm'],
            reason: 'NO_SUCH_KEY',
          });
        const onTheirWay = await tx.find(SigningKeyEntity, { state: 'PUBLISHED' });
        const activeFrom = secondsFromNow(publishedKeysMaxAgeSeconds + marginSeconds);
        const lacking = kinds.filter((kind) => !onTheirWay.some((key) => isOfKind(key, kind)));
        const added = await insertAll(tx, lacking, { state: 'PUBLISHED', activeFrom }, actor);
        await publishChange(tx, { topic: 'signing-keys' });
        return [...onTheirWay.filter((key) => isOfKind(key, wanted)), ...added];
      }),
    advance: () =>
      change(async (tx) => {
        const retired = await retireOld(tx);
        const activated = await activateNew(tx);
        if (activated.length + retired.length > 0) await publishChange(tx, { topic: 'signing-keys' });
        return { activated, retired };
      }),
  };
}

function isOfKind(
  key: { purpose: SigningKeyPurpose; algorithm: SigningAlgorithm },
  { purpose, algorithm }: Partial<SigningKeyKind>,
): boolean {
  return (purpose === undefined || key.purpose === purpose) && (algorithm === undefined || key.algorithm === algorithm);
}
