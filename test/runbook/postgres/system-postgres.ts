import { execFileSync, spawn } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from '../../support/eventually.js';
import { findTestPort } from '../../support/test-port.js';

/** A PostgreSQL of the machine, on a port of its own; ended and deleted when disposed. */
export interface SystemPostgres extends AsyncDisposable {
  /** `postgres://…/postgres` */
  url: string;
  /** Where its programs are, pg_dump among them. */
  bin: string;
}

/** Starts the newest PostgreSQL that the machine has. @throws when it has none */
export async function startSystemPostgres(): Promise<SystemPostgres> {
  const bin = findPrograms();
  const parent = await mkdtemp(join(tmpdir(), 'portico-system-pg-'));
  const data = join(parent, 'data');
  await mkdir(data);
  // A server does not run as root.
  const owner = process.getuid?.() === 0 ? idOf('postgres') : undefined;
  if (owner) for (const folder of [parent, data]) chownSync(folder, owner.uid, owner.gid);
  const options = { ...owner, stdio: 'ignore' as const };
  const initialize = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  execFileSync(join(bin, 'initdb'), initialize, options);
  const port = await findTestPort();
  const settings = ['-p', String(port), '-k', parent, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], options);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await eventually('PostgreSQL answers', () => answers(url), { deadlineMs: 30_000 });
  return {
    url,
    bin,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      await rm(parent, { recursive: true, force: true });
    },
  };
}

function findPrograms(): string {
  const base = '/usr/lib/postgresql';
  const [newest] = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  if (!newest) throw new Error(`There is no PostgreSQL below ${base}: apt-get install postgresql`);
  return join(base, newest, 'bin');
}

function idOf(user: string): { uid: number; gid: number } {
  const read = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: read('-u'), gid: read('-g') };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
