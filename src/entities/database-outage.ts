import { DriverException, type MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { DatabaseUnavailableError } from '../errors.js';
import { type DatabaseWatch, watchDatabase } from './database-watch.js';

/** How long to wait for a database that does not answer, so that callers are told soon. */
export interface DatabasePatience {
  /** For a connection to be made. */
  connectMs: number;
  /** For one that others use. */
  turnMs: number;
  /** For the answer to one statement. */
  answerMs: number;
}

export const databasePatience: DatabasePatience = { connectMs: 3_000, turnMs: 20_000, answerMs: 10_000 };
/** A wait for a connection of this length is reason to look whether the database is there at all. */
const suspiciousWaitMs = 1_000;

/**
 * SQLSTATE of what ends a connection, or keeps one from being made, without the statement being to blame: classes 08
 * (connection), 53 (resources) and 57P (operator intervention), a database that takes no connections, and a server that has
 * become a standby.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const outageStates = /^(08...|53...|57P..|25006)$/;

/** Options of a pool that waits no longer. */
export function patientPool({ connectMs, turnMs, answerMs }: DatabasePatience): pg.PoolConfig {
  class PatientClient extends pg.Client {
    constructor(options: pg.ClientConfig = {}) {
      // The pool hides the password from enumeration.
      const own = Object.defineProperties({}, Object.getOwnPropertyDescriptors(options));
      super(Object.assign(own, { connectionTimeoutMillis: connectMs }));
    }
  }
  return { connectionTimeoutMillis: turnMs, query_timeout: answerMs, keepAlive: true, Client: PatientClient };
}

/**
 * Has a pool say {@link DatabaseUnavailableError} whenever the database is the reason: no connection in time, a connection
 * that broke, no answer in time; and at once, to all who ask or wait, while it is known to be away. A connection that failed
 * so is not used again. Errors of statements stay as they are.
 */
export function raiseOutages(pool: pg.Pool): void {
  const watch = watchDatabase(pool);
  const toOutage = (error: unknown): unknown => {
    if (!isOutage(error)) return error;
    watch.suspect();
    return new DatabaseUnavailableError({ cause: error });
  };
  const watched = new WeakSet<pg.PoolClient>();
  // Emitted for each use of a connection, before the user gets it.
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    wrap(client, 'query', (error) => {
      const told = toOutage(error);
      // With a statement under way this breaks the connection, and the pool drops it.
      if (told !== error && client instanceof pg.Client) client.end().catch(() => undefined);
      return told;
    });
  });
  // A connection that breaks tells the pool, which tells whoever asked it to run a statement.
  wrap(pool, 'query', toOutage);
  waitNoLongerThanNeeded(pool, watch);
}

/** Has the ORM hand on what {@link raiseOutages} says of its pool, where it would make an error of its own of it. */
export async function raiseOutagesOf(orm: MikroORM): Promise<void> {
  const converter = orm.em.getPlatform().getExceptionConverter();
  const convert = converter.convertException.bind(converter);
  Object.defineProperty(converter, 'convertException', {
    value: (error: Error & { code?: string }): Error =>
      error instanceof DatabaseUnavailableError ? error : convert(error),
  });
  raiseOutages(await orm.em.getDriver().getConnection().getNativeClient());
}

/** Errors of ours, and those about a value to be sent; anything else that the server did not say happened to the connection. */
const notOutages = [DatabaseUnavailableError, DriverException, TypeError, RangeError];

function isOutage(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return outageStates.test(error.code ?? '') || error.severity === 'FATAL';
  return !notOutages.some((kind) => error instanceof kind);
}

type Connected = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: (error?: boolean | Error) => void,
) => void;

/** Whatever goes wrong with a connection that was asked for is an outage, and nobody waits for one that will not come. */
function waitNoLongerThanNeeded(pool: pg.Pool, watch: DatabaseWatch): void {
  const connect = pool.connect.bind(pool);
  const acquire = (connected: Connected): void => {
    if (watch.isAway()) {
      connected(new DatabaseUnavailableError());
      return;
    }
    let isSettled = false;
    const settle: Connected = (error, client, release) => {
      if (isSettled) {
        // It came after all; the next one takes it. Not within this call: of thousands that wait, each would hand it to the next.
        if (release) queueMicrotask(() => release());
        return;
      }
      isSettled = true;
      clearTimeout(suspicion);
      stopListening();
      if (error) watch.suspect();
      const settled = client && !error ? releaseWhenBroken(client) : release;
      connected(error && new DatabaseUnavailableError({ cause: error }), client, settled);
    };
    const suspicion = setTimeout(() => watch.suspect(), suspiciousWaitMs);
    const stopListening = watch.onAway(() => settle(new DatabaseUnavailableError()));
    connect(settle);
  };
  Object.defineProperty(pool, 'connect', {
    configurable: true,
    value: (connected?: Connected) => {
      if (connected) {
        acquire(connected);
        return undefined;
      }
      return new Promise((resolve, reject) => {
        acquire((error, client) => (error ? reject(error) : resolve(client)));
      });
    },
  });
}

/**
 * Gives a connection that breaks back to the pool, which drops it. A transaction that can no longer be rolled back never does so itself,
 * and each outage would take places of the pool for ever.
 */
function releaseWhenBroken(client: pg.PoolClient): pg.PoolClient['release'] {
  const give = client.release.bind(client);
  let isReleased = false;
  const release: pg.PoolClient['release'] = (error) => {
    if (isReleased) return;
    isReleased = true;
    client.off('end', onEnd);
    give(error);
  };
  const onEnd = () => release(new DatabaseUnavailableError());
  client.once('end', onEnd);
  client.release = release;
  return release;
}

/** Puts `translate` between a method of the driver, which answers by promise or callback, and whoever hears of its errors. */
function wrap(target: object, method: 'query', translate: (error: unknown) => unknown): void {
  const original: unknown = Reflect.get(target, method);
  if (typeof original !== 'function') throw new Error(`the database driver has no ${method}`);
  Object.defineProperty(target, method, {
    configurable: true,
    value: (...values: unknown[]) => {
      const callback = values.at(-1);
      if (typeof callback === 'function')
        values[values.length - 1] = (error: unknown, ...rest: unknown[]) =>
          callback(error ? translate(error) : error, ...rest);
      const answer: unknown = Reflect.apply(original, target, values);
      if (!(answer instanceof Promise)) return answer;
      return answer.catch((error: unknown) => {
        throw translate(error);
      });
    },
  });
}
