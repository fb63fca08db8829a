import pg from 'pg';
import type { Logger } from '../logger.js';
import { type Change, changeChannel } from './change.js';
import { createRollCall, feedName, type RollCallMessage } from './roll-call.js';

type Listener = (change: Change) => void;

/** Everything that this process hears of changes, its own included. */
export interface ChangeFeed extends AsyncDisposable {
  /**
   * Stands for the present connection, from the moment that every change arrives by it; `undefined` while none does. What was
   * read under one is not known to be true under the next.
   */
  connection(): symbol | undefined;
  /** Tells the listeners of this process of a committed change at once: by way of the database they hear of it a moment later. */
  tellOwn(change: Change): void;
  /** Resolves when all processes have heard of what was committed before; what must hold everywhere is answered after it. */
  everyoneHeard(): Promise<void>;
  /** @returns how to stop listening */
  subscribe(listener: Listener): () => void;
  /** Called after a gap in which changes may have been missed: drop caches, read again. */
  onResync(listener: (gap: FeedGap) => void): () => void;
}

/** A time in which changes may have been missed. */
export interface FeedGap {
  /** What was written before has been heard of, also when the clock of whoever wrote it is behind, and it committed late. */
  since: Date;
}

const reconnectDelayMs = 500;
const connectTimeoutMs = 3_000;
/** The longest that a transaction takes from its first row to its commit, and that clocks of processes are apart. */
const lateMs = 60_000;

/**
 * Listens to PostgreSQL notifications on one connection of its own, and comes back after losing it.
 *
 * @param databaseUrl - `postgres://…`; must be a direct connection, since poolers in transaction mode swallow LISTEN
 * @param silenceMs - after which a connection is taken for lost: one that broke without a word would stay silent for ever
 */
export async function createChangeFeed({
  databaseUrl,
  logger,
  silenceMs = 10_000,
}: {
  databaseUrl: string;
  logger: Logger;
  silenceMs?: number;
}): Promise<ChangeFeed> {
  const heartbeatMs = silenceMs / 2;
  const listeners = new Set<Listener>();
  const resyncListeners = new Set<(gap: FeedGap) => void>();
  /** When the connection was last known to be whole. */
  let wholeAt = Date.now();
  let listening: pg.Client | undefined;
  /** The same, while it is sure to hear. */
  let current: { client: pg.Client; connection: symbol } | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  const rollCall = createRollCall(() => current?.client, logger);
  const connect = async () => {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: feedName,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: heartbeatMs,
    });
    next.on('error', (error) => {
      if (current?.client === next) current = undefined;
      logger.warn({ err: error }, 'lost the change feed');
    });
    next.on('end', () => next === listening && scheduleReconnect());
    next.on('notification', ({ payload }) => {
      wholeAt = Date.now();
      const message = JSON.parse(payload ?? 'null') as Change | RollCallMessage;
      if (message.topic === 'roll-call' || message.topic === 'heard') rollCall.hear(message);
      else tell(message);
    });
    try {
      await next.connect();
      await next.query(`listen ${changeChannel}`);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    if (isClosed) {
      await next.end();
      return;
    }
    listening = next;
    current = { client: next, connection: Symbol('change feed') };
  };
  const heartbeat = setInterval(() => {
    const client = current?.client;
    // Ending it while it owes an answer breaks the connection, and leads to a new one.
    client?.query('select 1').then(
      () => {
        wholeAt = Date.now();
      },
      () => {
        if (current?.client === client) current = undefined;
        client.end().catch(() => undefined);
      },
    );
  }, heartbeatMs);
  heartbeat.unref();
  const scheduleReconnect = () => {
    listening = undefined;
    current = undefined;
    if (isClosed || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      connect().then(
        () => {
          const gap = { since: new Date(wholeAt - lateMs) };
          wholeAt = Date.now();
          for (const listener of resyncListeners) listener(gap);
        },
        () => scheduleReconnect(),
      );
    }, reconnectDelayMs);
  };

  await connect();
  return {
    connection: () => current?.connection,
    tellOwn: tell,
    everyoneHeard: () => rollCall.everyoneHeard(),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onResync: (listener) => {
      resyncListeners.add(listener);
      return () => resyncListeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(retry);
      clearInterval(heartbeat);
      await listening?.end();
    },
  };
}
