import { Redis } from 'ioredis';
import type { Logger } from '../logger.js';

/** A client of Redis or Valkey that outlives every outage; disposing it ends it at once. */
export type RedisClient = Redis & Disposable;

export interface RedisOptions {
  logger: Logger;
  /** What the connection is for, as `CLIENT LIST` of the server and our logs name it: `portico-cache`. */
  name: string;
  /**
   * After which a command that was not answered fails. Leave it out where commands block; a connection on which nothing comes
   * for {@link silenceMs} while an answer is owed is given up either way.
   */
  answerMs?: number;
}

const connectMs = 5_000;
/** Longer than any command of ours blocks. */
const silenceMs = 10_000;
const longestPauseMs = 2_000;

/**
 * Connects in the background and comes back after each loss, for ever: Redis may be away when Portico starts. While it is away
 * commands fail at once and nothing is queued, so that callers go on without it; `status` is `'ready'` while it is there.
 *
 * @param url - `redis://` or `rediss://`, with user, password and database where needed; its secrets are never logged
 */
export function connectRedis(url: string, { logger, name, answerMs }: RedisOptions): RedisClient {
  const redis = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    // A replica after a failover refuses writes: whoever moved the name to the new primary is found by connecting anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    retryStrategy: (times) => Math.min(longestPauseMs, 50 * 2 ** times) * (0.75 + Math.random() / 4),
    ...(answerMs !== undefined && { commandTimeout: answerMs }),
  });
  let isAway = false;
  // The error itself holds the refused command, which for AUTH is the password.
  redis.on('error', ({ message }: Error) => {
    if (!isAway) logger.warn({ redis: name, reason: message }, 'Redis is away; trying to reach it');
    isAway = true;
  });
  redis.on('close', () => {
    if (!isAway && redis.status !== 'end') logger.warn({ redis: name }, 'lost the connection to Redis');
    isAway = true;
  });
  redis.on('ready', () => {
    logger.info({ redis: name }, isAway ? 'Redis is back' : 'connected to Redis');
    isAway = false;
  });
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
}
