import pg from 'pg';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { OidcArtifactEntity, OidcSessionEntity } from '../../../src/entities/oidc-artifact.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { DatabaseUnavailableError } from '../../../src/errors.js';
import { accountNamedBy } from '../../../src/oauth/storage/account-reads.js';
import { createArtifactStore } from '../../../src/oauth/storage/artifact-store.js';
import { createDoubts } from '../../../src/oauth/storage/doubts.js';
import { createStatementRunner } from '../../../src/oauth/storage/statements.js';
import { eventually } from '../../support/eventually.js';
import { startProviderSite } from '../../support/provider-site.js';
import { authorizePath, inBody, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());
const store = createArtifactStore({ run: createStatementRunner(site.orm), clock: () => new Date() });
const day = 86_400_000;

describe('artifacts', () => {
  test('come back with their id, and as used once they are', async () => {
    await store.upsert('AuthorizationCode', 'the-code', { jti: 'the-code', grantId: 'g', accountId: 'a', exp: 1 }, 60);
    expect(await store.find('AuthorizationCode', 'the-code')).toEqual({
      jti: 'the-code',
      grantId: 'g',
      accountId: 'a',
      exp: 1,
    });
    await store.consume('AuthorizationCode', 'the-code');
    expect((await store.find('AuthorizationCode', 'the-code'))?.consumed).toEqual(expect.any(Number));
    expect(await store.find('AccessToken', 'the-code')).toBeUndefined();
  });

  test('that are codes take back what they gave when they come again', async () => {
    await store.upsert('Grant', 'twice', { accountId: 'a' }, 60);
    await store.upsert('AccessToken', 'token', { jti: 'token', grantId: 'twice' }, 60);
    await store.upsert('AuthorizationCode', 'twice', { jti: 'twice', grantId: 'twice' }, 60);
    await store.consume('AuthorizationCode', 'twice');
    expect(await store.find('AccessToken', 'token')).toBeDefined();
    await expect(store.consume('AuthorizationCode', 'twice')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await store.find('AccessToken', 'token')).toBeUndefined();
    expect(await store.find('Grant', 'twice')).toBeUndefined();
  });

  test('are looked for by a plan that is made once for each connection', async () => {
    const orm = createOrm({ url: site.config.database.url, poolSize: 1 });
    try {
      const run = createStatementRunner(orm);
      const { find } = createArtifactStore({ run, clock: () => new Date() });
      for (let i = 0; i < 10; i++) await Promise.all([find('AccessToken', `a-${i}`), find('RefreshToken', `b-${i}`)]);
      const text = `select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements
        where name = 'oidc_artifact_find_many'`;
      // PostgreSQL makes five with the values in view before it compares.
      expect(await run({ name: 'plans', text }, [])).toEqual([{ custom: 5, generic: 5 }]);
    } finally {
      await orm.close();
    }
  });

  test('look at the name of an account once, even where accounts are so few that they are read one after the other', async () => {
    const orm = createOrm({ url: site.config.database.url, poolSize: 1 });
    try {
      const run = createStatementRunner(orm);
      for (const way of ['indexscan', 'bitmapscan'])
        await run({ name: `without_${way}`, text: `set enable_${way} = off` }, []);
      const text = `explain select * from unnest($1::text[]) as found (account_id) ${accountNamedBy('found.account_id')}`;
      const lines = await run<{ 'QUERY PLAN': string }>({ name: 'explained', text }, [['a', 'b']]);
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      expect(plan).toContain('Seq Scan on account');
      // In parentheses it is what was come to before.
      expect(plan).toMatch(/Filter: \(id = \(CASE /);
    } finally {
      await orm.close();
    }
  });

  test('are used by exactly one of many', async () => {
    await store.upsert('RefreshToken', 'raced', { jti: 'raced', exp: 1 }, 60);
    const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => store.consume('RefreshToken', 'raced')));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('are exchanged by exactly one of many, and that is recorded once', async () => {
    await store.upsert('AuthorizationCode', 'sought', { jti: 'sought', exp: 1 }, 60);
    const actor = { accountId: null, clientId: 'seeker', address: null };
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, place) =>
        store.exchange(
          { model: 'AuthorizationCode', id: 'sought' },
          [{ model: 'AccessToken', id: `token-${place}`, payload: { jti: `token-${place}` }, expiresInSeconds: 60 }],
          [site.audit.draft({ action: 'token.issued', outcome: 'success', actor })],
        ),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const recorded = await site.audit.list({ clientId: 'seeker' }, { size: 50 });
    expect(recorded.rows).toHaveLength(1);
  });

  test('that an outage left in doubt are as they were before: what was given for them was told to nobody', async () => {
    const run = createStatementRunner(site.orm);
    let isAnswerLost = false;
    const lossy: typeof run = async (statement, values) => {
      const rows = await run<never>(statement, values);
      if (isAnswerLost) throw new DatabaseUnavailableError();
      return rows;
    };
    using doubts = createDoubts();
    const store = createArtifactStore({ run: lossy, clock: () => new Date(), doubts });
    await store.upsert('RefreshToken', 'old', { jti: 'old', exp: 1 }, 60);
    const exchange = (id: string) =>
      store.exchange({ model: 'RefreshToken', id: 'old' }, [
        { model: 'RefreshToken', id, payload: { jti: id }, expiresInSeconds: 60 },
      ]);
    isAnswerLost = true;
    await expect(exchange('lost')).rejects.toBeInstanceOf(DatabaseUnavailableError);
    isAnswerLost = false;
    expect((await store.find('RefreshToken', 'old'))?.consumed).toBeUndefined();
    expect(await store.find('RefreshToken', 'lost')).toBeUndefined();
    await exchange('given');
    expect(await store.find('RefreshToken', 'given')).toBeDefined();
    await expect(exchange('twice')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await store.find('RefreshToken', 'twice')).toBeUndefined();
  });

  test.each(['a\u0000b', 'ä', '', 'a b', 'x'.repeat(100_000)])(
    'are not looked for under an id that cannot be one',
    async (id) => {
      expect(await store.find('Grant', id)).toBeUndefined();
    },
  );

  test('hold no NUL', async () => {
    const upsert = store.upsert('Interaction', 'i', { params: { state: 'a\u0000' } }, 60);
    await expect(upsert).rejects.toMatchObject({ error: 'invalid_request' });
  });

  test('that detect replays are taken once, and again when they have expired', async () => {
    await store.upsert('ReplayDetection', 'proof', { jti: 'proof' }, 60);
    await expect(store.upsert('ReplayDetection', 'proof', { jti: 'proof' }, 60)).rejects.toMatchObject({
      error: 'invalid_request',
    });
    await site.orm.em.fork().nativeUpdate(OidcArtifactEntity, { id: 'proof' }, { expiresAt: new Date(0) });
    await store.upsert('ReplayDetection', 'proof', { jti: 'proof' }, 60);
  });
});

describe('pruning', () => {
  test('deletes what has expired, and nothing that is still of use', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC' });
    const { refresh_token: used } = await obtainTokens(site, client, account.username);
    const refresh = (token: unknown) =>
      post(`${site.url}/oauth2/token/`, {
        grant_type: 'refresh_token',
        refresh_token: String(token),
        ...inBody(client),
      });
    const { body } = await refresh(used);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * day });
    expect(await site.oauth.pruneExpired()).toBeGreaterThan(0);
    const models = async () =>
      (await site.orm.em.fork().find(OidcArtifactEntity, { accountId: account.id })).map(({ model }) => model).sort();
    expect(await models()).toEqual(['Grant', 'RefreshToken', 'RefreshToken']);
    expect((await refresh(used)).body.error).toBe('invalid_grant');
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('deletes sessions, and grants that nothing hangs on any more', async () => {
    const account = await site.anAccount();
    await obtainTokens(site, await site.aClient(), account.username);
    const count = async () => ({
      sessions: await site.orm.em.fork().count(OidcSessionEntity, { accountId: account.id }),
      artifacts: await site.orm.em.fork().count(OidcArtifactEntity, { accountId: account.id }),
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * day });
    await site.oauth.pruneExpired();
    expect(await count()).toEqual({ sessions: 0, artifacts: 2 });
    vi.setSystemTime(Date.now() + 17 * day);
    await site.oauth.pruneExpired();
    expect(await count()).toEqual({ sessions: 0, artifacts: 0 });
  });

  test('keeps an old grant as long as a token is under it', async () => {
    const monthsAgo = new Date(Date.now() - 100 * day);
    await store.upsert('Grant', 'old', { accountId: 'a' }, 300 * 86_400);
    await store.upsert('RefreshToken', 'young', { jti: 'young', grantId: 'old' }, 86_400);
    await site.orm.em.fork().nativeUpdate(OidcArtifactEntity, { id: 'old' }, { createdAt: monthsAgo });
    await site.oauth.pruneExpired();
    expect(await store.find('Grant', 'old')).toBeDefined();
    await store.destroy('RefreshToken', 'young');
    await site.oauth.pruneExpired();
    expect(await store.find('Grant', 'old')).toBeUndefined();
  });

  test('goes on in batches until nothing is left', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => ({
      model: 'AccessToken',
      id: `old-${index}`,
      payload: {},
      expiresAt: new Date(0),
      createdAt: new Date(0),
    }));
    await site.orm.em.fork().insertMany(OidcArtifactEntity, rows);
    const deleted = await Promise.all([site.oauth.pruneExpired(), site.oauth.pruneExpired()]);
    expect(deleted[0] + deleted[1]).toBe(2500);
  });
});

test('a database that takes no connections is told of without its words, and forgotten when it takes them again', async () => {
  await using site = await startProviderSite();
  const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
  const token = () => post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client) });
  const url = new URL(site.config.database.url);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const server = new pg.Client({ connectionString: url.href });
  await server.connect();
  try {
    await server.query(`alter database ${name} allow_connections false`);
    await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const page = await site.newBrowser().visit(authorizePath('another'));
    expect(page.status).toBe(503);
    expect(page.text).toContain('Not available right now');
    expect(await token()).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable', error_description: expect.not.stringContaining(name) },
    });
    await server.query(`alter database ${name} allow_connections true`);
    await eventually('tokens are given again', async () => (await token()).status === 200);
  } finally {
    await server.end();
  }
});
