import pg from 'pg';
import type { Logger } from '../logger.js';
import { type Change, changeChannel } from './change.js';

type Listener = (change: Change) => void;

/** Everything that this process hears of changes, its own included. */
export interface ChangeFeed extends AsyncDisposable {
  /** @returns how to stop listening */
  subscribe(listener: Listener): () => void;
  /** Called after a gap in which changes may have been missed: drop caches, read again. */
  onResync(listener: () => void): () => void;
}

const reconnectDelayMs = 500;
const connectTimeoutMs = 3_000;

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
  const resyncListeners = new Set<() => void>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const connect = async () => {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'portico-changes',
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: heartbeatMs,
    });
    next.on('error', (error) => logger.warn({ err: error }, 'lost the change feed'));
    next.on('end', () => client === next && scheduleReconnect());
    next.on('notification', ({ payload }) => {
      const change = JSON.parse(payload ?? 'null') as Change;
      for (const listener of listeners) listener(change);
    });
    try {
      await next.connect();
      await next.query(`listen ${changeChannel}`);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    if (isClosed) await next.end();
    else client = next;
  };
  const heartbeat = setInterval(() => {
    const listening = client;
    // Ending it while it owes an answer breaks the connection, and leads to a new one.
    listening?.query('select 1').catch(() => listening.end().catch(() => undefined));
  }, heartbeatMs);
  heartbeat.unref();
  const scheduleReconnect = () => {
    client = undefined;
    if (isClosed || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      connect().then(
        () => {
          for (const listener of resyncListeners) listener();
        },
        () => scheduleReconnect(),
      );
    }, reconnectDelayMs);
  };

  await connect();
  return {
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
      await client?.end();
    },
  };
}
