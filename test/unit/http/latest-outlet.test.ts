import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LatestOutlet } from '../../../src/http/latest-outlet.js';

/** A stream whose reader takes something when the test says so. */
function slowStream() {
  const taken: string[] = [];
  let take: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 8,
    write(chunk, _encoding, callback) {
      take = () => {
        taken.push(String(chunk));
        callback();
      };
    },
  });
  const takeAll = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    while (take) {
      const next = take;
      take = undefined;
      next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { stream, taken, takeAll };
}

test('what a slow reader has not taken is told as it is when there is room: the latest of each state', async () => {
  const { stream, taken, takeAll } = slowStream();
  using outlet = new LatestOutlet(stream, () => expect.unreachable());
  outlet.write('other', () => Buffer.from('12345678'));
  for (const percent of [1, 2, 3]) outlet.write('a', () => Buffer.from(`a${percent}`));
  outlet.write('b', () => Buffer.from('b1'));
  outlet.write('gone', () => Buffer.from('gone'));
  outlet.write('left', () => undefined);
  outlet.forget('gon');
  await takeAll();
  expect(taken).toEqual(['12345678', 'a3', 'b1']);
});

test('what is written in one turn reaches the system at once, in its order', async () => {
  const writes: string[][] = [];
  const stream = new Writable({
    writev(chunks, callback) {
      writes.push(chunks.map(({ chunk }) => String(chunk)));
      callback();
    },
  });
  using outlet = new LatestOutlet(stream, () => expect.unreachable());
  for (const state of ['a', 'b']) outlet.write(state, () => Buffer.from(state));
  stream.write('beside');
  await new Promise((resolve) => setImmediate(resolve));
  outlet.write('c', () => Buffer.from('c'));
  stream.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toEqual([['a', 'b', 'beside'], ['c']]);
});

test('what an HTTP answer is told in the turn in which it ends comes before its end', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('begun ');
    setImmediate(() => {
      using outlet = new LatestOutlet(response, () => expect.unreachable());
      outlet.write('a', () => Buffer.from('told '));
      response.end('ended');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('begun told ended');
  server.close();
  server.closeAllConnections();
});

test('no more than two hundred states wait: then the connection is given up, and nothing is kept', async () => {
  const { stream, taken, takeAll } = slowStream();
  let overflows = 0;
  using outlet = new LatestOutlet(stream, () => {
    overflows += 1;
  });
  outlet.write('first', () => Buffer.from('12345678'));
  for (let n = 0; n < 200; n++) outlet.write(`state ${n}`, () => Buffer.from('x'));
  expect(overflows).toBe(0);
  outlet.write('one more', () => Buffer.from('x'));
  expect(overflows).toBe(1);
  await takeAll();
  expect(taken).toEqual(['12345678']);
});

test('after the end nothing listens at the stream', () => {
  const { stream } = slowStream();
  const outlet = new LatestOutlet(stream, () => {});
  outlet[Symbol.dispose]();
  expect(stream.listenerCount('drain')).toBe(0);
});
