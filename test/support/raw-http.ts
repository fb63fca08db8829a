import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Sends bytes that no HTTP client would, and answers all that comes back until the other side hangs up.
 *
 * @param url - of the server
 * @param request - the whole request, ended by an empty line
 */
export async function sendRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  // Our half stays open, as that of a peer who does not care to leave.
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(request);
  const answer = await text(socket);
  socket.destroy();
  return answer;
}

/** A WebSocket upgrade for any target, by whatever name the server is called. */
export function anUpgrade(target: string, host: string): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    '',
    '',
  ].join('\r\n');
}
