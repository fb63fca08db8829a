import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import { openDatabaseMeter } from '../database-meter.js';
import { type ServerOptions, startServer } from '../server-process.js';
import { type BenchClient, clients, type Side } from './side.js';

/** What the process of the peer is told. */
export interface PeerSettings {
  databaseUrl: string;
  poolSize: number;
  /** Private keys, the same as Portico's. */
  keys: readonly JWK[];
  clients: readonly BenchClient[];
}

const program = fileURLToPath(new URL('peer.ts', import.meta.url));
const loader = fileURLToPath(new URL('../../test/support/run-typescript.mjs', import.meta.url));

/** Starts the bare provider on an empty database. */
export async function startPeer(settings: Omit<PeerSettings, 'clients'>, options: ServerOptions): Promise<Side> {
  const args = ['--import', loader, '--no-warnings', program];
  // oidc-provider warns of a Node.js in development mode.
  const server = startServer(args, { ...options, isRead: true, env: { NODE_ENV: 'production' } });
  const { stdin, stdout } = server.process;
  if (!stdin || !stdout) throw new Error('the peer has no pipes');
  const all: PeerSettings = { ...settings, clients: Object.values(clients) };
  stdin.end(JSON.stringify(all));
  const url = await readUrl(stdout);
  const database = await openDatabaseMeter(settings.databaseUrl);
  let people = 0;
  return {
    name: 'peer',
    url,
    database,
    async signIn() {
      const response = await fetch(`${url}/sign-in/person-${people++}`);
      return response.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';', 1)[0])
        .join('; ');
    },
    processorMs: server.processorMs,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The library prints notices of its own, before and after. */
function readUrl(stream: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
    const url = /^http.+$/m.exec(text)?.[0];
    if (url) resolve(url);
  });
  stream.on('end', () => reject(new Error('the peer ended before it listened')));
  return promise;
}
