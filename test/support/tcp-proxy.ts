import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can take the server away. */
export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections again, on the same port. */
  restore(): Promise<void>;
  /** Lets nothing through, and breaks nothing: as a network that swallows packets, or a server that was halted. */
  freeze(): void;
  /** Lets through again what comes from now on. */
  thaw(): void;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((inner) => {
    keep(inner);
    if (isFrozen) return;
    // Taken just before it was cut.
    if (!server.listening) {
      inner.destroy();
      return;
    }
    const outer = connect(target.port, target.host);
    keep(outer);
    inner.on('data', (chunk) => isFrozen || outer.write(chunk));
    outer.on('data', (chunk) => isFrozen || inner.write(chunk));
    inner.on('end', () => outer.end());
    outer.on('end', () => inner.end());
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const cut = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut,
    restore: () => listen(port),
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await cut();
    },
  };
}
