import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../logger.js';
import { graphqlPath } from './graphql.js';
import type { AdmitRequest } from './trusted-request.js';

/**
 * Lets WebSocket upgrades of the GraphQL path through, and answers all others: nobody else takes them.
 *
 * @returns how to stop
 */
export function acceptUpgrades({
  server,
  sockets,
  admitRequest,
  logger,
}: {
  server: Server;
  sockets: WebSocketServer;
  admitRequest: AdmitRequest;
  logger: Logger;
}): () => void {
  const admit = (socket: WebSocket, request: IncomingMessage) => {
    sockets.emit('connection', socket, request);
    // graphql-ws writes what is wrong with a peer's frames to the console; it is no fault, and belongs into the log.
    socket.removeAllListeners('error');
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket broke the protocol'));
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Not parsed as a URL: a request may name anything at all, `//` too, and nobody catches what is thrown here.
    const [path] = (request.url ?? '').split('?', 1);
    const refusal = admitRequest(request);
    if (refusal === 'foreign-host') turnAway(socket, 421);
    else if (refusal === 'plain-http') turnAway(socket, 400);
    else if (path !== graphqlPath) turnAway(socket, 404);
    else sockets.handleUpgrade(request, socket, head, (upgraded) => admit(upgraded, request));
  };
  server.on('upgrade', onUpgrade);
  return () => server.off('upgrade', onUpgrade);
}

function turnAway(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  // A peer that does not close its half must not keep the connection, which the web server no longer knows of.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
