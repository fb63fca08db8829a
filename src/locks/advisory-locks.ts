import pg from 'pg';
import type { Logger } from '../logger.js';

/**
 * Locks between processes, held by one database connection for as long as a task runs, and gone the moment that the process
 * or its connection is: what a killed process held is free at once. They order work; where more is at stake the database's
 * constraints and the LMS's own decide.
 */
export interface AdvisoryLocks extends AsyncDisposable {
  /**
   * Runs `task` while this process alone holds `name`; waits up to `waitMs` for whoever holds it now.
   *
   * @throws {@link LockBusyError} when it is still taken then
   */
  run<T>(name: string, task: () => Promise<T>, options?: { waitMs?: number }): Promise<T>;
  /** Holds `name` until it is dropped, also beyond lost connections. */
  hold(name: string): Promise<void>;
  drop(name: string): Promise<void>;
  /** @returns which of `names` no living process holds */
  notHeld(names: readonly string[]): Promise<string[]>;
}

/** Somebody else works on this right now. Trying again soon is the answer. */
export class LockBusyError extends Error {
  override readonly name = 'LockBusyError';
  constructor(readonly lock: string) {
    super(`${lock} is being worked on`);
  }
}

const pollMs = 100;
const reconnectDelayMs = 250;
const connectTimeoutMs = 3_000;
/** First half of each lock's number, so that these locks meet no one else's. */
const lockClass = 8053;

/**
 * Connects on first use.
 *
 * @param databaseUrl - `postgres://…`; must be a direct connection, since poolers in transaction mode lose session locks
 */
export function createAdvisoryLocks({ databaseUrl, logger }: { databaseUrl: string; logger: Logger }): AdvisoryLocks {
  const running = new Set<string>();
  const permanent = new Set<string>();
  let connection: Promise<pg.Client> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  const connect = (): Promise<pg.Client> => {
    if (connection) return connection;
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'portico-locks',
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    const attempt = client.connect().then(() => client);
    const forget = () => {
      if (connection !== attempt) return;
      connection = undefined;
      if (permanent.size > 0) holdAgainSoon();
    };
    client.on('error', (error) => logger.warn({ err: error }, 'lost the connection that holds locks'));
    client.on('end', forget);
    attempt.catch(forget);
    connection = attempt;
    return attempt;
  };
  /** One statement at a time: a connection takes no second one before the first is answered. */
  let last: Promise<unknown> = Promise.resolve();
  const ask = <Row extends pg.QueryResultRow>(client: pg.Client, sql: string, values: unknown[]): Promise<Row[]> => {
    const answer = last.then(async () => (await client.query<Row>(sql, values)).rows);
    last = answer.catch(() => undefined);
    return answer;
  };
  const tryLock = async (name: string): Promise<boolean> => {
    const rows = await ask<{ ok: boolean }>(await connect(), 'select pg_try_advisory_lock($1, hashtext($2)) as ok', [
      lockClass,
      name,
    ]);
    return rows[0]?.ok === true;
  };
  const unlock = async (name: string): Promise<void> => {
    // Without a connection the lock is already gone.
    const client = await connection?.catch(() => undefined);
    if (client)
      await ask(client, 'select pg_advisory_unlock($1, hashtext($2))', [lockClass, name]).catch(() => undefined);
  };
  const holdAgainSoon = () => {
    if (isClosed) return;
    retry ??= setTimeout(() => {
      retry = undefined;
      // A new connection may come before the server has noticed the end of the old one; taking a lock twice is harmless.
      Promise.all([...permanent].map(tryLock)).then(
        (held) => held.includes(false) && holdAgainSoon(),
        () => holdAgainSoon(),
      );
    }, reconnectDelayMs);
  };
  /** A session may take its own lock twice, so the tasks of this process exclude each other by `running`. */
  const tryEnter = async (name: string): Promise<boolean> => {
    if (running.has(name)) return false;
    running.add(name);
    const isMine = await tryLock(name).catch((error) => {
      running.delete(name);
      throw error;
    });
    if (!isMine) running.delete(name);
    return isMine;
  };

  return {
    async run(name, task, { waitMs = 0 } = {}) {
      const deadline = performance.now() + waitMs;
      while (!(await tryEnter(name))) {
        if (performance.now() >= deadline) throw new LockBusyError(name);
        await new Promise((resolve) => setTimeout(resolve, pollMs * (0.5 + Math.random())));
      }
      try {
        return await task();
      } finally {
        await unlock(name);
        running.delete(name);
      }
    },
    async hold(name) {
      if (permanent.has(name)) return;
      permanent.add(name);
      const isHeld = await tryLock(name).catch(() => false);
      if (!isHeld) holdAgainSoon();
    },
    async drop(name) {
      if (permanent.delete(name)) await unlock(name);
    },
    async notHeld(names) {
      const rows = await ask<{ name: string }>(
        await connect(),
        `select name from unnest($2::text[]) as name
         where not exists (
           select 1 from pg_locks
           where locktype = 'advisory' and granted and objsubid = 2 and classid = $1::int::oid
             and objid = hashtext(name)::oid
             and database = (select oid from pg_database where datname = current_database()))`,
        [lockClass, names],
      );
      return rows.map((row) => row.name);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(retry);
      const client = await connection?.catch(() => undefined);
      await client?.end();
    },
  };
}
