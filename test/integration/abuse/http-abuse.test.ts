import { expect, test } from 'vitest';
import { anUpgrade, sendRaw } from '../../support/raw-http.js';
import { startGateway } from '../../support/start-gateway.js';

test('a WebSocket upgrade to any target whatever is answered, and Portico lives on and stops', async () => {
  await using gateway = await startGateway();
  const { host } = new URL(gateway.url);
  for (const target of ['//', '/\\', 'http://[', 'http://evil.example/graphql', '*', '/graphql/../metrics'])
    expect(await sendRaw(gateway.url, anUpgrade(target, host)), target).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
});

test('whoever asks how everything is, again and again, has the LMS asked once', async () => {
  await using gateway = await startGateway({ sandbox: 'empty' });
  const requests = `${gateway.sandbox.lmsUrl}/_sandbox/requests`;
  await fetch(requests, { method: 'DELETE' });
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(`${gateway.url}/health/full`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  const asked = (await (await fetch(requests)).json()) as { path: string }[];
  const paths = asked.map(({ path }) => path).filter((path) => !path.startsWith('/_sandbox'));
  expect(paths.sort()).toEqual(['/api/user/v1/accounts', '/heartbeat', '/oauth2/access_token/']);
});
