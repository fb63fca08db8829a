import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { systemActor } from '../../src/services/actor.js';
import { testPassword } from '../support/graph-site.js';
import { testEnvironment } from '../support/settings.js';
import { startGateway } from '../support/start-gateway.js';
import { createTestDatabase } from '../support/test-database.js';
import { readRunbook } from './read-pages.js';
import { installPortico, runShell } from './shell.js';

const newKeys = 'another-secret-key-of-at-least-32-characters';

test('after the loss of the secret keys Portico starts again as the page says, and people sign in', async () => {
  const page = (await readRunbook()).find(({ name }) => name === 'key-loss');
  const blocksOf = (tag: string) => (page?.blocks ?? []).filter((block) => block.tag === tag).map(({ text }) => text);
  const folder = await mkdtemp(join(tmpdir(), 'portico-key-loss-'));
  await using database = await createTestDatabase();
  {
    await using before = await startGateway({ databaseUrl: database.url });
    await before.context.services.accounts.create(
      {
        username: 'mina',
        email: 'mina@example.org',
        name: 'Mina Murray',
        isEmailVerified: true,
        password: testPassword,
      },
      systemActor,
    );
    await before.context.services.auditChain.append();
  }
  const withNewKeys = () =>
    startGateway({ databaseUrl: database.url, sandbox: 'demo', env: { PORTICO_SECRET_KEYS: newKeys } });
  await expect(withNewKeys()).rejects.toThrow('no configured secret key opens this value');

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const sql of blocksOf('sql run')) await client.query(sql);
  await client.end();

  await using after = await withNewKeys();
  const { accounts, auditChain } = after.context.services;
  const signedIn = await accounts.authenticate('mina@example.org', testPassword, '127.0.0.1');
  expect(signedIn).toMatchObject({ outcome: 'success' });
  await auditChain.append();
  const env = {
    ...testEnvironment,
    PATH: `${await installPortico(folder)}:${process.env.PATH}`,
    DATABASE_URL: database.url,
    OPENEDX_API_BASE_URL: after.sandbox.lmsUrl,
    PORTICO_PUBLIC_URL: after.url,
    PORTICO_SECRET_KEYS: newKeys,
  };
  for (const script of blocksOf('sh started')) await runShell(script, env);
  expect(blocksOf('sh started')).toHaveLength(2);
  await rm(folder, { recursive: true });
}, 120_000);
