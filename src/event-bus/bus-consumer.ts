import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { DatabaseUnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import { connectRedis } from '../redis/redis.js';
import type { BusMessage } from './bus-message.js';
import { createBusStreams, isCode } from './bus-streams.js';
import { park, type TakeMessagesDeps, takeMessages } from './take-messages.js';

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
  start(): void;
  state(): BusState;
}

/** For tests; in milliseconds. */
export interface BusPatience {
  claimAfterMs: number;
  /** Between two looks after the group. */
  careMs: number;
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
const longestPauseMs = 5_000;
/** Whoever is given a message for so many times without finishing it is not helped by one more. */
const mostDeliveries = 10;

/**
 * A message is acknowledged when what it is about is stored, or it is parked: what a process was given and did not finish goes to
 * another one. While Redis or the database is away it waits and goes on where the group was; nothing is lost.
 */
export function createBusConsumer(options: BusConsumerOptions): BusConsumer {
  const { config, logger } = options;
  const { blockMs, careMs, claimAfterMs } = { ...usualPatience, ...options.patience };
  const redis = connectRedis(options.url, { logger, name: 'portico-event-bus' });
  const streams = createBusStreams({
    redis,
    topics: config.topics.map((topic) => (config.topicPrefix ? `${config.topicPrefix}-${topic}` : topic)),
    group: config.consumerGroup,
    consumer: config.consumerName ?? `${hostname()}-${crypto.randomUUID().slice(0, 8)}`,
    claimAfterMs,
    blockMs,
  });
  const stop = new AbortController();
  const state: BusState = { isRunning: false, isReachable: false, lag: undefined, pending: undefined };
  let running: Promise<void> | undefined;
  let isReading = false;

  /** Until it is done: the database comes back, and what was given to us is ours. */
  const finish = async (messages: readonly BusMessage[], take: () => Promise<void>) => {
    if (messages.length === 0) return;
    for (let pauseMs = awayPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        await take();
        break;
      } catch (error) {
        if (!(error instanceof DatabaseUnavailableError)) throw error;
        logger.warn({ err: error, messages: messages.length }, 'events of the LMS wait for the database');
        await pause(pauseMs, undefined, { signal: stop.signal });
      }
    }
    await streams.acknowledge(messages);
  };
  const claim = async () => {
    for (let isMore = true; isMore && !stop.signal.aborted; ) {
      const claimed = await streams.claim();
      isMore = claimed.length > 0;
      const hopeless = claimed.filter(({ deliveries }) => deliveries > mostDeliveries).map(({ message }) => message);
      const others = claimed.filter(({ deliveries }) => deliveries <= mostDeliveries).map(({ message }) => message);
      await finish(others, () => takeMessages(options, others));
      await finish(hopeless, async () => {
        const error = new Error(`It was given to somebody more than ${mostDeliveries} times and never finished.`);
        for (const message of hopeless) await park(options, message, 'DELIVERED_TOO_OFTEN', error);
      });
    }
  };
  const work = async () => {
    let caredAt = Number.NEGATIVE_INFINITY;
    await streams.join();
    state.isReachable = true;
    while (!stop.signal.aborted) {
      if (performance.now() - caredAt >= careMs) {
        await claim();
        await streams.forgetGone();
        Object.assign(state, await streams.figures());
        caredAt = performance.now();
      }
      isReading = true;
      const messages = await streams.readNew().finally(() => (isReading = false));
      await finish(messages, () => takeMessages(options, messages));
    }
  };
  const run = async () => {
    for (let pauseMs = awayPauseMs; !stop.signal.aborted; ) {
      try {
        if (redis.status === 'ready') await work();
        else state.isReachable = false;
        pauseMs = awayPauseMs;
      } catch (error) {
        if (stop.signal.aborted) return;
        state.isReachable = false;
        Object.assign(state, { lag: undefined, pending: undefined });
        // The client tells of lost connections. A Redis that came back empty has no group: it is made again.
        if (redis.status === 'ready' && !isCode(error, 'NOGROUP'))
          logger.warn({ reason: reasonOf(error) }, 'the event bus could not be read');
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
      await pause(redis.status === 'ready' ? pauseMs : awayPauseMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  };

  return {
    start() {
      if (running) return;
      state.isRunning = true;
      running = run();
    },
    state: () => ({ ...state }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      // A read that waits has taken nothing yet; what was taken is finished first.
      if (isReading) redis[Symbol.dispose]();
      await running;
      state.isRunning = false;
      redis[Symbol.dispose]();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
