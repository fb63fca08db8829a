import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { Logger } from '../logger.js';
import { connectRedis, type RedisClient } from '../redis/redis.js';
import { createBusStreams, isCode } from './bus-streams.js';
import { readBus } from './read-bus.js';
import type { TakeMessagesDeps } from './take-messages.js';

/** How this process's consumer of the event bus is doing. */
export interface BusState {
  isRunning: boolean;
  /** Whether the bus answered lately. */
  isReachable: boolean;
  /** Messages that the group was not given yet, and those that somebody of it works on; as of a few seconds ago. */
  lag: number | undefined;
  pending: number | undefined;
}

/** Reads the LMS's event bus as one consumer of the installation's group. */
export interface BusConsumer extends AsyncDisposable {
  /** Connects, and reads until it is disposed. While Redis is away it waits, and goes on where the group was. */
  start(): void;
  state(): BusState;
}

/** In milliseconds; tests are less patient. */
export interface BusPatience {
  /** After which whoever was given a message is taken for gone. */
  claimAfterMs: number;
  /** Between two looks after the group. */
  careMs: number;
  /** How long a read waits for the first message. */
  blockMs: number;
}

export interface BusConsumerOptions extends TakeMessagesDeps {
  /** `redis://…` */
  url: string;
  config: Config['eventBus'];
  logger: Logger;
  patience?: Partial<BusPatience> | undefined;
}

const usualPatience: BusPatience = { claimAfterMs: 30_000, careMs: 10_000, blockMs: 2_000 };
const awayPauseMs = 250;
const errorPauseMs = 1_000;
const unknown = { isReachable: false, lag: undefined, pending: undefined };

export function createBusConsumer(options: BusConsumerOptions): BusConsumer {
  const stop = new AbortController();
  let state: BusState = { isRunning: false, ...unknown };
  let running: Promise<void> | undefined;
  let redis: RedisClient | undefined;

  return {
    start() {
      if (running) return;
      state = { ...state, isRunning: true };
      redis = connectRedis(options.url, { logger: options.logger, name: 'portico-event-bus' });
      running = keepReading(redis, options, stop.signal, (change) => {
        state = { ...state, ...change };
      });
    },
    state: () => state,
    async [Symbol.asyncDispose]() {
      stop.abort();
      // A read that waits ends with the connection. What was taken and not acknowledged is given to another process.
      redis?.[Symbol.dispose]();
      await running;
      state = { isRunning: false, ...unknown };
    },
  };
}

async function keepReading(
  redis: RedisClient,
  options: BusConsumerOptions,
  signal: AbortSignal,
  tell: (change: Partial<BusState>) => void,
): Promise<void> {
  const { config, logger } = options;
  const { careMs, ...patience } = { ...usualPatience, ...options.patience };
  const streams = createBusStreams({
    redis,
    topics: config.topics.map((topic) => (config.topicPrefix ? `${config.topicPrefix}-${topic}` : topic)),
    group: config.consumerGroup,
    consumer: config.consumerName ?? `${hostname()}-${crypto.randomUUID().slice(0, 8)}`,
    ...patience,
  });
  const onFigures = (figures: { lag: number; pending: number }) => tell({ isReachable: true, ...figures });
  while (!signal.aborted) {
    try {
      if (redis.status === 'ready') await readBus({ ...options, streams, careMs, signal, onFigures });
    } catch (error) {
      if (signal.aborted) return;
      // The client tells of lost connections. A Redis that came back empty has no group: it is made again.
      if (redis.status === 'ready' && !isCode(error, 'NOGROUP')) {
        logger.warn({ reason: error instanceof Error ? error.message : error }, 'the event bus could not be read');
        await pause(errorPauseMs, undefined, { signal }).catch(() => {});
      }
    }
    tell(unknown);
    await pause(awayPauseMs, undefined, { signal }).catch(() => {});
  }
}
