import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';

/** A stream of results that ends its source at once when it is returned, also while it waits for an event. */
export interface ResultStream extends AsyncIterableIterator<ExecutionResult> {
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error: unknown): Promise<never>;
}

/**
 * Runs a subscription whose events are executed one by one, each as its caller likes. graphql-js keeps one context for a
 * subscription's whole life, so loaders in it would serve what they read for the first event for ever.
 *
 * @param runEvent - executes the operation for one event; may throw to end the subscription, e.g. for a revoked token
 * @returns a stream, or the errors for which there is none
 */
export async function subscribePerEvent(
  args: ExecutionArgs,
  runEvent: (event: unknown) => Promise<ExecutionResult>,
): Promise<ResultStream | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();

  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    await events.return?.();
    return { done: true, value: undefined };
  };
  const stream: ResultStream = {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      try {
        return { done: false, value: await runEvent(event.value) };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
  };
  return stream;
}
