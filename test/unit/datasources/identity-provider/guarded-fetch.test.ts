import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuardedFetch } from '../../../../src/datasources/identity-provider/guarded-fetch.js';

let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  response.writeHead(302, { location: 'http://169.254.169.254/' }).end('here');
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => {
  server.close();
});

test.each([
  'http://127.0.0.1',
  'http://127.9.9.9',
  'http://localhost',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
  'http://2130706433',
  'http://0.0.0.0',
])('%s is not called where providers are elsewhere', async (origin) => {
  await using guarded = createGuardedFetch(false);
  asked = 0;
  await expect(guarded.fetch(`${origin}:${port}/`)).rejects.toThrow();
  expect(asked).toBe(0);
});

test.each(['http://10.0.0.1', 'http://169.254.169.254', 'http://192.168.1.1', 'http://[fd00::1]', 'http://0.0.0.0'])(
  '%s is not called, not even for trying out',
  async (origin) => {
    await using guarded = createGuardedFetch(true);
    await expect(guarded.fetch(origin)).rejects.toThrow('is no public host');
  },
);

test('this machine is called for trying out, and a redirect is not followed', async () => {
  await using guarded = createGuardedFetch(true);
  const answer = await guarded.fetch(`http://127.0.0.1:${port}/`);
  expect(answer.status).toBe(302);
});
