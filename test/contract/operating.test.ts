import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { eventually } from '../support/eventually.js';
import { askGraph } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../support/graph-site.js';
import { runCommand, startCommand } from '../support/run-command.js';
import { pullLever } from '../support/sandbox-levers.js';
import { testEnvironment } from '../support/settings.js';
import { startGateway } from '../support/start-gateway.js';
import { createTestDatabase } from '../support/test-database.js';
import { findTestPort } from '../support/test-port.js';

/** Health, settings, figures and what support sees; the numbers are those of the checklist of features. */
let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite({ worker: true });
});
afterAll(() => site[Symbol.asyncDispose]());

interface HealthAnswer {
  status: string;
  checks: Record<string, boolean>;
  reasons?: Record<string, string>;
  workerToken?: { credentials: string; daysToExpiry: number | null };
}
const healthOf = async (url: string, path: string) => {
  const answer = await fetch(`${url}/health/${path}`);
  return { code: answer.status, ...((await answer.json()) as HealthAnswer) };
};
/** What the LMS said a moment ago stands for a moment. */
const fullHealthThat = (isAwaited: (health: Awaited<ReturnType<typeof healthOf>>) => boolean) =>
  eventually('the health that is awaited', async () => {
    const health = await healthOf(site.url, 'full');
    return isAwaited(health) ? health : undefined;
  });

test('95: startup, liveness, readiness (database, queue), and full with the LMS and the service worker’s token', async () => {
  expect(await healthOf(site.url, 'startup')).toMatchObject({ code: 200, checks: { started: true } });
  for (const path of ['liveness', 'live'])
    expect(await healthOf(site.url, path)).toMatchObject({ code: 200, checks: { alive: true } });
  for (const path of ['readiness', 'ready'])
    expect(await healthOf(site.url, path)).toEqual({
      code: 200,
      status: 'ok',
      checks: { started: true, accepting: true, database: true, queue: true },
    });
  const own = await fetch(`${site.url}/health`, { headers: { host: 'of-a-load-balancer' } });
  expect([own.status, await own.json()]).toEqual([
    200,
    { overall_status: 'OK', detailed_status: { database_status: 'OK' } },
  ]);
  const full = await fullHealthThat(({ code }) => code === 200);
  expect(full.checks).toMatchObject({ database: true, queue: true, lms: true, workerToken: true, jobs: true });
  expect(full.workerToken).toMatchObject({ credentials: 'client_credentials' });
  expect(full.workerToken?.daysToExpiry).toBeGreaterThan(0);

  const { lmsUrl } = site.gateway.sandbox;
  await pullLever(lmsUrl, 'PUT', 'faults', [{ match: '/heartbeat', mode: 'down' }]);
  const withoutLms = await fullHealthThat(({ checks }) => checks.lms === false);
  expect(withoutLms).toMatchObject({ code: 503, status: 'unavailable', reasons: { lms: expect.any(String) } });
  expect((await healthOf(site.url, 'readiness')).code).toBe(200);
  await pullLever(lmsUrl, 'DELETE', 'faults');
  await fullHealthThat(({ checks }) => checks.lms === true);

  await pullLever(lmsUrl, 'PUT', 'faults', [
    { match: '/api/user/v1/accounts', mode: 'forbidden' },
    { match: '/oauth2/access_token*', mode: 'forbidden' },
  ]);
  const unwell = await fullHealthThat(({ checks }) => checks.workerToken === false);
  expect(unwell.code).toBe(503);
  await pullLever(lmsUrl, 'DELETE', 'faults');
  await fullHealthThat(({ code }) => code === 200);
});

test('95: a service worker whose token the LMS does not take is told in clear text, and one without any does not start', async () => {
  await using gateway = await startGateway({
    sandbox: 'demo',
    env: {
      OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
      OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
      OPENEDX_SERVICE_WORKER_API_TOKEN: 'made-by-hand-and-long-gone',
      OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES: '2020-01-01',
    },
  });
  const { code, checks, reasons, workerToken } = await healthOf(gateway.url, 'full');
  expect(code).toBe(503);
  expect(checks).toMatchObject({ lms: true, workerToken: false });
  expect(reasons?.workerToken).toContain('OPENEDX_SERVICE_WORKER_API_TOKEN');
  expect(workerToken?.credentials).toBe('static');
  expect(workerToken?.daysToExpiry).toBeLessThan(0);
  expect(JSON.stringify(await healthOf(gateway.url, 'full'))).not.toContain('made-by-hand');

  const start = await runCommand(['web'], {
    DATABASE_URL: gateway.context.config.database.url,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
  });
  expect(start.status).toBe(1);
  expect(start.stderr).toMatch(/OPENEDX_SERVICE_WORKER_CLIENT_ID is not set: .*OPENEDX_SERVICE_WORKER_API_TOKEN/);
});

test('95: without its database Portico lives, is not ready, and says why', async () => {
  await using database = await createTestDatabase();
  await using gateway = await startGateway({ databaseUrl: database.url });
  await database[Symbol.asyncDispose]();
  expect(await healthOf(gateway.url, 'readiness')).toMatchObject({
    code: 503,
    checks: { database: false, queue: false },
    reasons: { database: expect.any(String) },
  });
  const own = await fetch(`${gateway.url}/health`);
  expect([own.status, await own.json()]).toEqual([
    503,
    { overall_status: 'UNAVAILABLE', detailed_status: { database_status: 'UNAVAILABLE' } },
  ]);
  expect((await healthOf(gateway.url, 'liveness')).code).toBe(200);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('portico_database_up 0');
  expect(metrics).not.toMatch(/^(enrollment_pending|job_lag_seconds)/m);
});

test('96: a missing or misspelled setting stops the start, which names all of them', async () => {
  const nothing = Object.fromEntries(Object.keys(testEnvironment).map((name) => [name, '']));
  const { status, stderr } = await runCommand(['web'], {
    ...nothing,
    DATABASE_URL: '',
    PORT: 'many',
    PORTICO_PUBIC_URL: 'https://portico.example.edu',
  });
  expect(status).toBe(1);
  for (const name of [
    'DATABASE_URL',
    'OPENEDX_API_BASE_URL',
    'OPENEDX_API_CLIENT_ID',
    'OPENEDX_API_CLIENT_SECRET',
    'OPENEDX_SERVICE_WORKER_CLIENT_ID',
    'PORTICO_SECRET_KEYS',
    'SMTP_URL',
  ])
    expect(stderr).toContain(`${name} is not set`);
  expect(stderr).toContain('PORT ');
  expect(stderr).toContain('PORTICO_PUBIC_URL is not a setting: is PORTICO_PUBLIC_URL meant?');
});

test('96: the defaults are those of the field', () => {
  const { lms, timeouts, jobs } = site.gateway.context.config;
  expect(lms).toMatchObject({
    backend: 'ol-oauth2',
    socialLoginPath: '/auth/login/ol-oauth2/?auth_entry=login',
    clientName: 'edx-oauth-app',
    // Minutes suffice for one call.
    registrationTokenSeconds: 300,
  });
  expect(lms.browserUrl).toBe(lms.baseUrl);
  expect(timeouts.jobMs).toBe(60_000);
  expect(jobs.maxAttempts).toBe(5);
});

test('97: after some work /metrics shows every figure by its name', async () => {
  const { context } = site.gateway;
  const { accounts, edxApiTokens, enrollments, courseRuns, edxLinks } = context.services;
  await courseRuns.sync();
  const create = (username: string, email: string) =>
    accounts.create(
      { username, email, name: 'Mina Murray', isEmailVerified: true, password: testPassword },
      systemActor,
    );
  const stateOf = async (accountId: string) => (await edxLinks.find(accountId))?.state;
  const mina = await create('mina', 'mina@example.org');
  await eventually('the link', async () => (await stateOf(mina.id)) === 'LINKED');
  await edxApiTokens.getValidToken(mina.id);
  await edxApiTokens.refresh(mina.id);
  for (const courseKey of ['course-v1:edX+E2E-101+course', 'course-v1:OpenSchool+CLOSED+2020'])
    await enrollments.request({ accountId: mina.id, courseKey }, systemActor);
  // The LMS knows her address, and that it belongs to another account of Portico.
  await context.orm.em.fork().nativeUpdate(AccountEntity, { id: mina.id }, { email: 'wilhelmina@example.org' });
  const double = await create('double', 'mina@example.org');
  await eventually('the conflict', async () => (await stateOf(double.id)) === 'CONFLICT');
  await askGraph({ url: site.url }, 'query Watched { viewer { id } }');
  await eventually('the enrollments', async () => {
    const rows = await enrollments.ofAccounts([mina.id]);
    return rows.every((row) => row.state === 'ACTIVE' || row.state === 'REJECTED');
  });

  const text = await (await fetch(`${site.url}/metrics`)).text();
  for (const sample of [
    /^lms_request_total\{operation="registration.create",status_class="2xx"\} \d/m,
    /^lms_request_seconds_count\{operation="enrollment.write"\} \d/m,
    /^lms_circuit_state\{family="[\w-]+"\} 0/m,
    /^user_sync_total\{state="LINKED"\} \d/m,
    /^user_sync_dead_total\{reason="[\w-]+"\} 1/m,
    /^token_refresh_total\{outcome="granted"\} \d/m,
    /^token_dance_total\{step="\w+",outcome="granted"\} \d/m,
    /^enrollment_pending \d/m,
    /^enrollment_oldest_pending_seconds \d/m,
    /^enrollment_dead_total\{reason="enrollment-closed"\} 1/m,
    /^job_lag_seconds\{queue="interactive"\} \d/m,
    /^job_lag_seconds\{queue="bulk"\} \d/m,
    /^job_lag_seconds\{queue="scheduled"\} \d/m,
    /^course_sync_total\{outcome="created"\} \d/m,
    /^# TYPE grade_sync_total counter/m,
    /^worker_token_expires_in_seconds\{credentials="client_credentials"\} \d/m,
    /^portico_graphql_operation_duration_seconds_count\{operation="other",type="query",code="OK"\} 1/m,
    /^portico_upstream_call_duration_seconds_count\{upstream="lms",operation="heartbeat",outcome="ok"\} \d/m,
    /^portico_dead_letters\{kind="enrollment"\} 1/m,
    /^portico_dead_letters_last_hour\{kind="edx_link"\} 1/m,
  ])
    expect(text).toMatch(sample);
});

test('97: a process that only works shows its own figures at a port of its own, and offers nothing else there', async () => {
  const { context, sandbox } = site.gateway;
  const port = await findTestPort();
  const worker = startCommand(['worker'], {
    DATABASE_URL: context.config.database.url,
    OPENEDX_API_BASE_URL: sandbox.lmsUrl,
    WORKER_WATCH_PORT: String(port),
    HOST: 'localhost',
    LOG_LEVEL: 'warn',
  });
  try {
    const at = `http://localhost:${port}`;
    const isReady = () =>
      fetch(`${at}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually('the worker', isReady, { deadlineMs: 30_000 });
    const text = await (await fetch(`${at}/metrics`)).text();
    expect(text).toMatch(/^job_lag_seconds\{queue="interactive"\} \d/m);
    expect(text).toMatch(/^# TYPE user_sync_total counter/m);
    expect((await fetch(`${at}/login`)).status).toBe(404);
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
  }
}, 60_000);

test('98: support sees how the link of a person stands, without a secret; others do not', async () => {
  // Without a worker: its jobs change links by themselves.
  await using site = await startGraphSite();
  const query = `{ account(by: { username: "ada" }) { username edx {
    state stateSince edxUsername attempts nextAttemptAt lastError { code message retryable at }
    apiToken { hasToken expiresAt lastRefreshedAt lastError { code message } }
    mapping { username remoteId } drift history { at from to cause actor { username } }
  } } }`;
  const { id: accountId } = await site.aPerson({ username: 'ada' });
  const em = site.gateway.context.orm.em.fork();
  await em.nativeUpdate(
    EdxLinkEntity,
    { accountId },
    {
      attempts: 2,
      nextAttemptAt: new Date('2030-01-01T00:00:00Z'),
      apiAccessToken: 'sealed-access-token',
      apiRefreshToken: 'sealed-refresh-token',
      apiTokenExpiresAt: new Date('2030-02-01T00:00:00Z'),
      lastError: {
        upstream: 'lms',
        code: 'unreachable',
        message: 'The LMS cannot be reached.',
        retryable: true,
        at: '2026-01-01T00:00:00.000Z',
      },
    },
  );
  const sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  const { data, errors } = await askGraph<{ account: { edx: Record<string, unknown> } }>(sam, query);
  expect(errors).toBeUndefined();
  expect(data?.account.edx).toMatchObject({
    state: 'LINKED',
    edxUsername: 'ada',
    attempts: 2,
    nextAttemptAt: '2030-01-01T00:00:00.000Z',
    lastError: { code: 'unreachable', retryable: true },
    apiToken: { hasToken: true, expiresAt: '2030-02-01T00:00:00.000Z' },
  });
  expect(data?.account.edx.drift).toEqual(expect.any(Array));
  expect(JSON.stringify(data)).not.toContain('sealed-');

  const pim = await site.caller(await site.aPerson({ username: 'pim' }), 'user:read learning:read accounts:read');
  for (const other of [pim, { url: site.url }]) {
    const refused = await askGraph(other, query);
    expect(JSON.stringify(refused.errors)).toMatch(/FORBIDDEN|UNAUTHENTICATED/);
    expect(JSON.stringify(refused.data ?? null)).not.toContain('unreachable');
  }
});
