import { WebSocket, type WebSocketServer } from 'ws';
import type { Logger } from '../logger.js';

type Sent = (error?: Error) => void;
type SendOptions = Parameters<WebSocket['send']>[1];

/**
 * A socket whose peer may go, or be cut off, while something is being written to it. That is no failure of whoever writes: the close
 * tells of it, and graphql-ws would print it on the console for each message that was under way.
 */
export class LeavingSocket extends WebSocket {
  override send(data: Parameters<WebSocket['send']>[0], options?: SendOptions | Sent, sent?: Sent): void {
    const told = typeof options === 'function' ? options : sent;
    super.send(data, typeof options === 'object' ? options : {}, () => told?.());
  }
}

/** Has what peers break at their sockets logged in place of being printed: `ws` has closed the socket with the right code by then. */
export function tellErrorsOf(sockets: WebSocketServer, logger: Logger): void {
  // After the listener of graphql-ws, which prints them and closes a socket that is closed.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error');
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
  });
}
