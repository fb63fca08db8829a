import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { randomSecret, sha256 } from '../../crypto/hash.js';
import type { Sealer } from '../../crypto/sealer.js';
import type { ProvenIdentity } from '../../datasources/identity-provider/proven-identity.js';
import { type IdentitySignIn, IdentitySignInEntity } from '../../entities/identity-provider.entity.js';

/** What a request is remembered by; `kept` is what its answer is checked with. */
export interface PendingRequest<Kept> {
  providerId: string;
  kept: Kept;
  next: string | undefined;
}

/** Somebody who proved who they are at a provider, and is nobody here yet. */
export interface PendingIdentity {
  id: string;
  providerId: string;
  identity: ProvenIdentity;
  next: string | undefined;
}

const requestLifeMs = 15 * 60_000;
const provenLifeMs = 30 * 60_000;

/** Sign-ins under way: each belongs to one browser, and is taken up once. */
export interface PendingSignIns {
  keepRequest<Kept>(request: PendingRequest<Kept> & { state: string; browser: string }): Promise<void>;
  /** Takes a request out, so that its answer counts once. @param browser - its secret; another's request is none */
  takeRequest<Kept>(state: string, browser: string): Promise<PendingRequest<Kept> | undefined>;
  /**
   * Lays what a provider posted to a request, once: the post comes from another site, without the cookie of the browser.
   *
   * @returns whether there is such a request without an answer
   */
  answerRequest(state: string, answer: string): Promise<boolean>;
  /** Keeps the last one of a browser. */
  keepProven(browser: string, proven: Omit<PendingIdentity, 'id'>): Promise<void>;
  findProven(browser: string): Promise<PendingIdentity | undefined>;
  /** In the transaction that uses it. @returns whether it was there still */
  takeProven(tx: EntityManager, id: string): Promise<boolean>;
}

export function createPendingSignIns({
  orm,
  sealer,
  clock,
}: {
  orm: MikroORM;
  sealer: Sealer;
  clock: Clock;
}): PendingSignIns {
  const open = async <T>({ sealed }: Pick<IdentitySignIn, 'sealed'>) => JSON.parse(await sealer.open(sealed)) as T;
  const inMs = (ms: number) => new Date(clock().getTime() + ms);

  return {
    async keepRequest({ providerId, kept, next, state, browser }) {
      const em = orm.em.fork();
      em.create(IdentitySignInEntity, {
        providerId,
        kind: 'REQUEST',
        stateHash: sha256(state),
        browserHash: sha256(browser),
        sealed: await sealer.seal(JSON.stringify(kept)),
        next: next ?? null,
        expiresAt: inMs(requestLifeMs),
      });
      await em.flush();
    },
    async takeRequest<Kept>(state: string, browser: string) {
      const [row] = await orm.em.fork().execute<{ providerId: string; sealed: string; next: string | null }[]>(
        `delete from identity_sign_in
         where kind = 'REQUEST' and state_hash = ? and browser_hash = ? and expires_at > ?
         returning provider_id as "providerId", sealed, next`,
        [sha256(state), sha256(browser), clock()],
      );
      if (!row) return undefined;
      return { providerId: row.providerId, kept: await open<Kept>(row), next: row.next ?? undefined };
    },
    async answerRequest(state, answer) {
      const em = orm.em.fork();
      const where = { kind: 'REQUEST', stateHash: sha256(state), expiresAt: { $gt: clock() } } as const;
      const row = await em.findOne(IdentitySignInEntity, where);
      const kept = row && (await open<{ answer?: string }>(row));
      if (!kept || kept.answer !== undefined) return false;
      const sealed = await sealer.seal(JSON.stringify({ ...kept, answer }));
      return (await em.nativeUpdate(IdentitySignInEntity, { id: row.id, sealed: row.sealed }, { sealed })) === 1;
    },
    async keepProven(browser, { providerId, identity, next }) {
      const sealed = await sealer.seal(JSON.stringify(identity));
      const browserHash = sha256(browser);
      await orm.em.fork().transactional(async (tx) => {
        await tx.nativeDelete(IdentitySignInEntity, { kind: 'PROVEN', browserHash });
        tx.create(IdentitySignInEntity, {
          providerId,
          kind: 'PROVEN',
          stateHash: sha256(randomSecret()),
          browserHash,
          sealed,
          next: next ?? null,
          expiresAt: inMs(provenLifeMs),
        });
      });
    },
    async findProven(browser) {
      const row = await orm.em
        .fork()
        .findOne(
          IdentitySignInEntity,
          { kind: 'PROVEN', browserHash: sha256(browser), expiresAt: { $gt: clock() } },
          { orderBy: { id: 'desc' } },
        );
      if (!row) return undefined;
      const { id, providerId, next } = row;
      return { id, providerId, identity: await open<ProvenIdentity>(row), next: next ?? undefined };
    },
    takeProven: async (tx, id) =>
      (await tx.nativeDelete(IdentitySignInEntity, { id, kind: 'PROVEN', expiresAt: { $gt: clock() } })) === 1,
  };
}
