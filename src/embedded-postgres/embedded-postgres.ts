import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.js';
import { findBinaries } from './binaries.js';
import { type Cluster, initializeCluster, runningPostmaster, startCluster, stopCluster } from './cluster.js';
import { type Connection, readOrCreateConnection, updateConnection } from './connection-file.js';
import { prepareFolder } from './folder.js';
import { findFreePort, isFreePort } from './free-port.js';
import { type Lease, takeLease } from './lease.js';
import { chooseRunAs } from './run-as.js';

/** Where root keeps what PostgreSQL, which runs as another user, must be able to reach. */
const rootSharedFolder = '/var/lib/portico';
const startDeadlineMs = 60_000;
const pollIntervalMs = 50;

/** The embedded database while this process uses it. Disposing stops the server unless somebody else uses it, too. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** `postgres://…/portico` */
  url: string;
  /** Claims to be the one `portico start` of this database. @returns false when another process is */
  claimStart(): Promise<boolean>;
}

export interface EmbeddedPostgresOptions {
  /** Portico's home, `.portico`. */
  home: string;
  logger: Logger;
  /** Lines for `postgresql.conf` of a new data directory. */
  settings?: Record<string, string>;
}

/**
 * Opens the embedded database: creates it when there is none, adopts the server that another process or a killed run left
 * running on its data directory, starts one otherwise. A server that ends under us is started again on the same port.
 *
 * @throws when PostgreSQL cannot be started; the message carries its last words
 */
export async function openEmbeddedPostgres({
  home,
  logger,
  settings = {},
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await mkdir(home, { recursive: true });
  const absoluteHome = await realpath(home);
  const runAs = await chooseRunAs(join(absoluteHome, 'postgres', 'data'));
  const folder = await prepareFolder(absoluteHome, runAs, rootSharedFolder);
  const [binaries, connection] = await Promise.all([
    findBinaries(runAs, rootSharedFolder),
    readOrCreateConnection(folder),
  ]);
  const cluster: Cluster = { dataDir: join(folder, 'data'), binaries, runAs };
  await initializeCluster(cluster, connection.password, settings);

  let isClosing = false;
  let isStarter = false;
  let current: { lease: Lease; port: number };
  const reopen = async (): Promise<void> => {
    if (isClosing) return;
    logger.error('the embedded PostgreSQL ended; starting it again');
    current = await connectOrStart({ folder, cluster, connection: { ...connection, port: current.port } }, onLost);
    if (isStarter) await current.lease.claimStart();
  };
  const onLost = (): void => {
    reopen().catch((error: unknown) => logger.fatal({ err: error }, 'the embedded PostgreSQL does not start again'));
  };
  current = await connectOrStart({ folder, cluster, connection }, onLost);
  await current.lease.ensureDatabase('portico');
  return {
    url: databaseUrl(connection.password, current.port, 'portico'),
    async claimStart() {
      isStarter = await current.lease.claimStart();
      return isStarter;
    },
    async [Symbol.asyncDispose]() {
      isClosing = true;
      if (await current.lease.release()) await stopCluster(cluster);
    },
  };
}

interface Place {
  folder: string;
  cluster: Cluster;
  connection: Connection;
}

/** Until it works or the deadline passes: connect to the running server, or start one. */
async function connectOrStart(
  { folder, cluster, connection }: Place,
  onLost: () => void,
): Promise<{ lease: Lease; port: number }> {
  const deadline = Date.now() + startDeadlineMs;
  let lastError: unknown;
  while (Date.now() < deadline) {
    const postmaster = await runningPostmaster(cluster);
    try {
      if (postmaster?.isReady) {
        const url = databaseUrl(connection.password, postmaster.port, 'postgres');
        return { lease: await takeLease(url, onLost), port: postmaster.port };
      }
      if (!postmaster) {
        const port = (await isFreePort(connection.port)) ? connection.port : await findFreePort();
        await startCluster(cluster, port);
        if (port !== connection.port) await updateConnection(folder, { ...connection, port });
        continue;
      }
    } catch (error) {
      // Another process may be starting or stopping it, or a killed server's last processes still hold its memory.
      lastError = error;
    }
    await delay(pollIntervalMs);
  }
  const log = await readFile(join(cluster.dataDir, 'server.log'), 'utf8').catch(() => '');
  throw new Error(`The embedded PostgreSQL in ${folder} did not start. Its log ends with:\n${log.slice(-1500)}`, {
    cause: lastError,
  });
}

function databaseUrl(password: string, port: number, database: string): string {
  return `postgres://portico:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
