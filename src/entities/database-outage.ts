import { DriverException, type MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { DatabaseUnavailableError } from '../errors.js';

/** How long to wait for a database that does not answer, so that callers are told soon. */
export interface DatabasePatience {
  /** For a free connection, or a new one. */
  connectMs: number;
  /** For the answer to one statement. */
  answerMs: number;
}

export const databasePatience: DatabasePatience = { connectMs: 3_000, answerMs: 10_000 };

/**
 * SQLSTATE of what ends a connection, or keeps one from being made, without the statement being to blame: classes 08
 * (connection), 53 (resources) and 57P (operator intervention), a database that takes no connections, and a server that has
 * become a standby.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const outageStates = /^(08...|53...|57P..|25006)$/;

/**
 * Has a pool say {@link DatabaseUnavailableError} whenever the database is the reason: no connection in time, a connection
 * that broke, no answer in time. A connection that failed so is not used again. Errors of statements stay as they are.
 */
export function raiseOutages(pool: pg.Pool): void {
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
  wrap(pool, 'connect', (error) =>
    error instanceof DatabaseUnavailableError ? error : new DatabaseUnavailableError({ cause: error }),
  );
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

function toOutage(error: unknown): unknown {
  return isOutage(error) ? new DatabaseUnavailableError({ cause: error }) : error;
}

function isOutage(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return outageStates.test(error.code ?? '') || error.severity === 'FATAL';
  return !notOutages.some((kind) => error instanceof kind);
}

/** Puts `translate` between a method of the driver, which answers by promise or callback, and whoever hears of its errors. */
function wrap(target: object, method: 'query' | 'connect', translate: (error: unknown) => unknown): void {
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
