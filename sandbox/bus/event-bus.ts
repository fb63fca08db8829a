import { Redis } from 'ioredis';
import type { EventEntry } from './event-entry.js';
import { StreamServer } from './stream-server.js';

/** Where the LMS's events go. */
export interface EventBus {
  /** Where Portico reads them. */
  readonly url: string;
  /** Resolves when the event is there for readers. */
  publish(entry: EventEntry): Promise<void>;
  close(): Promise<void>;
}

export interface EventBusOptions {
  /** A real Redis; without it the sandbox is the bus itself. */
  readonly url?: string;
  /** Port of the sandbox's own bus; 0 takes a free one. */
  readonly port?: number;
  /** Stream, with its prefix. */
  readonly topic: string;
}

const STREAM_LENGTH = 10_000;

/** Connects with a real Redis, or serves the same bytes on loopback. */
export async function openEventBus({ url, port = 0, topic }: EventBusOptions): Promise<EventBus> {
  if (url === undefined) {
    const server = await StreamServer.listen(port);
    return {
      url: server.url,
      publish: async (entry) => void server.streams.add(topic, entry),
      close: () => server.close(),
    };
  }
  const redis = new Redis(url, { connectionName: 'sandbox-lms', maxRetriesPerRequest: null });
  // It comes back by itself, and what is published meanwhile waits.
  redis.on('error', () => {});
  return {
    url,
    async publish(entry) {
      await redis.xadd(topic, 'MAXLEN', '~', STREAM_LENGTH, '*', ...entry.flat());
    },
    close: async () => redis.disconnect(),
  };
}
