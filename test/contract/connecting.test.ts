/** How an operator connects an LMS: rows 93 and 94 of the checklist, and each mistake that the doctor knows by name. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { examineConnections } from '../../src/cli/doctor/doctor.js';
import type { Examination } from '../../src/cli/doctor/examination.js';
import { createLmsPages } from '../../src/cli/doctor/lms-pages.js';
import { type Misconfiguration, misconfigurations } from '../../src/cli/doctor/misconfiguration.js';
import { readPluginValues } from '../../src/cli/tutor/plugin-file.js';
import { sha256 } from '../../src/crypto/hash.js';
import { createLmsApi } from '../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../src/datasources/lms/lms-client.js';
import { createLogger } from '../../src/logger.js';
import { inBody, post } from '../integration/oauth/clients.js';
import { runCommand } from '../support/run-command.js';
import { pullLever } from '../support/sandbox-levers.js';
import { testClients, testSettings } from '../support/settings.js';
import { type Gateway, startGateway } from '../support/start-gateway.js';

const staticToken = 'a-token-that-an-operator-made';

let gateway: Gateway;
let env: Record<string, string> & { DATABASE_URL: string };
beforeAll(async () => {
  gateway = await startGateway({ sandbox: 'demo' });
  gateway.sandbox.state.accessTokens.set(staticToken, {
    token: staticToken,
    clientId: 'portico-worker',
    username: 'portico_worker',
    scopes: ['read', 'write'],
    issuedAt: '2026-01-02T08:00:00.000Z',
    expiresAt: '2099-01-01T00:00:00.000Z',
  });
  const { config } = gateway.context;
  env = {
    DATABASE_URL: config.database.url,
    PORT: String(config.http.port),
    PORTICO_PUBLIC_URL: config.http.publicUrl,
    OPENEDX_API_BASE_URL: config.lms.baseUrl,
    OPENEDX_SERVICE_WORKER_API_TOKEN: staticToken,
  };
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => misconfigure());

const misconfigure = (...misconfigured: Misconfiguration[]) =>
  pullLever(gateway.sandbox.lmsUrl, 'PUT', 'settings', { misconfigured });

/** What the doctor finds, in this process: its command does the same and prints it. */
async function examine() {
  await using stack = new AsyncDisposableStack();
  const { config, secrets } = testSettings(env);
  const logger = createLogger('silent');
  const client = stack.use(
    createLmsClient({ config: config.lms, timeouts: config.timeouts, secrets, logger, clock: () => new Date() }),
  );
  const examination: Examination = {
    config,
    secrets,
    client,
    orm: gateway.context.orm,
    api: createLmsApi(client),
    pages: createLmsPages(client),
  };
  return await examineConnections(examination);
}

describe('portico doctor', () => {
  test.each(misconfigurations)('finds %s by name, alone, and says what to do', async (name) => {
    await misconfigure(name);
    const failed = (await examine()).filter(({ status }) => status === 'failed');
    expect(failed.map(({ problem }) => problem)).toEqual(failed.map(() => name));
    expect(failed).not.toEqual([]);
    for (const { advice } of failed) expect(advice?.length).toBeGreaterThan(40);
  });

  test('finds nothing where nothing is wrong', async () => {
    const findings = await examine();
    expect(findings.filter(({ status }) => status === 'failed' || status === 'skipped')).toEqual([]);
    expect(findings.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });
});

const portico = (...args: string[]) => runCommand(args, env);
async function answerOf(...args: string[]) {
  const { status, stdout, stderr } = await portico(...args, '--json');
  expect(stderr).toBe('');
  return { status, ...JSON.parse(stdout) };
}
const tokenWith = (secret: string) => post(`${gateway.url}/oauth2/token/`, codeRequest(secret));
const codeRequest = (secret: string) => ({
  grant_type: 'authorization_code',
  code: 'unknown',
  redirect_uri: 'http://local.openedx.io:8000/auth/complete/ol-oauth2/',
  ...inBody({ clientId: 'lms', secret }),
});

test('93: configure-instance makes, completes or leaves the client, and shows a working secret once', async () => {
  const here = ['configure-instance', 'linux', '--gateway', '172.18.0.1', '--tutor-dev'];
  const before = await answerOf(...here, '--check');
  expect(before).toMatchObject({ status: 1, client: { clientId: 'lms', outcome: 'updated' } });

  const first = await answerOf(...here);
  expect(first).toMatchObject({
    status: 0,
    client: { clientId: 'lms', outcome: 'updated', changed: ['redirectUris'] },
    courseRuns: [
      { courseKey: 'course-v1:edX+DemoX+Demo_Course', outcome: 'created' },
      { courseKey: 'course-v1:edX+E2E-101+course', outcome: 'created' },
    ],
  });
  expect(first.client.redirectUris).toEqual([
    `${gateway.sandbox.lmsUrl}/auth/complete/ol-oauth2/`,
    'http://local.openedx.io:8000/auth/complete/ol-oauth2/',
    'http://172.18.0.1:8000/auth/complete/ol-oauth2/',
  ]);
  expect(first.clientSecret).toBeUndefined();

  const again = await answerOf(...here, '--check');
  expect(again).toMatchObject({ status: 0 });
  expect(again.clientSecret).toBeUndefined();
  expect([again.client.outcome, ...again.courseRuns.map(({ outcome }: { outcome: string }) => outcome)]).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
  ]);
  const { clientSecret } = await answerOf(...here, '--new-secret');
  // A secret that works gets as far as the code, which does not.
  expect((await tokenWith(clientSecret)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await tokenWith(testClients.sso.clientSecret)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await tokenWith('another-secret')).body).toMatchObject({ error: 'invalid_client' });

  const elsewhere = await answerOf('configure-instance', 'macos', '--tutor');
  expect(elsewhere.client).toMatchObject({
    outcome: 'updated',
    redirectUris: expect.arrayContaining(again.client.redirectUris),
  });
  expect(elsewhere.client.redirectUris).toContain('http://host.docker.internal/auth/complete/ol-oauth2/');

  const other = await answerOf(...here, '--edx-oauth-client', 'second-lms');
  expect(other).toMatchObject({
    client: { clientId: 'second-lms', outcome: 'created' },
    clientSecret: expect.any(String),
  });
  expect(await portico('configure-instance', 'linux', '--tutor-dev')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('docker network inspect tutor_dev_default'),
  });
}, 240_000);

test('93: configure-instance prints the settings of the LMS, filled in', async () => {
  const { lms, portico: own } = await answerOf(
    ...['configure-instance', 'linux', '--gateway', '172.18.0.1', '--tutor-dev'],
    ...['--edx-oauth-client', 'third-lms', '--edx-oauth-secret', 'a-secret-of-the-lms'],
  );
  const { port } = new URL(gateway.url);
  expect(lms.otherSettings).toEqual({
    AUTHORIZATION_URL: `${gateway.url}/oauth2/authorize/`,
    ACCESS_TOKEN_URL: `http://172.18.0.1:${port}/oauth2/token/`,
    API_ROOT: `http://172.18.0.1:${port}/`,
  });
  expect(lms.privatePy).toContain('SOCIAL_AUTH_OAUTH_SECRETS = {"ol-oauth2": "a-secret-of-the-lms"}\n');
  expect(lms.privatePy).toContain(`["${gateway.url}/logout"]`);
  expect(lms.provider).toMatchObject({ Site: 'local.openedx.io:8000', 'Client ID': 'third-lms' });
  expect(own).toMatchObject({ PORTICO_ALLOWED_HOSTS: `172.18.0.1:${port}`, LOGOUT_REDIRECT_URL: expect.any(String) });
});

test('93: configure-instance writes a Tutor plugin, with secrets that stay when it is written anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portico-tutor-'));
  const here = [
    'configure-instance',
    'linux',
    '--gateway',
    '172.18.0.1',
    '--tutor-dev',
    '--tutor-plugin',
    folder,
    '--edx-oauth-client',
    'lms',
  ];
  const first = await answerOf(...here);
  const [plugin, settings] = ['portico.py', 'portico.env'].map((name) => join(folder, name));
  expect(first.tutorPlugin).toEqual([
    { path: plugin, outcome: 'created' },
    { path: settings, outcome: 'created' },
  ]);
  const text = await readFile(plugin ?? '', 'utf8');
  expect(readPluginValues(text)).toMatchObject({
    PUBLIC_URL: gateway.url,
    LMS_CLIENT_ID: 'lms',
    LMS_CLIENT_SECRET: first.clientSecret,
    API_CLIENT_SECRET: testClients.apiClient.clientSecret,
    WORKER_CLIENT_ID: testClients.worker.clientId,
  });
  expect((await tokenWith(readPluginValues(text).LMS_CLIENT_SECRET ?? '')).body).toMatchObject({
    error: 'invalid_grant',
  });
  const [, features] = /"lms-env-features",\s+"""([^"]+)"""/.exec(text) ?? [];
  expect(parse(features ?? '')).toEqual({ ALLOW_PUBLIC_ACCOUNT_CREATION: true, SKIP_EMAIL_VALIDATION: true });
  const lines = (await readFile(settings ?? '', 'utf8')).split('\n');
  expect(lines).toContain('OPENEDX_API_BASE_URL=http://local.openedx.io:8000');
  expect(lines).toContain(`OPENEDX_SERVICE_WORKER_CLIENT_SECRET=${testClients.worker.clientSecret}`);
  expect((await stat(plugin ?? '')).mode & 0o077).toBe(0);

  const again = await answerOf(...here);
  expect(again).toMatchObject({
    client: { outcome: 'unchanged' },
    tutorPlugin: [{ outcome: 'unchanged' }, { outcome: 'unchanged' }],
  });
  expect(again.clientSecret).toBeUndefined();
  await rm(folder, { recursive: true });
}, 120_000);

/** Why somebody was asked to sign in, and in which database of the server that is kept: every test has its own Portico. */
async function findSignIn(told: string): Promise<object[]> {
  const [, uid = ''] = /\/login\/([\w-]{43})/.exec(told) ?? [];
  const databases = await gateway.context.orm.em
    .fork()
    .execute<{ name: string }[]>('select datname as name from pg_database');
  const found = databases.map(async ({ name }) => {
    const url = new URL(env.DATABASE_URL);
    url.pathname = `/${name}`;
    const client = new Client({ connectionString: url.href });
    try {
      await client.connect();
      const { rows } = await client.query(`select payload from oidc_artifact where model = 'Interaction' and id = $1`, [
        sha256(uid),
      ]);
      return rows.map(({ payload: { prompt, session } }) => ({
        name,
        isOwn: url.href === env.DATABASE_URL,
        prompt,
        session,
      }));
    } catch {
      return [];
    } finally {
      await client.end();
    }
  });
  return (await Promise.all(found)).flat();
}

test('94: doctor answers 0 where all is well, 1 where something is not, and tells programs by name', async () => {
  const well = await answerOf('doctor');
  expect(well).toMatchObject({ status: 0, ok: true, problems: [] });
  await misconfigure('wrong-site');
  expect(await answerOf('doctor')).toMatchObject({ status: 1, ok: false, problems: ['wrong-site'] });
  const { stdout, status } = await portico('doctor');
  expect(status).toBe(1);
  expect(stdout).toContain('FAILED   single sign-on: ');
  expect(stdout).toContain('To check in the LMS:');
});

test('94: doctor --round-trip goes the whole way with one learner, and registers nobody twice', async () => {
  const count = () =>
    [...gateway.sandbox.state.requests.values()].filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/registration/'),
    ).length;
  const before = count();
  const first = await answerOf('doctor', '--round-trip');
  const asked = first.ok ? [] : await findSignIn(JSON.stringify(first.checks));
  expect(first, JSON.stringify({ checks: first.checks, asked })).toMatchObject({ status: 0, ok: true, problems: [] });
  expect(first.checks.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['LMS account', "learner's token", 'enrollment', 'grade']),
  );
  // One that asks whether anybody is registered, and the learner's own.
  expect(count() - before).toBe(2);
  expect(await answerOf('doctor', '--round-trip')).toMatchObject({ status: 0, ok: true });
  expect(count() - before).toBe(2);
  await misconfigure('worker-not-staff');
  expect(await answerOf('doctor', '--round-trip')).toMatchObject({ status: 1, problems: ['worker-not-staff'] });
}, 120_000);
