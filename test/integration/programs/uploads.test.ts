import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UploadEntity, UploadPartEntity } from '../../../src/entities/upload.entity.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let token: string;
let partnerId: string;

beforeAll(async () => {
  site = await startGraphSite();
  const partner = await site.aPerson({ username: 'sis', roles: ['ADMIN'], isLinked: false });
  partnerId = partner.id;
  ({ token } = await site.caller(partner, 'programs:write'));
});
afterAll(() => site[Symbol.asyncDispose]());

interface Answer {
  status: number;
  body: { uploadId?: string; sizeBytes?: number; error?: { code: string; message: string } };
}

async function upload(
  content: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData();
  form.set('note', 'fields beside the file are dropped');
  form.set('file', new Blob([content]), 'learners.csv');
  return post(form, headers);
}

async function post(body: FormData | string, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(`${site.url}/api/uploads`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const read = async (id: string) => {
  let text = '';
  for await (const part of site.gateway.context.services.uploads.text(id)) text += part;
  return text;
};

describe('a file that is sent in', () => {
  test('is kept sealed, as UTF-8 without its byte order mark, for whoever sent it', async () => {
    const csv = 'student_key,status\r\nÆsa,enrolled\r\n';
    const { status, body } = await upload(`\uFEFF${csv}`);
    expect(status).toBe(201);
    const { uploadId = '' } = body;
    expect(await read(uploadId)).toBe(csv);
    const em = site.gateway.context.orm.em.fork();
    const [part] = await em.find(UploadPartEntity, { uploadId });
    expect(part?.sealed).not.toContain('student_key');
    const { uploads } = site.gateway.context.services;
    await expect(uploads.require(uploadId, { accountId: partnerId })).resolves.toMatchObject({ name: 'learners.csv' });
    const stranger = await site.aPerson({ username: 'other-sis', isLinked: false });
    await expect(uploads.require(uploadId, { accountId: stranger.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is cut into characters, wherever the network cuts its bytes', async () => {
    const csv = `student_key,status\n${'€'.repeat(200_000)},enrolled\n`;
    const { body } = await upload(csv);
    expect(await read(body.uploadId ?? '')).toBe(csv);
  });

  test.each([
    ['nothing at all', '', 'EMPTY_FILE'],
    ['a ZIP archive', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), 'NOT_CSV'],
    ['Latin-1', new Uint8Array([...Buffer.from('student_key,status\nzo'), 0xeb, 0x2c, 0x61]), 'WRONG_ENCODING'],
    ['UTF-16 with its mark', new Uint8Array(Buffer.from('\uFEFFstudent_key,status\n', 'utf16le')), 'WRONG_ENCODING'],
    ['UTF-16 without one', new Uint8Array(Buffer.from('student_key,status\n', 'utf16le')), 'WRONG_ENCODING'],
  ])('is refused, and leaves nothing behind, when it is %s', async (_what, content, code) => {
    const em = site.gateway.context.orm.em.fork();
    const before = await em.count(UploadEntity, {});
    const { status, body } = await upload(content);
    expect({ status, code: body.error?.code }).toEqual({ status: 400, code });
    expect(await em.count(UploadEntity, {})).toBe(before);
  });

  test('names the line that is not UTF-8', async () => {
    const { body } = await upload(new Uint8Array([...Buffer.from('student_key,status\n1,enrolled\nzo'), 0xeb, 0x0a]));
    expect(body.error?.message).toContain('Line 3');
  });

  test('is 413 above 100 MB, before anything of it is read', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 102 * 1024 * 1024,
    };
    const outgoing = request(`${site.url}/api/uploads`, { method: 'POST', headers });
    outgoing.on('response', ({ statusCode }) => resolve(statusCode ?? 0)).on('error', reject);
    outgoing.flushHeaders();
    expect(await promise).toBe(413);
    outgoing.destroy();
  });
});

describe('whoever sends it', () => {
  test('sends it as a file', async () => {
    const asText = new FormData();
    asText.set('file', 'student_key,status\n');
    expect(await post(asText)).toMatchObject({ status: 400, body: { error: { code: 'NO_FILE' } } });
    const other = new FormData();
    other.set('csv', new Blob(['student_key,status\n']), 'a.csv');
    expect(await post(other)).toMatchObject({ status: 400, body: { error: { code: 'NO_FILE' } } });
    const type = 'multipart/form-data';
    expect(await post('x', { 'content-type': type })).toMatchObject({ body: { error: { code: 'MALFORMED_BODY' } } });
    const cut = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nstudent_key,sta';
    expect(await post(cut, { 'content-type': `${type}; boundary=b` })).toMatchObject({
      body: { error: { code: 'MALFORMED_BODY' } },
    });
    expect(await post('[]', { 'content-type': 'application/json' })).toMatchObject({ status: 415 });
  });

  test('needs the scope programs:write', async () => {
    const reader = await site.aPerson({ username: 'reader', roles: ['ADMIN'], isLinked: false });
    const { token: poor } = await site.caller(reader, 'programs:read');
    expect((await upload('a,b', { authorization: `Bearer ${poor}` })).status).toBe(403);
    expect((await upload('a,b', { authorization: 'Bearer nonsense' })).status).toBe(401);
    const nobody = await fetch(`${site.url}/api/uploads`, { method: 'POST', body: new FormData() });
    expect(nobody.status).toBe(401);
  });
});
