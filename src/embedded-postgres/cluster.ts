import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomSecret } from '../crypto/hash.js';
import type { Binaries } from './binaries.js';
import { isPostmasterOf, type Postmaster, readPostmaster } from './postmaster.js';
import type { RunAs } from './run-as.js';

const run = promisify(execFile);
const pgCtlWaitSeconds = '60';

/** One data directory of PostgreSQL and the programs that work on it. */
export interface Cluster {
  /** Absolute, links resolved: running servers are told apart by it. */
  dataDir: string;
  binaries: Binaries;
  runAs: RunAs | undefined;
}

/**
 * Creates the data directory when there is none. Processes that do it at the same time end with one of the results; a killed
 * one leaves none.
 *
 * @param password - of the superuser `portico`
 * @param settings - lines for `postgresql.conf`
 */
export async function initializeCluster(
  { dataDir, binaries, runAs }: Cluster,
  password: string,
  settings: Record<string, string>,
): Promise<void> {
  if (await exists(join(dataDir, 'PG_VERSION'))) return;
  await removeHalfMade(dataDir);
  const half = `${dataDir}.${process.pid}.${randomSecret(6)}`;
  await mkdir(half, { recursive: true, mode: 0o700 });
  const passwordFile = join(half, 'password');
  const newDir = join(half, 'data');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs) await Promise.all([half, passwordFile].map((path) => chown(path, runAs.uid, runAs.gid)));
  const flags = Object.entries({ ...commonSettings, ...settings }).flatMap(([name, value]) => [
    '--set',
    `${name}=${value}`,
  ]);
  await run(
    binaries.initdb,
    [
      `--pgdata=${newDir}`,
      '--username=portico',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
      ...flags,
    ],
    childOptions(half, runAs),
  );
  try {
    await rename(newDir, dataDir);
  } catch (error) {
    if (!(await exists(join(dataDir, 'PG_VERSION')))) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** The same in every cluster: reachable from this machine only, by TCP only, in UTC. */
const commonSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts the server in a session of its own, so that a Ctrl-C meant for us does not end it under us. Returns when it takes
 * connections.
 *
 * @throws when it did not start; its own words are in `server.log` of the data directory
 */
export async function startCluster({ dataDir, binaries, runAs }: Cluster, port: number): Promise<void> {
  await removeStalePostmasterFile(dataDir);
  await run(
    binaries.pgCtl,
    [
      'start',
      `--pgdata=${dataDir}`,
      `--log=${join(dataDir, 'server.log')}`,
      `--options=-p ${port}`,
      '--wait',
      `--timeout=${pgCtlWaitSeconds}`,
      '--silent',
    ],
    childOptions(dataDir, runAs),
  );
}

/** Ends the server of this data directory after its transactions under way were rolled back; harmless when none runs. */
export async function stopCluster(cluster: Cluster): Promise<void> {
  if (!(await runningPostmaster(cluster))) return;
  await run(
    cluster.binaries.pgCtl,
    ['stop', `--pgdata=${cluster.dataDir}`, '--mode=fast', '--wait', `--timeout=${pgCtlWaitSeconds}`, '--silent'],
    childOptions(cluster.dataDir, cluster.runAs),
  );
}

/** The live server of this data directory, whoever started it. */
export async function runningPostmaster({ dataDir }: Cluster): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(dataDir);
  return postmaster && (await isPostmasterOf(dataDir, postmaster.pid)) ? postmaster : undefined;
}

/**
 * A server that was killed leaves its file behind, and the process id in it may since belong to somebody else, which
 * PostgreSQL would take for a running server.
 */
async function removeStalePostmasterFile(dataDir: string): Promise<void> {
  const postmaster = await readPostmaster(dataDir);
  if (postmaster && !(await isPostmasterOf(dataDir, postmaster.pid)))
    await rm(join(dataDir, 'postmaster.pid'), { force: true });
}

/** Nothing of our environment (`PGPORT`, `PGOPTIONS`, …) may steer it. */
function childOptions(cwd: string, runAs: RunAs | undefined) {
  return { ...runAs, cwd, env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' } };
}

/** Of a process that was killed while it created the data directory. */
async function removeHalfMade(dataDir: string): Promise<void> {
  const parent = join(dataDir, '..');
  const prefix = `${dataDir.slice(parent.length + 1)}.`;
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('.')[0]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
