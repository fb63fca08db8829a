import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { receiveFile, TooLargeError } from '../../../src/rest/multipart-file.js';

const headers = { 'content-type': 'multipart/form-data; boundary=b' };
const part = (name: string, content: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"; filename="${name}.csv"\r\n\r\n${content}\r\n`;

const receive = (body: string, mostBytes = 1000) =>
  receiveFile(Readable.from([Buffer.from(body)]), headers, { field: 'file', mostBytes }, async (file, name) => ({
    name,
    text: await text(file),
  }));

test('the file of the name is handed on, others are dropped', async () => {
  const body = `${part('other', 'no')}${part('file', 'yes')}${part('file', 'second')}--b--\r\n`;
  await expect(receive(body)).resolves.toEqual({ name: 'file.csv', text: 'yes' });
});

test('a file may have just the bytes that are taken, and not one more', async () => {
  await expect(receive(`${part('file', 'x'.repeat(1000))}--b--\r\n`)).resolves.toMatchObject({ name: 'file.csv' });
  await expect(receive(`${part('file', 'x'.repeat(1001))}--b--\r\n`)).rejects.toBeInstanceOf(TooLargeError);
});

test.each([
  ['before the file ends', part('file', 'student_key').slice(0, -2)],
  ['before the body ends', part('file', 'student_key')],
  ['in a file that nobody wants', part('other', 'student_key').slice(0, -2)],
  ['in the head of a part', '--b\r\ncontent-dispo'],
])('a body that ends %s is refused', async (_where, body) => {
  await expect(receive(body)).rejects.toMatchObject({ reason: expect.stringMatching('MALFORMED_BODY|NO_FILE') });
});

test('what the reader of the file throws is the answer', async () => {
  const body = `${part('file', 'x'.repeat(500))}--b--\r\n`;
  const rules = { field: 'file', mostBytes: 1000 };
  await expect(
    receiveFile(Readable.from([Buffer.from(body)]), headers, rules, async () => {
      throw new Error('not today');
    }),
  ).rejects.toThrow('not today');
});
