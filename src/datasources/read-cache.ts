import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { UpstreamName } from '../errors.js';
import type { Answer, KeyedAnswers } from './keyed-answers.js';
import type { CallOptions } from './upstream/call.js';
import { type Deadline, startDeadline, type Timeouts } from './upstream/deadline.js';
import { unavailable } from './upstream/failure.js';
import { isAwaited } from './upstream/purpose.js';

export interface ReadCacheOptions<K, V> {
  /** Keys of the same name are the same key. */
  nameOf(key: K): string;
  /** Reads many keys in the fewest calls; an answer or error for each, by name. */
  read(keys: readonly K[], options: CallOptions): Promise<KeyedAnswers<V>>;
  ttlMs: number;
  /** For answers that say "there is none", which events tend to change soon. */
  negativeTtlMs: number;
  isNegative(value: V): boolean;
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

interface Entry<V> {
  value: V;
  at: number;
  /** Known to be outdated: good for nothing but an outage. */
  isInvalid: boolean;
}

const maxEntries = 20_000;
/** For so much longer than its time a value is answered at once and read again behind. */
const revalidatePart = 0.5;
/** For so long a value may stand in for an upstream that fails. */
const maxStaleMs = 24 * 3_600_000;

/**
 * Values of one kind, read by many requests: each key is under way at most once, a fresh value costs no call, an old one
 * outlives an outage.
 */
export class ReadCache<K, V> {
  readonly #options: ReadCacheOptions<K, V>;
  readonly #entries = new LRUCache<string, Entry<V>>({ max: maxEntries });
  readonly #flights = new Map<string, Promise<Answer<V>>>();
  #failingSince: Date | undefined;

  constructor(options: ReadCacheOptions<K, V>) {
    this.#options = options;
  }

  /**
   * Answers in the order of the keys; never rejects.
   *
   * @param options - `deadline` ends this caller's wait, not the read, for which others may wait longer
   */
  async load(keys: readonly K[], options: CallOptions): Promise<CacheAnswer<V>[]> {
    const missing = keys.filter(
      (key) => this.#ageOf(key) === 'expired' && !this.#flights.has(this.#options.nameOf(key)),
    );
    if (missing.length > 0) this.#fly(missing, options);
    const aging = keys.filter((key) => this.#ageOf(key) === 'aging' && !this.#flights.has(this.#options.nameOf(key)));
    if (aging.length > 0) this.#fly(aging, { ...options, purpose: refreshPurpose(options.purpose) });
    return Promise.all(keys.map((key) => this.#answer(key, options.deadline)));
  }

  /** A value that needs no call, or the flight that will bring it; undefined when neither is there. */
  peek(key: K, deadline?: Deadline): Promise<CacheAnswer<V>> | undefined {
    const isKnown = this.#ageOf(key) !== 'expired' || this.#flights.has(this.#options.nameOf(key));
    return isKnown ? this.#answer(key, deadline) : undefined;
  }

  /** The value to fall back on in an outage. */
  lastKnown(key: K): { value: V; asOf: Date } | undefined {
    const entry = this.#entries.get(this.#options.nameOf(key));
    if (!entry || this.#now() - entry.at > maxStaleMs) return undefined;
    return { value: entry.value, asOf: new Date(entry.at) };
  }

  /** The next load reads it again; a flight under way may still have the old state and is not joined any more. */
  invalidate(key: K): void {
    const name = this.#options.nameOf(key);
    this.#flights.delete(name);
    const entry = this.#entries.peek(name);
    if (entry) entry.isInvalid = true;
  }

  /** Drops a value for good: something newer is stored elsewhere, to which this one must not be preferred in an outage. */
  forget(key: K): void {
    const name = this.#options.nameOf(key);
    this.#flights.delete(name);
    this.#entries.delete(name);
  }

  invalidateAll(): void {
    this.#flights.clear();
    for (const entry of this.#entries.values()) entry.isInvalid = true;
  }

  async #answer(key: K, deadline: Deadline | undefined): Promise<CacheAnswer<V>> {
    const name = this.#options.nameOf(key);
    const entry = this.#entries.get(name);
    if (entry && this.#ageOf(key) !== 'expired') return { value: entry.value, asOf: new Date(entry.at) };
    const answer = await this.#waitFor(this.#flights.get(name), deadline);
    if (answer && 'value' in answer) return { value: answer.value, asOf: new Date(this.#now()) };
    const trouble = { error: answer?.error, since: this.#failingSince ?? this.#options.clock() };
    const known = this.lastKnown(key);
    return known ? { ...known, trouble } : { trouble };
  }

  /** The flight's answer, or the error of a wait that came to its end. */
  async #waitFor(
    flight: Promise<Answer<V>> | undefined,
    deadline: Deadline | undefined,
  ): Promise<Answer<V> | undefined> {
    if (!flight || !deadline) return flight;
    const { promise: end, resolve } = Promise.withResolvers<Answer<V>>();
    const tooLate = () => resolve({ error: unavailable(this.#options.upstream, 'timeout') });
    const timer = setTimeout(tooLate, deadline.remainingMs());
    return Promise.race([flight, end]).finally(() => clearTimeout(timer));
  }

  #fly(keys: readonly K[], { purpose, priority, trace }: CallOptions): void {
    const { nameOf, read } = this.#options;
    // For everyone who comes to want these keys: the first caller's leaving does not end it.
    const options: CallOptions = { purpose, priority, trace, deadline: this.#sharedDeadline(purpose) };
    const reading = read([...new Map(keys.map((key) => [nameOf(key), key])).values()], options).catch(
      (error: unknown) => error,
    );
    for (const name of new Set(keys.map(nameOf))) {
      const flight = reading.then((answers) => {
        const answer = answers instanceof Map ? (answers.get(name) ?? noAnswer(name)) : { error: answers };
        const isCurrent = this.#flights.get(name) === flight;
        if (isCurrent) this.#flights.delete(name);
        this.#note(name, answer, isCurrent);
        return answer;
      });
      this.#flights.set(name, flight);
    }
  }

  #note(name: string, answer: Answer<V>, isCurrent: boolean): void {
    if ('error' in answer) {
      this.#failingSince ??= this.#options.clock();
      return;
    }
    this.#failingSince = undefined;
    if (isCurrent) this.#entries.set(name, { value: deepFreeze(answer.value), at: this.#now(), isInvalid: false });
  }

  #ageOf(key: K): 'fresh' | 'aging' | 'expired' {
    const entry = this.#entries.peek(this.#options.nameOf(key));
    if (!entry || entry.isInvalid) return 'expired';
    const { ttlMs, negativeTtlMs, isNegative } = this.#options;
    const age = this.#now() - entry.at;
    const isNone = isNegative(entry.value);
    if (age <= (isNone ? negativeTtlMs : ttlMs)) return 'fresh';
    return !isNone && age <= ttlMs * (1 + revalidatePart) ? 'aging' : 'expired';
  }

  /** One person waits for all calls of a read together; the calls of a job have their time each. */
  #sharedDeadline(purpose: CallOptions['purpose']): Deadline | undefined {
    return isAwaited(purpose) ? startDeadline(purpose, this.#options.timeouts) : undefined;
  }

  #now(): number {
    return this.#options.clock().getTime();
  }
}

function refreshPurpose(purpose: CallOptions['purpose']): CallOptions['purpose'] {
  return purpose === 'request' ? 'refresh' : purpose;
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
