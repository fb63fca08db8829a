import type { FormattedExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** A subscription of the kept client, read one result at a time. */
export interface Subscribed<Result> extends AsyncDisposable {
  next(): Promise<FormattedExecutionResult<Result, unknown>>;
  /** Cuts the connection as a dead network does: no close message. */
  cut(): void;
  /** Code of the close that ended the connection. */
  closed: Promise<number>;
}

export interface SocketOptions {
  /** Of the gateway, without trailing slash. */
  url: string;
  connectionParams?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Subscribes with the graphql-ws client over a real socket. */
export function subscribe<Result>(
  { url, connectionParams = {}, headers = {} }: SocketOptions,
  query: string,
  variables?: Record<string, unknown>,
): Subscribed<Result> {
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
  const results = client.iterate<Result>({ query, ...(variables && { variables }) });
  return {
    closed: closed.promise,
    async next() {
      const result = await results.next();
      if (result.done) throw new Error('the subscription has ended');
      return result.value;
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    async [Symbol.asyncDispose]() {
      await results.return?.();
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
