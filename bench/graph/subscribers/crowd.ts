import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually } from '../../../test/support/eventually.js';

/** Many subscriptions that count what they are told. */
export interface OpenCrowd extends Disposable {
  delivered(): number;
  /** Of the last message. */
  messageBytes(): number;
  /** Resolves when so many messages have come, or nothing has for some time. */
  settled(count: number): Promise<void>;
}

export interface CrowdOptions {
  /** Of the gateway, without trailing slash. */
  url: string;
  /** Each with a subscription for each of the ids. */
  sockets: readonly { token: string; ids: readonly (string | undefined)[] }[];
  query: string;
  tell(line: string): void;
}

/** So many connect at the same time. */
const atOnce = 50;
const quietMs = 5_000;

export async function openSubscribers({ url, sockets, query, tell }: CrowdOptions): Promise<OpenCrowd> {
  const address = `${url.replace('http', 'ws')}/graphql`;
  const open: WebSocket[] = [];
  let delivered = 0;
  let bytes = 0;
  const subscribe = async ({ token, ids }: CrowdOptions['sockets'][number]) => {
    const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
    open.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }));
    await once(socket, 'message');
    socket.on('message', (data: Buffer) => {
      delivered += 1;
      bytes = data.length;
    });
    for (const id of ids)
      socket.send(JSON.stringify({ type: 'subscribe', id: randomUUID(), payload: { query, variables: { id } } }));
    // Answered after the subscription is in place: messages of one socket are handled in order up to their first wait.
    socket.send(JSON.stringify({ type: 'subscribe', id: randomUUID(), payload: { query: '{ __typename }' } }));
  };
  for (let at = 0; at < sockets.length; at += atOnce) {
    await Promise.all(sockets.slice(at, at + atOnce).map(subscribe));
    if (at % 1000 === 0) tell(`${at + atOnce} sockets`);
  }
  // Each got the answer to its little query, and the word that it is complete.
  await eventually('all subscriptions', async () => delivered === 2 * sockets.length, { deadlineMs: 120_000 });
  delivered = 0;
  return {
    delivered: () => delivered,
    messageBytes: () => bytes,
    async settled(count) {
      for (let before = -1; delivered < count && before !== delivered; ) {
        before = delivered;
        const all = eventually('the rest', async () => delivered >= count, { deadlineMs: quietMs, pauseMs: 1 });
        await all.catch(() => undefined);
      }
    },
    [Symbol.dispose]() {
      for (const socket of open) socket.terminate();
    },
  };
}
