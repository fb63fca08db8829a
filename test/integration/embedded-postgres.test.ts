import { spawn } from 'node:child_process';
import { chmod, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { startCluster } from '../../src/embedded-postgres/cluster.js';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { findFreePort } from '../../src/embedded-postgres/free-port.js';
import { readPostmaster } from '../../src/embedded-postgres/postmaster.js';
import { chooseRunAs } from '../../src/embedded-postgres/run-as.js';
import { eventually } from '../support/eventually.js';

const logger = pino({ level: 'silent' });
let home: string;

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'portico-pg-'));
  await chmod(parent, 0o755);
  home = join(parent, 'home');
});
afterEach(async () => {
  await stopServer();
  await rm(join(home, '..'), { recursive: true, force: true });
});

const open = () => openEmbeddedPostgres({ home, logger });
const postmaster = () => readPostmaster(join(home, 'postgres', 'data'));

async function stopServer(): Promise<void> {
  const running = await postmaster();
  if (running) kill(running.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('data is kept from one run to the next, and the server ends with its last user', async () => {
  const first = await open();
  await query(first.url, 'create table kept (id int)');
  const second = await open();
  expect(second.url).toBe(first.url);
  await first[Symbol.asyncDispose]();
  expect(await query(second.url, 'select count(*)::int as count from kept')).toEqual([{ count: 0 }]);
  await second[Symbol.asyncDispose]();
  expect(await postmaster()).toBeUndefined();

  await using third = await open();
  expect(third.url).toBe(first.url);
  expect(await query(third.url, 'select count(*)::int as count from kept')).toEqual([{ count: 0 }]);
});

test('only one process at a time is the starter', async () => {
  await using first = await open();
  await using second = await open();
  expect(await first.claimStart()).toBe(true);
  expect(await second.claimStart()).toBe(false);
});

test('processes that come to an empty folder at the same time end with one database', async () => {
  const opened = await Promise.all([open(), open(), open()]);
  expect(new Set(opened.map(({ url }) => url)).size).toBe(1);
  await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  expect(await postmaster()).toBeUndefined();
});

test('a server that was killed is started again under its users', async () => {
  await using database = await open();
  await query(database.url, 'create table kept (id int); insert into kept values (1)');
  const before = await postmaster();
  kill(before?.pid ?? 0);
  const rows = await eventually('the data is there again', () =>
    query(database.url, 'select id from kept').catch(() => undefined),
  );
  expect(rows).toEqual([{ id: 1 }]);
  expect((await postmaster())?.pid).not.toBe(before?.pid);
});

test("a killed server's file does not stand in the way, even when its process id belongs to another process", async () => {
  const database = await open();
  await database[Symbol.asyncDispose]();
  const { uid, gid } = await stat(join(home, 'postgres', 'data'));
  const stranger = spawn('sleep', ['60'], process.getuid?.() === 0 ? { uid, gid } : {});
  try {
    await writeFile(
      join(home, 'postgres', 'data', 'postmaster.pid'),
      `${stranger.pid}\n${join(home, 'postgres', 'data')}\n1\n1\n\n127.0.0.1\n0 0\nready   \n`,
    );
    await using again = await open();
    expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    stranger.kill();
  }
});

test('a server that a killed process left running is adopted', async () => {
  const first = await open();
  await first[Symbol.asyncDispose]();
  const dataDir = await realpath(join(home, 'postgres', 'data'));
  const runAs = await chooseRunAs(dataDir);
  await startCluster({ dataDir, runAs, binaries: await findBinaries(runAs, tmpdir()) }, await findFreePort());
  const left = await postmaster();
  const adopted = await open();
  expect((await postmaster())?.pid).toBe(left?.pid);
  expect(await query(adopted.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await adopted[Symbol.asyncDispose]();
  expect(await postmaster()).toBeUndefined();
});

test('a port that somebody else took meanwhile is given up', async () => {
  const first = await open();
  await first[Symbol.asyncDispose]();
  const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
  try {
    await using second = await open();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  } finally {
    squatter.close();
  }
});

test.runIf(process.getuid?.() === 0)('as root, it also works below a folder that others cannot enter', async () => {
  await chmod(join(home, '..'), 0o700);
  const database = await open();
  expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await database[Symbol.asyncDispose]();
  await rm(await realpath(join(home, 'postgres')), { recursive: true });
});
