import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from '../loopback.js';
import { EventStreams } from './event-streams.js';
import { CommandReader, writeReply } from './resp.js';
import { runCommand } from './stream-commands.js';

/** The event bus without a Redis: speaks its protocol on loopback, as far as a reader of the bus needs it. */
export class StreamServer {
  readonly streams = new EventStreams();
  readonly #sockets = new Set<Socket>();
  #servers: readonly Server[] = [];
  #port = 0;

  private constructor() {}

  /** @param port - 0 takes any free one */
  static async listen(port: number): Promise<StreamServer> {
    const bus = new StreamServer();
    const { port: bound, servers } = await listenOnLoopback(port, async (host, at) => {
      const socket = createServer((client) => bus.#serve(client));
      socket.listen(at, host);
      await once(socket, 'listening');
      return { socket };
    });
    bus.#port = bound;
    bus.#servers = servers.map(({ socket }) => socket);
    return bus;
  }

  get url(): string {
    return `redis://localhost:${this.#port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  /** Commands of one client are answered in their order, one after the other. */
  #serve(client: Socket): void {
    const left = new AbortController();
    const reader = new CommandReader();
    let answered = Promise.resolve();
    this.#sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      left.abort();
      this.#sockets.delete(client);
    });
    client.on('data', (chunk) => {
      try {
        for (const words of reader.push(chunk)) {
          const texts = words.map((word) => word.toString());
          answered = answered.then(async () => {
            const reply = await runCommand(this.streams, texts, left.signal);
            if (!client.destroyed) client.write(writeReply(reply));
          });
        }
      } catch {
        client.destroy();
      }
    });
  }
}
