import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createCallbackFetch } from '../../../src/oauth/client/callbacks.js';

test.each([true, false])(
  'a client that sends us on elsewhere is not followed (loopback %s)',
  async (mayCallLoopback) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      const url = `http://127.0.0.1:${address instanceof Object ? address.port : 0}/list.json`;
      const answer = await createCallbackFetch(mayCallLoopback)(url, { method: 'GET' });
      expect(answer.status).toBe(302);
      expect(asked).toEqual(['/list.json']);
    } finally {
      server.close();
    }
  },
);
