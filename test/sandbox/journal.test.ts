import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Store } from '../../sandbox/journal/store.js';
import { startChild } from '../support/child-process.js';
import { jsonOf } from './credentials.js';

const main = new URL('../../sandbox/main.ts', import.meta.url);

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sandbox-journal-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function openNotes(path: string): Disposable & { notes: ReturnType<Store['table']>; store: Store } {
  const store = new Store(path);
  const notes = store.table('notes');
  store.open();
  return { notes, store, [Symbol.dispose]: () => store.close() };
}

describe('the journal', () => {
  test('brings back every change, drops a line that was cut off, and goes on behind it', async () => {
    await using folder = await temporaryFolder();
    {
      using first = openNotes(folder.path);
      first.notes.set('a', { text: 'one' });
      first.notes.set('b', { text: 'two' });
      first.notes.delete('a');
    }
    await appendFile(join(folder.path, 'journal.ndjson'), '[["notes","set","c",{"te');
    {
      using second = openNotes(folder.path);
      expect([...second.notes.entries()]).toEqual([['b', { text: 'two' }]]);
      second.notes.set('d', { text: 'four' });
    }
    using third = openNotes(folder.path);
    expect([...third.notes.entries()].map(([key]) => key)).toEqual(['b', 'd']);
  });

  test('keeps all changes of a transaction or none', async () => {
    await using folder = await temporaryFolder();
    {
      using first = openNotes(folder.path);
      first.notes.set('a', 1);
      expect(() =>
        first.store.atomically(() => {
          first.notes.set('a', 2);
          first.notes.set('b', 2);
          throw new Error('no');
        }),
      ).toThrow('no');
      expect([...first.notes.entries()]).toEqual([['a', 1]]);
    }
    using second = openNotes(folder.path);
    expect([...second.notes.entries()]).toEqual([['a', 1]]);
  });

  test('is smaller after it was compacted, and says the same', async () => {
    await using folder = await temporaryFolder();
    {
      using first = openNotes(folder.path);
      for (let at = 0; at < 100; at++) first.notes.set('a', at);
      first.store.compact();
      first.notes.set('b', 'after');
    }
    using second = openNotes(folder.path);
    expect([...second.notes.entries()]).toEqual([
      ['a', 99],
      ['b', 'after'],
    ]);
  });
});

test('a sandbox killed in the middle of writes has every change that it answered for', async () => {
  await using folder = await temporaryFolder();
  const env = { SANDBOX_DIR: folder.path, SANDBOX_LMS_PORT: '0', SANDBOX_SMTP_PORT: '0' };
  const answered: string[] = [];
  {
    await using child = startChild(main, [], env);
    const { lms } = JSON.parse(await child.line('{"ready"'));
    const write = async (at: number): Promise<void> => {
      const fields = {
        username: `person${at}`,
        email: `person${at}@example.org`,
        name: 'A Person',
        password: 'Zx9-long-pass',
        honor_code: 'true',
      };
      const answer = await fetch(`${lms}/user_api/v1/account/registration/`, {
        method: 'POST',
        body: new URLSearchParams(fields),
      });
      if (answer.status === 200) answered.push(fields.username);
    };
    const writes = Array.from({ length: 60 }, (_, at) => write(at).catch(() => undefined));
    await Promise.race(writes);
    await Promise.all(writes.slice(0, 20));
    await child.kill();
    await Promise.all(writes);
  }
  expect(answered.length).toBeGreaterThanOrEqual(20);
  await using child = startChild(main, [], env);
  const { lms } = JSON.parse(await child.line('{"ready"'));
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'portico-worker',
    client_secret: 'portico-worker-secret',
  });
  const { access_token: token } = await jsonOf<{ access_token: string }>(
    fetch(`${lms}/oauth2/access_token`, { method: 'POST', body: form }),
  );
  const found = await jsonOf<{ username: string }[]>(
    fetch(`${lms}/api/user/v1/accounts?username=${answered.join(',')}`, {
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  expect(found.map(({ username }) => username).sort()).toEqual(answered.sort());
  const log = await jsonOf<{ seq: number; method: string; status: number }[]>(fetch(`${lms}/_sandbox/requests`));
  expect(log.filter(({ method, status }) => method === 'POST' && status === 200).length).toBeGreaterThanOrEqual(
    answered.length,
  );
  expect(new Set(log.map(({ seq }) => seq)).size).toBe(log.length);
});

test('the process says when it is ready, who it is, and ends on SIGTERM', async () => {
  await using child = startChild(main, [], { SANDBOX_LMS_PORT: '0', SANDBOX_SMTP_PORT: '0' });
  const { ready, lms } = JSON.parse(await child.line('{"ready"'));
  expect(ready).toBe(true);
  const port = new URL(lms).port;
  for (const host of ['127.0.0.1', 'localhost']) {
    expect(await jsonOf(fetch(`http://${host}:${port}/_sandbox/health`))).toMatchObject({
      ok: true,
      pid: child.process.pid,
    });
  }
  const ended = new Promise((resolve) => child.process.once('exit', resolve));
  child.process.kill('SIGTERM');
  expect(await ended).toBe(0);
});
