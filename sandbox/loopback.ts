import type { Server } from 'node:net';

/**
 * Starts a server on each loopback address, so that `localhost` works whichever one a client tries first.
 *
 * @param port - 0 takes any free one
 * @param start - resolves when the server listens; `socket` is what it listens with
 */
export async function listenOnLoopback<S extends { socket: Server }>(
  port: number,
  start: (host: string, port: number) => Promise<S>,
): Promise<{ port: number; servers: S[] }> {
  const first = await start('127.0.0.1', port);
  const address = first.socket.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const second = await start('::1', bound).catch((error: NodeJS.ErrnoException) => {
    // A machine without IPv6 has only the first address.
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') return undefined;
    first.socket.close();
    throw error;
  });
  return { port: bound, servers: second ? [first, second] : [first] };
}
