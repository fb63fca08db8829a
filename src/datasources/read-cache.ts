import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { UpstreamName } from '../errors.js';
import { allWithin } from './all-within.js';
import type { AnswerKey, AnswerStore, StoredAnswer } from './answer-store.js';
import type { KeyedAnswers } from './keyed-answers.js';
import type { CallOptions } from './upstream/call.js';
import { type Deadline, startDeadline, type Timeouts } from './upstream/deadline.js';
import { unavailable } from './upstream/failure.js';
import { isAwaited } from './upstream/purpose.js';

export interface ReadCacheOptions<K, V> {
  /** Keys of the same name are the same key. */
  nameOf(key: K): string;
  /** Reads many keys in the fewest calls; an answer or error for each, by name. */
  read(keys: readonly K[], options: CallOptions): Promise<KeyedAnswers<V>>;
  /** 0: none is kept. */
  ttlMs: number;
  /** For answers that say "there is none", which events tend to change soon. */
  negativeTtlMs: number;
  /** Until it is so old a value is answered at once and read again behind. Default: half as long again as it is fresh. */
  answerMs?: number | undefined;
  isNegative(value: V): boolean;
  /** Where answers are kept beyond this process. Asked before the upstream. */
  store?: AnswerStore | undefined;
  /** LMS user whose data a key is, in lower case. */
  ownerOf?(key: K): string;
  upstream: UpstreamName;
  timeouts: Timeouts;
  clock: Clock;
}

export interface CachedValue<V> {
  value: V;
  asOf: Date;
  /** Set when the value is older than it should be because this went wrong. */
  trouble?: Trouble;
}

export interface Trouble {
  error: unknown;
  /** When reads of this cache began to fail. */
  since: Date;
}

/** Either a value, perhaps an old one with its trouble, or the trouble alone. */
export type CacheAnswer<V> = CachedValue<V> | { trouble: Trouble };

/** A key with its name, which is put together once for each read. */
interface Named<K> {
  key: K;
  name: string;
}

interface Entry<V> {
  value: V;
  at: number;
  /** Known to be outdated: good for nothing but an outage. */
  isInvalid: boolean;
}

/** What a flight brings: an answer with its age, or an error. */
type Landed<V> = { value: V; asOf: Date; isStored?: boolean } | { error: unknown };

const maxEntries = 50_000;
/** Grows as it is filled. Told a `max`, a cache sets the room of all its entries aside when it is made: 30 MB for all kinds. */
const ofAtMostEntries = { maxSize: maxEntries, sizeCalculation: () => 1 };
/** For so much longer than its time a value is answered at once and read again behind. */
const revalidatePart = 0.5;
/** For so long a value may stand in for an upstream that fails. */
const maxStaleMs = 24 * 3_600_000;

/**
 * Values of one kind, read by many requests: each key is under way at most once, a fresh value costs no call, an old one
 * outlives an outage, and with a store the process too.
 */
export class ReadCache<K, V> {
  readonly #options: ReadCacheOptions<K, V>;
  readonly #entries = new LRUCache<string, Entry<V>>(ofAtMostEntries);
  readonly #flights = new Map<string, Promise<Landed<V>>>();
  /** When keys were last said to have changed: what was asked before that, anywhere, is not believed. */
  readonly #changedAt = new LRUCache<string, number>(ofAtMostEntries);
  #allChangedAt = Number.NEGATIVE_INFINITY;
  #failingSince: Date | undefined;

  constructor(options: ReadCacheOptions<K, V>) {
    this.#options = options;
  }

  /**
   * Answers in the order of the keys; never rejects.
   *
   * @param options - `deadline` ends this caller's wait, not the read, for which others may wait longer
   */
  load(keys: readonly K[], options: CallOptions): Promise<CacheAnswer<V>[]> {
    const named = keys.map((key) => this.#named(key));
    const missing = named.filter(({ name }) => this.#ageOf(name) === 'expired' && !this.#flights.has(name));
    if (missing.length > 0) this.#fly(missing, options);
    this.#refresh(named, options);
    return this.#answer(
      named.map(({ name }) => name),
      options.deadline,
    );
  }

  /** A value that needs no call, or the flight that will bring it; undefined when neither is there. */
  peek(key: K, deadline?: Deadline): Promise<CacheAnswer<V>> | undefined {
    const { name } = this.#named(key);
    if (this.#ageOf(name) === 'expired' && !this.#flights.has(name)) return undefined;
    return this.#answer([name], deadline).then(([answer]) => answer ?? this.#landedAnswer(name, undefined));
  }

  /** The value to fall back on in an outage. */
  lastKnown(key: K): { value: V; asOf: Date } | undefined {
    return this.#lastKnown(this.#options.nameOf(key));
  }

  /** Takes over what was read in passing, for whoever wants it next; what is known to be newer stays. */
  prime(key: K, value: V, asOf: Date): void {
    const name = this.#options.nameOf(key);
    const known = this.#entries.peek(name);
    if (this.#hasChangedSince(name, asOf) || (known && !known.isInvalid && known.at >= asOf.getTime())) return;
    this.#remember(name, { value, asOf }, false);
    this.#store({ key, name }, value, asOf);
  }

  /** What other processes have read within its time, in the order of the keys. */
  async readElsewhere(keys: readonly K[]): Promise<({ value: V; asOf: Date } | undefined)[]> {
    const { store, ttlMs } = this.#options;
    const named = keys.map((key) => this.#named(key));
    const found = await store?.find(named.map((one) => this.#storeKeyOf(one)));
    return named.map(({ name }) => {
      const stored = found?.get(name);
      return stored && this.#isUsable(name, stored, ttlMs) ? toLanded<V>(stored) : undefined;
    });
  }

  /** The next load reads it again; a flight under way may still have the old state and is not joined any more. */
  invalidate(key: K): void {
    const name = this.#options.nameOf(key);
    this.#flights.delete(name);
    const entry = this.#entries.peek(name);
    if (entry) entry.isInvalid = true;
    this.#changedAt.set(name, this.#now());
    this.#options.store?.outdate(this.#storeKeyOf({ key, name }), this.#options.clock());
  }

  /** Drops a value for good: something newer is stored elsewhere, to which this one must not be preferred in an outage. */
  forget(key: K): void {
    const name = this.#options.nameOf(key);
    this.#flights.delete(name);
    this.#entries.delete(name);
    this.#changedAt.set(name, this.#now());
    this.#options.store?.forget(this.#storeKeyOf({ key, name }), this.#options.clock());
  }

  /** Changes may have been missed: nothing that was read before is believed, wherever it is kept. */
  invalidateAll(): void {
    this.#flights.clear();
    this.#allChangedAt = this.#now();
    for (const entry of this.#entries.values()) entry.isInvalid = true;
  }

  #named(key: K): Named<K> {
    return { key, name: this.#options.nameOf(key) };
  }

  #lastKnown(name: string): { value: V; asOf: Date } | undefined {
    const entry = this.#entries.get(name);
    if (!entry || this.#now() - entry.at > maxStaleMs) return undefined;
    return { value: entry.value, asOf: new Date(entry.at) };
  }

  /** What is at hand at once; for the rest the flights are waited for. */
  async #answer(names: readonly string[], deadline: Deadline | undefined): Promise<CacheAnswer<V>[]> {
    const atHand = names.map((name) => this.#atHand(name));
    const waited = names.filter((_, place) => atHand[place] === undefined);
    const landed = waited.length > 0 ? await this.#land(waited, deadline) : undefined;
    return names.map((name, place) => atHand[place] ?? this.#landedAnswer(name, landed?.get(name)));
  }

  #atHand(name: string): CachedValue<V> | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#ageOf(name) !== 'expired' ? { value: entry.value, asOf: new Date(entry.at) } : undefined;
  }

  #landedAnswer(name: string, landed: Landed<V> | undefined): CacheAnswer<V> {
    if (landed && 'value' in landed) return { value: landed.value, asOf: landed.asOf };
    const trouble = { error: landed?.error, since: this.#failingSince ?? this.#options.clock() };
    const known = this.#lastKnown(name);
    return known ? { ...known, trouble } : { trouble };
  }

  /** What the flights bring, or the error of a wait that came to its end, by name. */
  async #land(names: readonly string[], deadline: Deadline | undefined): Promise<Map<string, Landed<V>>> {
    const landed = new Map<string, Landed<V>>();
    const wait = async (waiting: readonly string[], waitMs: number | undefined) => {
      const flights = waiting.flatMap((name) => {
        const flight = this.#flights.get(name);
        return flight ? [flight.then((answer) => void landed.set(name, answer))] : [];
      });
      if ((await allWithin(flights, waitMs)) === 'all') return;
      const tooLate = { error: unavailable(this.#options.upstream, 'timeout') };
      for (const name of waiting) if (!landed.has(name)) landed.set(name, tooLate);
    };
    // Whoever can fall back on something leaves time for what else the request wants.
    const byPart = Map.groupBy(names, (name) => (this.#lastKnown(name) ? 0.5 : 1));
    const remainingMs = deadline?.remainingMs();
    await Promise.all(
      [...byPart].map(([part, waiting]) => wait(waiting, remainingMs === undefined ? undefined : part * remainingMs)),
    );
    return landed;
  }

  /** Reads again, behind, what is good enough to be answered and no longer fresh: nobody waits for it, so it may be put off. */
  #refresh(keys: readonly Named<K>[], { purpose, priority, trace }: CallOptions): void {
    const aging = keys.filter(({ name }) => this.#ageOf(name) === 'aging' && !this.#flights.has(name));
    if (aging.length === 0) return;
    const options: CallOptions =
      purpose === 'request' ? { purpose: 'refresh', priority: 'bulk', trace } : { purpose, priority, trace };
    this.#fly(aging, options, { isAnew: true });
  }

  /** @param isAnew - whether the upstream is asked whatever the store has */
  #fly(keys: readonly Named<K>[], { purpose, priority, trace, deadline }: CallOptions, { isAnew = false } = {}): void {
    const { store } = this.#options;
    // For everyone who comes to want these keys: the first caller's leaving does not end it.
    const options: CallOptions = { purpose, priority, trace, deadline: this.#sharedDeadline(purpose, deadline?.since) };
    const byName = new Map(keys.map((named) => [named.name, named]));
    const finding = store && !isAnew ? this.#findStored([...byName.values()]) : undefined;
    const reading = finding
      ? finding.then((found) =>
          this.#readAll(
            [...byName.values()].flatMap(({ key, name }) => (found.has(name) ? [] : [key])),
            options,
          ),
        )
      : this.#readAll(
          [...byName.values()].map(({ key }) => key),
          options,
        );
    for (const named of byName.values()) {
      const { name } = named;
      const landing = finding
        ? finding.then((found) => found.get(name) ?? reading.then((read) => read(name)))
        : reading.then((read) => read(name));
      const flight = landing.then((landed) => {
        const isCurrent = this.#flights.get(name) === flight;
        if (isCurrent) this.#flights.delete(name);
        this.#note(named, landed, isCurrent);
        return landed;
      });
      this.#flights.set(name, flight);
    }
    void finding?.then(() => setImmediate(() => this.#refresh(keys, { purpose, priority })));
  }

  /** Stored answers that may be given at once. Older ones are taken over for an outage. */
  async #findStored(keys: readonly Named<K>[]): Promise<Map<string, Landed<V>>> {
    const stored = await this.#options.store?.find(keys.map((named) => this.#storeKeyOf(named)));
    const usable = new Map<string, Landed<V>>();
    for (const [name, answer] of stored ?? []) {
      if (this.#isUsable(name, answer, this.#answerMs())) usable.set(name, toLanded<V>(answer));
      else if (!this.#entries.has(name)) this.#remember(name, toLanded<V>(answer), true);
    }
    return usable;
  }

  /** @returns what became of each key, by name */
  async #readAll(keys: readonly K[], options: CallOptions): Promise<(name: string) => Landed<V>> {
    if (keys.length === 0) return (name) => noAnswer(name);
    const asOf = this.#options.clock();
    try {
      const answers = await this.#options.read(keys, options);
      return (name) => {
        const answer = answers.get(name) ?? noAnswer(name);
        return 'error' in answer ? answer : { asOf, ...answer };
      };
    } catch (error) {
      return () => ({ error });
    }
  }

  #note(named: Named<K>, landed: Landed<V>, isCurrent: boolean): void {
    if ('error' in landed) {
      this.#failingSince ??= this.#options.clock();
      return;
    }
    this.#failingSince = undefined;
    if (!isCurrent) return;
    this.#remember(named.name, landed, false);
    if (!landed.isStored) this.#store(named, landed.value, landed.asOf);
  }

  #store(named: Named<K>, value: V, asOf: Date): void {
    this.#options.store?.keep({ ...this.#storeKeyOf(named), value, asOf, ttlMs: this.#ttlMs(value) });
  }

  #storeKeyOf({ key, name }: Named<K>): AnswerKey {
    return { name, owner: this.#options.ownerOf?.(key) ?? null };
  }

  #remember(name: string, { value, asOf }: { value: V; asOf: Date }, isInvalid: boolean): void {
    if (this.#options.ttlMs === 0) return;
    this.#entries.set(name, { value: deepFreeze(value), at: asOf.getTime(), isInvalid });
  }

  /** Not outdated, and young enough; "there is none" is believed for its own time only. */
  #isUsable(name: string, { value, asOf, isOutdated }: StoredAnswer, mostMs: number): boolean {
    const isNone = this.#options.isNegative(value as V);
    const limitMs = isNone ? this.#options.negativeTtlMs : mostMs;
    return !isOutdated && !this.#hasChangedSince(name, asOf) && this.#now() - asOf.getTime() <= limitMs;
  }

  #hasChangedSince(name: string, asOf: Date): boolean {
    return asOf.getTime() <= Math.max(this.#allChangedAt, this.#changedAt.get(name) ?? Number.NEGATIVE_INFINITY);
  }

  #ageOf(name: string): 'fresh' | 'aging' | 'expired' {
    const entry = this.#entries.peek(name);
    if (!entry || entry.isInvalid) return 'expired';
    const age = this.#now() - entry.at;
    if (age <= this.#ttlMs(entry.value)) return 'fresh';
    return !this.#options.isNegative(entry.value) && age <= this.#answerMs() ? 'aging' : 'expired';
  }

  #ttlMs(value: V): number {
    return this.#options.isNegative(value) ? this.#options.negativeTtlMs : this.#options.ttlMs;
  }

  #answerMs(): number {
    return this.#options.answerMs ?? this.#options.ttlMs * (1 + revalidatePart);
  }

  /** One person waits for all calls of a read together; the calls of a job have their time each. */
  #sharedDeadline(purpose: CallOptions['purpose'], since: number | undefined): Deadline | undefined {
    return isAwaited(purpose) ? startDeadline(purpose, this.#options.timeouts, since) : undefined;
  }

  #now(): number {
    return this.#options.clock().getTime();
  }
}

/** A stored answer bears the name of its kind and format: what is found under it is what was kept under it. */
function toLanded<V>({ value, asOf }: StoredAnswer): { value: V; asOf: Date; isStored: true } {
  return { value: value as V, asOf, isStored: true };
}

function noAnswer(name: string): { error: unknown } {
  return { error: new Error(`a reader left out ${name}`) };
}

/** Shared between requests: nobody may change it. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
