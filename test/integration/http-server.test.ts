import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startGateway } from '../support/start-gateway.js';
import { createTestDatabase } from '../support/test-database.js';

/** `fetch` does not let a caller choose `Host`. */
function get(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; location?: string; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (res) => {
      let body = '';
      res.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          ...(res.headers.location && { location: res.headers.location }),
          body,
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('a foreign host is refused and not repeated, whoever says it', async () => {
  await using gateway = await startGateway();
  for (const headers of [{ host: 'evil.example' }, { host: `evil.example:${new URL(gateway.url).port}` }]) {
    const answer = await get(`${gateway.url}/.well-known/openid-configuration`, headers);
    expect(answer.status).toBe(421);
    expect(answer.body).not.toContain('evil.example');
  }
  const forged = await get(`${gateway.url}/nowhere`, { 'x-forwarded-host': 'evil.example' });
  expect(forged.status).toBe(404);
  expect(forged.body).not.toContain('evil.example');
});

test('the forwarded host counts when a trusted proxy says it', async () => {
  await using gateway = await startGateway({ env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1' } });
  const { host } = new URL(gateway.url);
  expect((await get(`${gateway.url}/nowhere`, { host: 'inner:1', 'x-forwarded-host': host })).status).toBe(404);
  expect((await get(`${gateway.url}/nowhere`, { 'x-forwarded-host': 'evil.example' })).status).toBe(421);
});

test('plain http at a trusted proxy is sent to https', async () => {
  await using gateway = await startGateway({
    env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1', PORTICO_PUBLIC_URL: 'https://portico.example.org' },
  });
  const at = `http://127.0.0.1:${gateway.context.config.http.port}`;
  const plain = await get(`${at}/login?a=b`, { host: 'portico.example.org', 'x-forwarded-proto': 'http' });
  expect(plain).toMatchObject({ status: 308, location: 'https://portico.example.org/login?a=b' });
  const secure = await fetch(`${at}/health/live`, { headers: { 'x-forwarded-proto': 'https' } });
  expect(secure.headers.get('strict-transport-security')).toContain('max-age');
});

test('health is asked by address and tells which part is unwell', async () => {
  await using database = await createTestDatabase();
  await using gateway = await startGateway({ databaseUrl: database.url });
  for (const path of ['startup', 'liveness', 'live', 'readiness', 'ready'])
    expect((await get(`${gateway.url}/health/${path}`, { host: '10.0.0.7' })).status, path).toBe(200);
  await database[Symbol.asyncDispose]();
  const ready = await fetch(`${gateway.url}/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'unavailable', checks: { database: false } });
});

test('metrics count requests by route', async () => {
  await using gateway = await startGateway();
  await fetch(`${gateway.url}/health/live`);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/health/live",status="200"} 1');
});

test('errors are JSON for programs and a page for people, and carry the request id', async () => {
  await using gateway = await startGateway();
  const json = await fetch(`${gateway.url}/nowhere`);
  expect(json.status).toBe(404);
  expect(await json.json()).toEqual({
    error: {
      code: 'NOT_FOUND',
      message: 'There is nothing at this address.',
      requestId: json.headers.get('x-request-id'),
    },
  });
  const page = await fetch(`${gateway.url}/nowhere`, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(404);
  expect(page.headers.get('content-type')).toContain('text/html');
});

test('a port that is taken is named, with what to do', async () => {
  await using gateway = await startGateway();
  const { port } = new URL(gateway.url);
  await expect(startGateway({ env: { PORT: port } })).rejects.toThrow(`Port ${port} is taken by another program.`);
});
