import { once } from 'node:events';
import { expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { textFrame } from '../../../src/http/text-frame.js';

test('frames of every form of length are read by a client as the texts that they were', async () => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map((length) => 'x'.repeat(length));
  texts.push('größer als 你好 🎓'.repeat(9));
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (_socket, request) => {
    for (const text of texts) {
      const bytes = Buffer.from(text);
      const middle = Math.floor(bytes.length / 2);
      request.socket.write(textFrame([bytes.subarray(0, middle), bytes.subarray(middle)]));
    }
  });
  const address = server.address();
  const port = address instanceof Object ? address.port : 0;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const read: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data, isBinary) => {
      if (isBinary) reject(new Error('a text came as bytes'));
      if (read.push(String(data)) === texts.length) resolve();
    });
  });
  expect(read).toEqual(texts);
  client.terminate();
  server.close();
});
