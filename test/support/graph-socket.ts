import type { GraphQLFormattedError } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface SocketResult<Result> {
  data?: Result | null | undefined;
  errors?: readonly GraphQLFormattedError[] | undefined;
}

/** The results of one operation, read one at a time. */
export interface Subscribed<Result> extends AsyncDisposable {
  next(): Promise<SocketResult<Result>>;
}

/** One connection of the kept graphql-ws client. */
export interface GraphConnection extends AsyncDisposable {
  subscribe<Result>(query: string, variables?: Record<string, unknown>): Subscribed<Result>;
  /** Cuts the connection as a dead network does: no close message. */
  cut(): void;
  /** Code of the close that ended it. */
  closed: Promise<number>;
}

export interface SocketOptions {
  /** Of the gateway, without trailing slash. */
  url: string;
  connectionParams?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Connects over a real socket, with the first operation. Does not come back when it is closed. */
export function connect({ url, connectionParams = {}, headers = {} }: SocketOptions): GraphConnection {
  const closed = Promise.withResolvers<number>();
  const sockets: WebSocket[] = [];
  class SocketWithHeaders extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { headers });
      sockets.push(this);
    }
  }
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: SocketWithHeaders,
    connectionParams,
    retryAttempts: 0,
    on: { closed: (event) => closed.resolve(event instanceof Object && 'code' in event ? Number(event.code) : 0) },
  });
  return {
    closed: closed.promise,
    subscribe<Result>(query: string, variables?: Record<string, unknown>): Subscribed<Result> {
      const results = client.iterate<Result>({ query, ...(variables && { variables }) });
      return {
        async next() {
          const result = await results.next();
          if (result.done) throw new Error('the subscription has ended');
          return result.value;
        },
        async [Symbol.asyncDispose]() {
          await results.return?.();
        },
      };
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    async [Symbol.asyncDispose]() {
      await client.dispose();
    },
  };
}

/** Opens a bare socket, says the given messages, and tells with which code it was closed. */
export function closeCodeOf(
  { url, headers = {} }: SocketOptions,
  messages: readonly unknown[],
  protocol = 'graphql-transport-ws',
): Promise<number> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, protocol, { headers });
  socket.on('open', () => {
    for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  });
  return new Promise((resolve, reject) => {
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}
