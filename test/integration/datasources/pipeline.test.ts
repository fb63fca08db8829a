import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startDeadline } from '../../../src/datasources/upstream/deadline.js';
import { UpstreamRejectedError } from '../../../src/errors.js';
import { answerJson, connectLms, startScriptedLms } from './scripted-lms.js';

const request = { purpose: 'request' } as const;
const job = { purpose: 'job' } as const;
/** Short waits, and a static token so that no token call is in the way. */
const env = {
  UPSTREAM_TRY_TIMEOUT: '150',
  UPSTREAM_REQUEST_TIMEOUT: '600',
  EDX_API_CLIENT_TIMEOUT: '1',
  OPENEDX_SERVICE_WORKER_API_TOKEN: 'static',
  OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
};
const form = { username: 'ann', email: 'ann@example.org', name: 'Ann', provider: 'ol-oauth2', accessToken: 't' };

async function withLms(script: (response: ServerResponse, count: number) => void) {
  let count = 0;
  const lms = await startScriptedLms((_seen, response) => {
    count += 1;
    script(response, count);
  });
  return { lms, portico: connectLms(lms.url, { env }) };
}

async function failure(promise: Promise<unknown>) {
  return promise.then(
    (value) => ({ unexpected: value }),
    (error: unknown) => error,
  );
}

describe('reads', () => {
  const readings: [name: string, script: (response: ServerResponse) => void, expected: object][] = [
    ['hangs', () => {}, { why: 'timeout' }],
    ['drops the connection', (response) => response.socket?.destroy(), { why: 'unreachable' }],
    ['answers 503', (response) => response.writeHead(503).end(), { why: 'server-error', status: 503 }],
    [
      'cuts the answer off',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
        response.write('[{"a":', () => response.socket?.destroy());
      },
      { why: 'bad-answer', status: 200 },
    ],
  ];
  test.each(readings)(
    'an LMS that %s is tried three times, then the error says what it is',
    async (_name, script, expected) => {
      await using lms = await startScriptedLms((_seen, response) => script(response));
      await using portico = connectLms(lms.url, { env: { ...env, UPSTREAM_REQUEST_TIMEOUT: '4000' } });
      const error = await failure(portico.api.certificatesOf('ann', request));
      expect(error).toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        upstream: 'lms',
        mayHaveHappened: false,
        ...expected,
      });
      expect(lms.seen).toHaveLength(3);
    },
  );

  test('a failure that passes costs one more call and no error', async () => {
    const { lms, portico } = await withLms((response, count) =>
      count === 1 ? response.socket?.destroy() : answerJson(response, 200, []),
    );
    await using _lms = lms;
    await using _portico = portico;
    expect(await portico.api.certificatesOf('ann', request)).toEqual([]);
    expect(lms.seen).toHaveLength(2);
  });

  test('nobody listens: unreachable', async () => {
    const lms = await startScriptedLms(() => {});
    await lms[Symbol.asyncDispose]();
    await using portico = connectLms(lms.url, { env });
    expect(await failure(portico.api.certificatesOf('ann', request))).toMatchObject({ why: 'unreachable' });
  });

  test('a redirect is not followed, with the token on its way to another host', async () => {
    await using elsewhere = await startScriptedLms((_seen, response) => answerJson(response, 200, []));
    const { lms, portico } = await withLms((response) => response.writeHead(302, { location: elsewhere.url }).end());
    await using _lms = lms;
    await using _portico = portico;
    expect(await failure(portico.api.certificatesOf('ann', request))).toMatchObject({ why: 'bad-answer', status: 302 });
    expect(elsewhere.seen).toEqual([]);
  });

  test('an answer beyond the size limit is given up before it fills the memory', async () => {
    let written = 0;
    const { lms, portico } = await withLms((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pour = () => {
        while (written < 64 * 1024 * 1024 && !response.destroyed) {
          written += 1024 * 1024;
          if (!response.write(' '.repeat(1024 * 1024))) return response.once('drain', pour);
        }
        return response.end();
      };
      pour();
    });
    await using _lms = lms;
    await using _portico = portico;
    expect(await failure(portico.api.certificatesOf('ann', job))).toMatchObject({ why: 'bad-answer' });
    expect(written).toBeLessThan(64 * 1024 * 1024);
    expect(lms.seen).toHaveLength(1);
  });

  test('members of the wrong type are a bad answer, and not asked for again', async () => {
    const { lms, portico } = await withLms((response) => answerJson(response, 200, [{ username: 7 }]));
    await using _lms = lms;
    await using _portico = portico;
    expect(await failure(portico.api.certificatesOf('ann', request))).toMatchObject({ why: 'bad-answer' });
    expect(lms.seen).toHaveLength(1);
  });

  test('a cookie of the LMS is never sent back', async () => {
    const { lms, portico } = await withLms((response) =>
      answerJson(response, 200, [], { 'set-cookie': 'sessionid=1; Path=/' }),
    );
    await using _lms = lms;
    await using _portico = portico;
    await portico.api.certificatesOf('ann', request);
    await portico.api.certificatesOf('bob', request);
    expect(lms.seen.map((seen) => seen.headers.cookie)).toEqual([undefined, undefined]);
  });

  test('a caller who leaves ends its call with its own reason', async () => {
    const { lms, portico } = await withLms(() => leaving.abort(new Error('the client hung up')));
    const leaving = new AbortController();
    await using _lms = lms;
    await using _portico = portico;
    const error = await failure(portico.api.certificatesOf('ann', { ...job, signal: leaving.signal }));
    expect(error).toEqual(new Error('the client hung up'));
  });

  test('calls that share a deadline end together', async () => {
    const { lms, portico } = await withLms(() => {});
    await using _lms = lms;
    await using _portico = portico;
    const deadline = startDeadline('request', { tryMs: 100, requestMs: 120, jobMs: 1 });
    await failure(portico.api.certificatesOf('ann', { ...request, deadline }));
    expect(deadline.remainingMs()).toBeLessThan(60);
    await failure(portico.api.certificatesOf('bob', { ...request, deadline }));
    // Timers count in whole milliseconds, and may be a fraction of one early.
    expect(deadline.remainingMs()).toBeLessThan(1);
  });

  test('an LMS that is ill is left alone, and asked again after a moment', async () => {
    let isIll = true;
    const { lms, portico } = await withLms((response) =>
      isIll ? response.writeHead(500).end() : answerJson(response, 200, []),
    );
    await using _lms = lms;
    await using _portico = portico;
    for (const name of ['a', 'b']) await failure(portico.api.certificatesOf(name, request));
    const callsBefore = lms.seen.length;
    expect(await failure(portico.api.certificatesOf('c', request))).toMatchObject({ why: 'circuit-open' });
    expect(lms.seen).toHaveLength(callsBefore);
    expect(portico.client.status()).toMatchObject({ breaker: 'open', breakerWhy: 'server-error', errorRate: 1 });
    // Other parts of the LMS are not judged by this one.
    expect(await failure(portico.api.heartbeat(request))).toMatchObject({ why: 'server-error' });
    isIll = false;
    await expect
      .poll(async () => (await failure(portico.api.certificatesOf('c', request))) as unknown, {
        timeout: 10_000,
        interval: 100,
      })
      .toEqual({ unexpected: [] });
    expect(portico.client.status().breaker).toBe('closed');
  });
});

describe('writes', () => {
  test.each([
    ['no answer', () => {}, { why: 'timeout' }],
    ['a lost connection', (response: ServerResponse) => response.socket?.destroy(), { why: 'unreachable' }],
    ['an HTML 500', (response: ServerResponse) => response.writeHead(500).end('<html>'), { why: 'server-error' }],
  ])('%s may mean a done deed: one call, and the error says so', async (_name, script, expected) => {
    const { lms, portico } = await withLms(script);
    await using _lms = lms;
    await using _portico = portico;
    expect(await failure(portico.api.registerUser(form, job))).toMatchObject({ ...expected, mayHaveHappened: true });
    expect(lms.seen).toHaveLength(1);
  });

  test('a write that never left did not happen', async () => {
    const lms = await startScriptedLms(() => {});
    await lms[Symbol.asyncDispose]();
    await using portico = connectLms(lms.url, { env });
    expect(await failure(portico.api.registerUser(form, job))).toMatchObject({
      why: 'unreachable',
      mayHaveHappened: false,
    });
  });

  test('a redirect of a write is an error: following it would turn the POST into a GET', async () => {
    const { lms, portico } = await withLms((response) => response.writeHead(301, { location: '/elsewhere/' }).end());
    await using _lms = lms;
    await using _portico = portico;
    expect(await failure(portico.api.registerUser(form, job))).toMatchObject({ why: 'bad-answer', status: 301 });
    expect(lms.seen).toHaveLength(1);
  });
});

describe('throttles', () => {
  test('a refusal holds back the calls of that budget for as long as the LMS says', async () => {
    const { lms, portico } = await withLms((response) =>
      answerJson(response, 429, { developer_message: 'Request was throttled. Expected available in 50 seconds.' }),
    );
    await using _lms = lms;
    await using _portico = portico;
    const list = () => failure(portico.api.listEnrollments({ usernames: ['ann'] }, request));
    expect(await list()).toMatchObject({ why: 'throttled', retryAfterSeconds: 50, mayHaveHappened: false });
    expect(await list()).toMatchObject({ why: 'throttled' });
    expect(lms.seen).toHaveLength(1);
    expect(portico.client.status()).toMatchObject({ breaker: 'closed', limiter: { used: 0 } });
  });

  test('a short wait is waited', async () => {
    const { lms, portico } = await withLms((response, count) =>
      count === 1
        ? answerJson(response, 429, { detail: 'throttled' }, { 'retry-after': '1' })
        : answerJson(response, 200, { next: null, previous: null, results: [] }),
    );
    await using _lms = lms;
    await using portico8 = connectLms(lms.url, { env: { ...env, UPSTREAM_REQUEST_TIMEOUT: '8000' } });
    await using _portico = portico;
    expect(await portico8.api.listEnrollments({ usernames: ['ann'] }, request)).toEqual([]);
    expect(lms.seen).toHaveLength(2);
  });

  test('course runs are read one by one while the list is held back', async () => {
    const lms = await startScriptedLms((seen, response) =>
      seen.url.includes('course_keys')
        ? answerJson(response, 429, { developer_message: 'Request was throttled.' })
        : answerJson(response, 404, { developer_message: 'Course not found.' }),
    );
    await using _lms = lms;
    await using portico = connectLms(lms.url, { env });
    const courseKeys = ['course-v1:A+B+C', 'course-v1:A+B+D'];
    expect(await portico.api.courses({ courseKeys }, request)).toEqual([]);
    expect(await portico.api.courses({ courseKeys }, request)).toEqual([]);
    expect(lms.seen.filter((seen) => seen.url.includes('course_keys'))).toHaveLength(1);
    expect(lms.seen).toHaveLength(5);
  });
});

test('a refusal keeps its JSON for the code, and out of what callers see', async () => {
  const { lms, portico } = await withLms((response) => answerJson(response, 400, { detail: 'inner secrets' }));
  await using _lms = lms;
  await using _portico = portico;
  const error = await failure(portico.api.certificatesOf('ann', request));
  expect(error).toBeInstanceOf(UpstreamRejectedError);
  expect(error).toMatchObject({ status: 400, body: { detail: 'inner secrets' }, retryable: false });
  if (error instanceof UpstreamRejectedError) {
    expect(error.message).not.toContain('inner secrets');
    expect(JSON.stringify(error.extensions())).not.toContain('inner secrets');
  }
});
