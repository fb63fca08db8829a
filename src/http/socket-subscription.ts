import type { ExecutionResult } from 'graphql';
import type { WebSocket } from 'ws';
import type { Caller, Subscriber } from '../resolvers/subscription/subscriber.js';
import type { LatestOutlet } from './latest-outlet.js';
import { textFrame } from './text-frame.js';

/** What graphql-ws waits for: it never yields, for results are written beside it, and ends when the subscription does. */
export interface EndOfStream extends AsyncIterableIterator<ExecutionResult> {
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error: unknown): Promise<never>;
}

export interface SocketSubscription {
  subscriber: Subscriber;
  /** @param leave - called once, when the client has had enough or the subscription has ended */
  endOfStream(leave: () => void): EndOfStream;
}

const closing = Buffer.from('}');

/**
 * One subscription of a socket. The results are frames that this writes itself: their payload was made once for everybody, and
 * only what names the operation is the socket's own.
 *
 * @param id - by which the client knows the operation
 */
export function createSocketSubscription({
  socket,
  id,
  outlet,
  caller,
}: {
  socket: WebSocket;
  id: string;
  outlet: LatestOutlet;
  caller: Caller;
}): SocketSubscription {
  const opening = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  const ended = Promise.withResolvers<IteratorReturnResult<undefined>>();
  // Nobody may be waiting yet.
  ended.promise.catch(() => undefined);
  let isEnded = false;
  const end = () => {
    isEnded = true;
    outlet.forget(`${id} `);
  };
  return {
    subscriber: {
      caller,
      next({ state, json }) {
        if (isEnded) return;
        // Nothing may follow a frame that closes.
        outlet.write(`${id} ${state}`, () =>
          socket.readyState === socket.OPEN ? textFrame([opening, json, closing]) : undefined,
        );
      },
      complete() {
        end();
        ended.resolve({ done: true, value: undefined });
      },
      fail(error) {
        end();
        ended.reject(error);
      },
    },
    endOfStream(leave) {
      const stop = () => {
        end();
        leave();
        ended.resolve({ done: true, value: undefined });
      };
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => ended.promise,
        async return() {
          stop();
          return { done: true, value: undefined };
        },
        async throw(error) {
          stop();
          throw error;
        },
      };
    },
  };
}
