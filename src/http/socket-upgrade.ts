import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { graphqlPath } from './graphql.js';
import type { AdmitRequest } from './trusted-request.js';

/**
 * Lets WebSocket upgrades of the GraphQL path through, and answers all others: nobody else takes them.
 *
 * @returns how to stop
 */
export function acceptUpgrades(server: Server, sockets: WebSocketServer, admitRequest: AdmitRequest): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const refusal = admitRequest(request);
    if (refusal === 'foreign-host') turnAway(socket, 421);
    else if (refusal === 'plain-http') turnAway(socket, 400);
    else if (pathname !== graphqlPath) turnAway(socket, 404);
    else sockets.handleUpgrade(request, socket, head, (upgraded) => sockets.emit('connection', upgraded, request));
  };
  server.on('upgrade', onUpgrade);
  return () => server.off('upgrade', onUpgrade);
}

function turnAway(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
