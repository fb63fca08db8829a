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

/**
 * Listens to PostgreSQL notifications on one connection of its own, and comes back after losing it.
 *
 * @param databaseUrl - `postgres://…`; must be a direct connection, since poolers in transaction mode swallow LISTEN
 */
export async function createChangeFeed({
  databaseUrl,
  logger,
}: {
  databaseUrl: string;
  logger: Logger;
}): Promise<ChangeFeed> {
  const listeners = new Set<Listener>();
  const resyncListeners = new Set<() => void>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const connect = async () => {
    const next = new pg.Client({ connectionString: databaseUrl, application_name: 'portico-changes', keepAlive: true });
    next.on('error', (error) => logger.warn({ err: error }, 'lost the change feed'));
    next.on('end', scheduleReconnect);
    next.on('notification', ({ payload }) => {
      const change = JSON.parse(payload ?? 'null') as Change;
      for (const listener of listeners) listener(change);
    });
    await next.connect();
    await next.query(`listen ${changeChannel}`);
    client = next;
  };
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
      await client?.end();
    },
  };
}
