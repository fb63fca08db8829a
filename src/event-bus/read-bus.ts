import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { BusMessage } from './bus-message.js';
import type { BusStreams } from './bus-streams.js';
import { park, type TakeMessagesDeps, takeMessages } from './take-messages.js';

export interface ReadBusOptions extends TakeMessagesDeps {
  streams: BusStreams;
  logger: Logger;
  /** Between two looks after the group. */
  careMs: number;
  signal: AbortSignal;
  /** Told each time that the group was looked after. */
  onFigures(figures: { lag: number; pending: number }): void;
}

const firstPauseMs = 250;
const longestPauseMs = 5_000;
/** Whoever is given a message for so many times without finishing it is not helped by one more. */
const mostDeliveries = 10;

/**
 * Reads the bus until `signal` ends it, or Redis is lost. A message is acknowledged when what it is about is stored, or it is
 * parked; while the database is away it waits.
 *
 * @throws what Redis, or the lost connection to it, answers
 */
export async function readBus(options: ReadBusOptions): Promise<void> {
  const { streams, signal, careMs, onFigures } = options;
  let caredAt = Number.NEGATIVE_INFINITY;
  await streams.join();
  while (!signal.aborted) {
    if (performance.now() - caredAt >= careMs) {
      await takeOver(options);
      await streams.forgetGone();
      onFigures(await streams.figures());
      caredAt = performance.now();
    }
    const messages = await streams.readNew();
    await finish(options, messages, () => takeMessages(options, messages));
  }
}

/** What others were given and did not finish. */
async function takeOver(options: ReadBusOptions): Promise<void> {
  for (let isMore = true; isMore && !options.signal.aborted; ) {
    const claimed = await options.streams.claim();
    isMore = claimed.length > 0;
    const { hopeless = [], hopeful = [] } = Object.groupBy(claimed, ({ deliveries }) =>
      deliveries > mostDeliveries ? 'hopeless' : 'hopeful',
    );
    const messages = hopeful.map(({ message }) => message);
    await finish(options, messages, () => takeMessages(options, messages));
    const error = new Error(`It was given to somebody more than ${mostDeliveries} times and never finished.`);
    await finish(
      options,
      hopeless.map(({ message }) => message),
      async () => {
        for (const { message } of hopeless) await park(options, message, 'DELIVERED_TOO_OFTEN', error);
      },
    );
  }
}

/** Until it is done: the database comes back, and what was given to us is ours. */
async function finish(
  { streams, logger, signal }: ReadBusOptions,
  messages: readonly BusMessage[],
  take: () => Promise<void>,
): Promise<void> {
  if (messages.length === 0) return;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      await take();
      return await streams.acknowledge(messages);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      logger.warn({ err: error, messages: messages.length }, 'events of the LMS wait for the database');
      await pause(pauseMs, undefined, { signal });
    }
  }
}
