import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrate } from '../../../src/entities/migrate.js';
import { createOrm } from '../../../src/entities/orm.js';
import { systemActor } from '../../../src/services/actor.js';
import { testPassword } from '../../support/graph-site.js';
import { testEnvironment } from '../../support/settings.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';
import { readRunbook } from '../read-pages.js';
import { installPortico, runShell } from '../shell.js';
import { type SystemPostgres, startSystemPostgres } from './system-postgres.js';

/** What the pages say of a PostgreSQL of one's own, done on the one of this machine. */
const pages = await readRunbook();
const scriptsOf = (name: string, tag: string) =>
  (pages.find((page) => page.name === name)?.blocks ?? []).filter((block) => block.tag === tag).map(({ text }) => text);

let server: SystemPostgres;
let folder: string;
let original: Gateway;
let env: Record<string, string>;
const databaseOf = (serverUrl: string, name: string) =>
  Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
beforeAll(async () => {
  server = await startSystemPostgres();
  folder = await mkdtemp(join(tmpdir(), 'portico-runbook-pg-'));
  const databaseUrl = databaseOf(server.url, 'original');
  await onServer(server.url, 'create database original');
  const orm = createOrm({ url: databaseUrl, poolSize: 2 });
  await migrate(orm, databaseUrl);
  await orm.close();
  original = await startGateway({ databaseUrl, sandbox: 'demo' });
  const { services } = original.context;
  const person = { username: 'mina', email: 'mina@example.org', name: 'Mina Murray', isEmailVerified: true };
  await services.accounts.create({ ...person, password: testPassword }, systemActor);
  await services.auditChain.append();
  env = {
    ...testEnvironment,
    PATH: `${await installPortico(folder)}:${server.bin}:${process.env.PATH}`,
    OPENEDX_API_BASE_URL: original.sandbox.lmsUrl,
    PORTICO_PUBLIC_URL: original.url,
    DATABASE_URL: databaseUrl,
    BACKUP_FILE: join(folder, 'portico.dump'),
    POSTGRES_URL: server.url,
    RESTORED_NAME: 'restored',
    RESTORED_URL: databaseOf(server.url, 'restored'),
    // The embedded PostgreSQL is newer than that of most machines.
    NEW_SERVER_URL: inject('postgresUrl'),
    NEW_NAME: 'upgraded',
    NEW_DATABASE_URL: databaseOf(inject('postgresUrl'), 'upgraded'),
  };
}, 120_000);
afterAll(async () => {
  await original?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function follow(name: string): Promise<void> {
  const scripts = scriptsOf(name, 'sh postgres');
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) await runShell(script, env);
}

/** Starts Portico on the database, does what the page says to do then, and lets somebody sign in with what they had. */
async function start(name: string, databaseUrl: string): Promise<void> {
  await using started = await startGateway({ databaseUrl, sandbox: 'demo' });
  const { lmsUrl } = started.sandbox;
  const ofStarted = { DATABASE_URL: databaseUrl, OPENEDX_API_BASE_URL: lmsUrl, PORTICO_PUBLIC_URL: started.url };
  const scripts = scriptsOf(name, 'sh started');
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) await runShell(script, { ...env, ...ofStarted });
  const { accounts } = started.context.services;
  const signedIn = await accounts.authenticate('mina@example.org', testPassword, '127.0.0.1');
  expect(signedIn).toMatchObject({ outcome: 'success' });
}

test('a backup is made while Portico runs, and restored into an empty database', async () => {
  await follow('backup');
  await follow('restore');
  await start('restore', databaseOf(server.url, 'restored'));
}, 120_000);

test('the data move to a server of another major version', async () => {
  await follow('upgrade-postgresql');
  await start('upgrade-postgresql', databaseOf(inject('postgresUrl'), 'upgraded'));
}, 120_000);
