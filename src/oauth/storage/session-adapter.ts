import { isDeepStrictEqual } from 'node:util';
import Provider, { type Adapter } from 'oidc-provider';
import type { Clock } from '../../clock.js';
import { lastSeenGrainSeconds } from '../lifetimes.js';
import { isNotedVisitor, visitorOf } from '../session/visitor.js';
import type { Payload } from './payload.js';
import type { RequestReads } from './request-reads.js';
import type { SessionRow, SessionStore, Visitor } from './session-store.js';

/** A session as it was when a request began. */
interface Before {
  id: string;
  row: SessionRow;
}

/**
 * Storage of the Session model. The provider saves a session with each authorization; it is written when there is something
 * to write, or when it was not seen for a while.
 */
export function createSessionAdapter(store: SessionStore, reads: RequestReads, clock: Clock): Adapter {
  const byRequest = new WeakMap<object, Before>();
  return {
    upsert: async (id, payload, expiresIn = 0) => {
      const { ctx } = Provider;
      const visitor = ctx && visitorOf(ctx.req);
      const before = ctx && byRequest.get(ctx);
      if (before?.id === id && visitor && isAsBefore(before.row, payload, visitor, clock())) return;
      await store.upsert(id, payload, expiresIn, visitor);
    },
    find: async (id) => {
      const { ctx } = Provider;
      const clientId = ctx?.query.client_id;
      const found = await store.findWhole(id, typeof clientId === 'string' ? clientId : '');
      if (found) reads.keep(found);
      // The provider changes what it is given.
      if (found && ctx) byRequest.set(ctx, { id, row: { ...found, payload: structuredClone(found.payload) } });
      return toPayload(found, id);
    },
    // Only looked at, never saved: its identifier, of which the hash alone is kept, is not known here.
    findByUid: async (uid) => toPayload(await store.findByUid(uid), undefined),
    findByUserCode: async () => undefined,
    consume: async () => undefined,
    destroy: (id) => store.destroy(id),
    revokeByGrantId: async () => undefined,
  };
}

function isAsBefore(row: SessionRow, payload: Payload, visitor: Visitor, now: Date): boolean {
  if (now.getTime() / 1000 - row.lastSeenAt >= lastSeenGrainSeconds) return false;
  return isNotedVisitor(row, visitor) && isDeepStrictEqual(contentOf(row.payload), contentOf(payload));
}

/** What a session holds, but for when it was saved and ends. */
function contentOf({ jti: _jti, iat: _iat, exp: _exp, ...content }: Payload): object {
  return content;
}

function toPayload(row: SessionRow | undefined, id: string | undefined): Payload | undefined {
  return row && { ...row.payload, ...(id && { jti: id }) };
}
