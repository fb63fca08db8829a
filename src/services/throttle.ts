import pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { sha256 } from '../crypto/hash.js';
import { databasePatience, patientPool, raiseOutages } from '../entities/database-outage.js';

/** Counts failures (or mails, or whatever must not come too often) per key, the same for all processes on one database. */
export interface Throttle {
  /** How many were counted in the present window. */
  count(key: string): Promise<number>;
  /** Counts one more. What must not go past the limit is counted before it is done: many may come at once. */
  record(key: string): Promise<ThrottleState>;
  /** Starts over. */
  forget(key: string): Promise<void>;
}

export interface ThrottleState {
  count: number;
  /** Whether the limit is passed. */
  isOver: boolean;
  retryAfterSeconds: number;
}

export interface ThrottleStore extends AsyncDisposable {
  /**
   * @param name - keeps the keys of one use from meeting those of another
   * @param limit - how many a window allows
   */
  create(options: { name: string; limit: number; windowSeconds: number }): Throttle;
}

/**
 * Keeps the counts in PostgreSQL, on two connections of its own, so that a busy pool does not slow down what protects it.
 * Keys are stored as hashes: they are made of addresses and identifiers.
 *
 * @param databaseUrl - `postgres://…`, migrated
 */
export function createThrottleStore({ databaseUrl }: { databaseUrl: string }): ThrottleStore {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 2,
    application_name: 'portico-throttle',
    ...patientPool(databasePatience),
  });
  raiseOutages(pool);
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => {});
  return {
    create: ({ name, limit, windowSeconds }) =>
      createThrottle(
        new RateLimiterPostgres({
          storeClient: pool,
          tableName: 'throttle',
          tableCreated: true,
          keyPrefix: name,
          points: limit,
          duration: windowSeconds,
        }),
        limit,
      ),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

function createThrottle(limiter: RateLimiterPostgres, limit: number): Throttle {
  return {
    count: async (key) => (await limiter.get(sha256(key)))?.consumedPoints ?? 0,
    record: async (key) => {
      const { consumedPoints, msBeforeNext } = await limiter.penalty(sha256(key));
      return { count: consumedPoints, isOver: consumedPoints > limit, retryAfterSeconds: secondsOf(msBeforeNext) };
    },
    forget: async (key) => {
      await limiter.delete(sha256(key));
    },
  };
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
