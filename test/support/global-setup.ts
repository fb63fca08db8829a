import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { readPostmaster } from '../../src/embedded-postgres/postmaster.js';
import { migrate } from '../../src/entities/migrate.js';
import { createOrm } from '../../src/entities/orm.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `postgres://…/postgres` of the server that all tests share. */
    postgresUrl: string;
  }
}

/** Faster than safe: what a crash of the machine would lose here is not missed. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
};

/** Starts one real PostgreSQL for the whole run, with a migrated template that each test database is cloned from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync('dist/playground/index.html')) throw new Error('Build first: npm run build');
  const home = await mkdtemp(join(tmpdir(), 'portico-test-pg-'));
  await chmod(home, 0o755); // as root, PostgreSQL runs as another user and must be able to enter
  const server = await openEmbeddedPostgres({ home, logger: pino({ level: 'silent' }), settings });
  const postmaster = await readPostmaster(join(home, 'postgres', 'data'));
  // It has a session of its own, so that an interrupted run must end it.
  process.once('exit', () => postmaster && endProcess(postmaster.pid));
  const template = new URL(server.url);
  template.pathname = '/template_portico';
  await createDatabase(server.url, 'template_portico');
  const orm = createOrm({ url: template.href, poolSize: 2 });
  await migrate(orm, template.href);
  await orm.close();
  template.pathname = '/postgres';
  project.provide('postgresUrl', template.href);
  return async () => {
    await server[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
}

async function createDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // it ended before us
  }
}
