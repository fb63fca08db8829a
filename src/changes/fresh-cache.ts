import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { AccessFact, Change } from './change.js';
import type { ChangeFeed } from './change-feed.js';

/** Something that is so until a change says otherwise: that a token, grant or session stands, how an account or client is. */
export type Fact = AccessFact | `client:${string}`;

/** What was read, and what it is true by. */
export interface Fresh<Value> {
  value: Value;
  /** All that it rests on; what rests on something that changes do not tell of is not kept. */
  facts: readonly Fact[] | 'unknown';
  /** When it ends by itself. */
  endsAt?: Date | undefined;
}

/** Keeps what was read for a few seconds, or until a change says that it may be otherwise. Lives as long as the change feed. */
export interface FreshCache<Value> {
  /** @param read - asked when nothing is kept; that there is nothing is never kept */
  get(key: string, read: () => Promise<Fresh<Value> | undefined>): Promise<Value | undefined>;
  /** @returns what is kept and good now */
  find(key: string): Value | undefined;
  /** Keeps what is read anew, under the key that comes with it. */
  remember(read: () => Promise<(Fresh<Value> & { key: string }) | undefined>): Promise<Value | undefined>;
}

export interface FreshCacheOptions {
  changes: Pick<ChangeFeed, 'connection' | 'subscribe'>;
  clock: Clock;
  /** Bounds how long anything is kept, whatever may have gone unheard. */
  ttlMs: number;
  /** Most entries; those used longest ago go first. */
  max: number;
}

interface Entry<Value> extends Fresh<Value> {
  facts: readonly Fact[];
  keptAt: number;
}

/**
 * A cache that is only as good as the change feed: what is read while the feed is down is not kept, and what was kept before
 * is gone. There is no state in which it answers and would not hear.
 */
export function createFreshCache<Value>(options: FreshCacheOptions): FreshCache<Value> {
  const { changes, clock, ttlMs, max } = options;
  const keysByFact = new Map<Fact, Set<string>>();
  const entries = new LRUCache<string, Entry<Value>>({
    max,
    dispose: ({ facts }, key) => {
      for (const fact of facts) unlink(fact, key);
    },
  });
  /** Reads under way, each with the facts that changed since it began. */
  const reading = new Set<{ changed: Set<Fact> | 'all' }>();
  let connection: symbol | undefined;

  const unlink = (fact: Fact, key: string) => {
    const keys = keysByFact.get(fact);
    keys?.delete(key);
    if (keys?.size === 0) keysByFact.delete(fact);
  };
  const keep = (key: string, entry: Entry<Value>) => {
    entries.set(key, entry);
    for (const fact of entry.facts) {
      const keys = keysByFact.get(fact) ?? new Set();
      keysByFact.set(fact, keys.add(key));
    }
  };
  changes.subscribe((change) => {
    const facts = factsOf(change);
    if (facts === 'all') entries.clear();
    else for (const fact of facts) for (const key of keysByFact.get(fact) ?? []) entries.delete(key);
    for (const read of reading)
      if (facts === 'all') read.changed = 'all';
      else if (read.changed !== 'all') for (const fact of facts) read.changed.add(fact);
  });
  /** Of the feed; with the former connection goes what was kept under it. */
  const currentConnection = () => {
    const current = changes.connection();
    if (current !== connection) {
      entries.clear();
      connection = current;
    }
    return current;
  };
  const find = (key: string): Value | undefined => {
    currentConnection();
    const now = clock().getTime();
    const entry = entries.get(key);
    const isGood = entry && Math.abs(now - entry.keptAt) < ttlMs && !(entry.endsAt && entry.endsAt.getTime() <= now);
    return isGood ? entry.value : undefined;
  };
  const remember: FreshCache<Value>['remember'] = async (read) => {
    const current = currentConnection();
    const now = clock().getTime();
    const own: { changed: Set<Fact> | 'all' } = { changed: new Set() };
    reading.add(own);
    try {
      const fresh = await read();
      if (!fresh || fresh.facts === 'unknown') return fresh?.value;
      const { key, value, facts, endsAt } = fresh;
      const { changed } = own;
      const hasChanged = changed === 'all' || facts.some((fact) => changed.has(fact));
      if (!hasChanged && current !== undefined && changes.connection() === current)
        keep(key, { value, facts, endsAt, keptAt: now });
      return value;
    } finally {
      reading.delete(own);
    }
  };

  return {
    find,
    remember,
    get: async (key, read) => {
      const kept = find(key);
      if (kept !== undefined) return kept;
      return remember(async () => {
        const fresh = await read();
        return fresh && { ...fresh, key };
      });
    },
  };
}

/** What somebody's rights may rest on and a change puts an end to, or makes another. New signing keys may put an end to any token that the former ones signed. */
export function factsOf(change: Change): readonly Fact[] | 'all' {
  if (change.topic === 'account') return [`account:${change.accountId}`];
  if (change.topic === 'oauth-client') return [`client:${change.clientId}`];
  if (change.topic === 'signing-keys') return 'all';
  if (change.topic !== 'access') return [];
  return change.ended === 'many' ? 'all' : change.ended;
}
