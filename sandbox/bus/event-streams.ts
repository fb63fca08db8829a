import { EventEmitter, once } from 'node:events';
import type { EventEntry } from './event-entry.js';

export interface StoredEntry {
  readonly id: string;
  readonly fields: EventEntry;
}

interface Pending {
  readonly entry: StoredEntry;
  consumer: string;
  givenAtMs: number;
  times: number;
}

interface Group {
  /** How many entries of the stream the group was given. */
  given: number;
  readonly pending: Map<string, Pending>;
  readonly seenAtMs: Map<string, number>;
}

interface Stream {
  readonly entries: StoredEntry[];
  readonly groups: Map<string, Group>;
}

/** The group, or its stream, does not exist. */
export class NoGroup extends Error {}

/** Streams with consumer groups, as far as a reader of the LMS's event bus needs them. */
export class EventStreams {
  readonly #streams = new Map<string, Stream>();
  readonly #news = new EventEmitter().setMaxListeners(0);
  #sequence = 0;

  add(name: string, fields: EventEntry): string {
    const id = `${Date.now()}-${this.#sequence++}`;
    this.#stream(name).entries.push({ id, fields });
    this.#news.emit('entry');
    return id;
  }

  /** @returns false when it is there already */
  createGroup(name: string, group: string): boolean {
    const { groups } = this.#stream(name);
    if (groups.has(group)) return false;
    groups.set(group, { given: 0, pending: new Map(), seenAtMs: new Map() });
    return true;
  }

  /** Gives new entries to a consumer; waits up to `blockMs` for the first, or until `signal` ends it. */
  async read(
    names: readonly string[],
    group: string,
    consumer: string,
    { count, blockMs, signal }: { count: number; blockMs: number; signal: AbortSignal },
  ): Promise<Map<string, StoredEntry[]>> {
    const deadline = Date.now() + blockMs;
    for (;;) {
      const found = new Map<string, StoredEntry[]>();
      for (const name of names) {
        const entries = this.#give(name, group, consumer, count);
        if (entries.length > 0) found.set(name, entries);
      }
      const leftMs = deadline - Date.now();
      if (found.size > 0 || leftMs <= 0 || signal.aborted) return found;
      const wait = AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
      await once(this.#news, 'entry', { signal: wait }).catch(() => {});
    }
  }

  /** @returns how many of them the group was given and had not finished */
  acknowledge(name: string, group: string, ids: readonly string[]): number {
    const { pending } = this.#group(name, group);
    return ids.filter((id) => pending.delete(id)).length;
  }

  /** Gives a consumer what others were given so long ago and did not finish. */
  claim(name: string, group: string, consumer: string, minIdleMs: number, count: number): StoredEntry[] {
    const { pending, seenAtMs } = this.#group(name, group);
    seenAtMs.set(consumer, Date.now());
    const idle = [...pending.values()].filter(({ givenAtMs }) => Date.now() - givenAtMs >= minIdleMs).slice(0, count);
    for (const each of idle) Object.assign(each, { consumer, givenAtMs: Date.now(), times: each.times + 1 });
    return idle.map(({ entry }) => entry);
  }

  /** What a group was given and has not finished, oldest first. */
  pending(name: string, group: string): readonly Readonly<Pending>[] {
    return [...this.#group(name, group).pending.values()];
  }

  groups(name: string): { name: string; consumers: number; pending: number; lag: number }[] {
    const { groups, entries } = this.#stream(name);
    return [...groups].map(([name, { given, pending, seenAtMs }]) => ({
      name,
      consumers: seenAtMs.size,
      pending: pending.size,
      lag: entries.length - given,
    }));
  }

  consumers(name: string, group: string): { name: string; pending: number; idle: number }[] {
    const { pending, seenAtMs } = this.#group(name, group);
    return [...seenAtMs].map(([consumer, at]) => ({
      name: consumer,
      pending: [...pending.values()].filter((each) => each.consumer === consumer).length,
      idle: Date.now() - at,
    }));
  }

  #give(name: string, group: string, consumer: string, count: number): StoredEntry[] {
    const found = this.#group(name, group);
    found.seenAtMs.set(consumer, Date.now());
    const entries = this.#stream(name).entries.slice(found.given, found.given + count);
    found.given += entries.length;
    for (const entry of entries) found.pending.set(entry.id, { entry, consumer, givenAtMs: Date.now(), times: 1 });
    return entries;
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name) ?? { entries: [], groups: new Map() };
    this.#streams.set(name, stream);
    return stream;
  }

  #group(name: string, group: string): Group {
    const found = this.#streams.get(name)?.groups.get(group);
    if (found === undefined) throw new NoGroup(`No such key '${name}' or consumer group '${group}'`);
    return found;
  }
}
