import type { RedisClient } from '../redis/redis.js';
import type { BusMessage } from './bus-message.js';

/** The streams of the event bus, as one consumer of the group sees them. Everything rejects while Redis is away. */
export interface BusStreams {
  /** Joins the group, and makes it where it is missing: at the beginning of what the stream holds. */
  join(): Promise<void>;
  /** Messages that nobody of the group was given yet; waits a moment for the first. */
  readNew(): Promise<BusMessage[]>;
  /** Takes over what others were given and did not finish, and how often each was given to somebody. */
  claim(): Promise<{ message: BusMessage; deliveries: number }[]>;
  /** The group is done with these. */
  acknowledge(messages: readonly BusMessage[]): Promise<void>;
  /** Messages that the group was not given yet, and those that it was given and has not finished. */
  figures(): Promise<{ lag: number; pending: number }>;
  /** Takes consumers off the list that are gone and owe nothing. */
  forgetGone(): Promise<void>;
}

export interface BusStreamsOptions {
  redis: RedisClient;
  topics: readonly string[];
  group: string;
  consumer: string;
  /** After which whoever was given a message is taken for gone. */
  claimAfterMs: number;
  /** How long {@link BusStreams.readNew} waits. */
  blockMs: number;
}

const messagesAtOnce = 200;
const goneMs = 3_600_000;

export function createBusStreams(options: BusStreamsOptions): BusStreams {
  const { redis, topics, group, consumer } = options;
  const consumersOf = async (topic: string) =>
    list(await redis.call('XINFO', 'CONSUMERS', topic, group)).map((row) => {
      const facts = toMap(row);
      return {
        name: text(facts.get('name')),
        pending: number(facts.get('pending')),
        idleMs: number(facts.get('idle')),
      };
    });

  return {
    async join() {
      for (const topic of topics)
        await redis.call('XGROUP', 'CREATE', topic, group, '0', 'MKSTREAM').catch((error: unknown) => {
          if (!isCode(error, 'BUSYGROUP')) throw error;
        });
    },
    async readNew() {
      const reply = await redis.callBuffer(
        'XREADGROUP',
        ...['GROUP', group, consumer, 'COUNT', messagesAtOnce, 'BLOCK', options.blockMs, 'STREAMS', ...topics],
        ...topics.map(() => '>'),
      );
      // One map, which arrives flat.
      return [...toMap(reply)].flatMap(([topic, entries]) => toMessages(topic, entries));
    },
    async claim() {
      const claimed = await Promise.all(
        topics.map(async (topic) => {
          const idle = [
            'XAUTOCLAIM',
            topic,
            group,
            consumer,
            options.claimAfterMs,
            '0',
            'COUNT',
            messagesAtOnce,
          ] as const;
          const [, entries] = list(await redis.callBuffer(...idle));
          const messages = toMessages(topic, entries);
          const [first, last] = [messages[0], messages.at(-1)];
          if (!first || !last) return [];
          const range = [first.entryId, last.entryId, messagesAtOnce, consumer] as const;
          const pending = list(await redis.call('XPENDING', topic, group, ...range)).map(list);
          const deliveries = new Map(pending.map(([id, , , times]) => [text(id), number(times)]));
          return messages.map((message) => ({ message, deliveries: deliveries.get(message.entryId) ?? 1 }));
        }),
      );
      return claimed.flat();
    },
    async acknowledge(messages) {
      for (const [topic, some] of Map.groupBy(messages, ({ topic }) => topic))
        await redis.call('XACK', topic, group, ...some.map(({ entryId }) => entryId));
    },
    async figures() {
      const figures = { lag: 0, pending: 0 };
      for (const topic of topics)
        for (const row of list(await redis.call('XINFO', 'GROUPS', topic))) {
          const facts = toMap(row);
          if (text(facts.get('name')) !== group) continue;
          figures.lag += number(facts.get('lag'));
          figures.pending += number(facts.get('pending'));
        }
      return figures;
    },
    async forgetGone() {
      for (const topic of topics)
        for (const { name, pending, idleMs } of await consumersOf(topic))
          if (name !== consumer && pending === 0 && idleMs > goneMs)
            await redis.call('XGROUP', 'DELCONSUMER', topic, group, name);
    },
  };
}

/** Whether Redis refused a command by this word: its errors begin with one. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(`${code} `);
}

/** One that was trimmed from its stream meanwhile has no fields. */
function toMessages(topic: string, entries: unknown): BusMessage[] {
  return list(entries).flatMap((entry) => {
    const [id, flat] = list(entry);
    if (id === undefined) return [];
    const values = list(flat).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value))));
    const fields = values.flatMap((name, at): [string, Buffer][] => {
      const value = values[at + 1];
      return at % 2 === 0 && value ? [[name.toString(), value]] : [];
    });
    return [{ topic, entryId: text(id), fields: new Map(fields) }];
  });
}

function toMap(flat: unknown): Map<string, unknown> {
  const values = list(flat);
  return new Map(
    values.flatMap((name, at): [string, unknown][] => (at % 2 === 0 ? [[text(name), values[at + 1]]] : [])),
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : String(value ?? '');
}

/** A server before Redis 7 says nothing of some. */
function number(value: unknown): number {
  return Number(value ?? 0) || 0;
}
