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
