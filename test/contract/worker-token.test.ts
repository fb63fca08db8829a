import { describe, expect, test } from 'vitest';
import { answerJson, connectLms, type SeenRequest, startScriptedLms } from '../integration/datasources/scripted-lms.js';

const request = { purpose: 'request' } as const;
const isTokenCall = (seen: SeenRequest) => seen.url.startsWith('/oauth2/');

/** Grants numbered tokens; only those in `accepted` open the API. */
async function aTokenLms({
  lifeSeconds = 3600,
  accepts = () => true,
}: {
  lifeSeconds?: number;
  accepts?: (token: string) => boolean;
} = {}) {
  let granted = 0;
  return startScriptedLms((seen, response) => {
    if (isTokenCall(seen)) {
      granted += 1;
      return answerJson(response, 200, {
        access_token: `jwt-${granted}`,
        expires_in: lifeSeconds,
        token_type: 'JWT',
        scope: 'read',
      });
    }
    const token = seen.headers.authorization?.replace(/^JWT /, '') ?? '';
    if (!accepts(token)) return answerJson(response, 401, { detail: 'Invalid token.' });
    answerJson(response, 200, []);
  });
}

describe("50: the service worker's token", () => {
  test('is fetched once for all who wait, by a form without query string, and sent as JWT', async () => {
    await using lms = await aTokenLms();
    await using portico = connectLms(lms.url);
    await Promise.all(['a', 'b', 'c'].map((name) => portico.api.certificatesOf(name, request)));
    const [tokenCall, ...others] = lms.seen.filter(isTokenCall);
    expect(others).toEqual([]);
    expect(tokenCall).toMatchObject({ method: 'POST', url: '/oauth2/access_token/' });
    expect(Object.fromEntries(new URLSearchParams(tokenCall?.body))).toEqual({
      grant_type: 'client_credentials',
      token_type: 'jwt',
      client_id: 'portico-worker',
      client_secret: 'portico-worker-secret',
    });
    const calls = lms.seen.filter((seen) => !isTokenCall(seen));
    expect(calls.map((seen) => seen.headers.authorization)).toEqual(Array(3).fill('JWT jwt-1'));
    expect(calls.map((seen) => seen.headers['x-portico-purpose'])).toEqual(Array(3).fill('request'));
    expect(calls.every((seen) => seen.headers.cookie === undefined)).toBe(true);
  });

  test('is renewed before its end', async () => {
    await using lms = await aTokenLms();
    let now = Date.parse('2026-11-25T00:00:00Z');
    await using portico = connectLms(lms.url, { clock: () => new Date(now) });
    await portico.api.certificatesOf('a', request);
    expect(portico.client.status().tokenExpiresAt).toEqual(new Date('2026-11-25T01:00:00Z'));
    now += 58 * 60_000;
    await portico.api.certificatesOf('a', request);
    now += 60_001;
    await portico.api.certificatesOf('a', request);
    expect(lms.seen.map((seen) => seen.headers.authorization ?? 'token call')).toEqual([
      'token call',
      'JWT jwt-1',
      'JWT jwt-1',
      'token call',
      'JWT jwt-2',
    ]);
  });

  test('is renewed once when the LMS refuses it, for all calls together', async () => {
    await using lms = await aTokenLms({ accepts: (token) => token !== 'jwt-1' });
    await using portico = connectLms(lms.url);
    await Promise.all(['a', 'b', 'c'].map((name) => portico.api.certificatesOf(name, request)));
    expect(lms.seen.filter(isTokenCall)).toHaveLength(2);
  });

  test('a second refusal is a problem of credentials, not a loop', async () => {
    await using lms = await aTokenLms({ accepts: () => false });
    await using portico = connectLms(lms.url);
    await expect(portico.api.certificatesOf('a', request)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      why: 'credentials',
      status: 401,
    });
    expect(lms.seen.filter((seen) => !isTokenCall(seen))).toHaveLength(2);
  });

  test('a refused OAuth client is a problem of credentials, and is not asked for again at once', async () => {
    await using lms = await startScriptedLms((_seen, response) =>
      answerJson(response, 401, { error: 'invalid_client' }),
    );
    await using portico = connectLms(lms.url);
    for (const name of ['a', 'b', 'c'])
      await expect(portico.api.certificatesOf(name, request)).rejects.toMatchObject({ why: 'credentials' });
    expect(lms.seen).toHaveLength(1);
  });

  test('a token endpoint that throttles, with a page of HTML, is told as that, and asked again by the next call', async () => {
    let isThrottled = true;
    await using lms = await startScriptedLms((seen, response) => {
      if (!isTokenCall(seen)) return answerJson(response, 200, []);
      if (!isThrottled) return answerJson(response, 200, { access_token: 'jwt', expires_in: 3600, token_type: 'JWT' });
      response.writeHead(429, { 'content-type': 'text/html' }).end('<h1>429 Too Many Requests</h1>');
    });
    await using portico = connectLms(lms.url);
    const read = () => portico.api.certificatesOf('a', request);
    await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', why: 'throttled' });
    isThrottled = false;
    expect(await read()).toEqual([]);
  });

  test('a static token is sent as Bearer, and its refusal is final', async () => {
    let isAccepted = true;
    await using lms = await startScriptedLms((_seen, response) =>
      isAccepted ? answerJson(response, 200, []) : answerJson(response, 401, { error_code: 'token_expired' }),
    );
    await using portico = connectLms(lms.url, {
      env: {
        OPENEDX_SERVICE_WORKER_API_TOKEN: 'static',
        OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
        OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
      },
    });
    await portico.api.certificatesOf('a', request);
    isAccepted = false;
    await expect(portico.api.certificatesOf('a', request)).rejects.toMatchObject({ why: 'credentials' });
    expect(lms.seen.map((seen) => seen.headers.authorization)).toEqual(['Bearer static', 'Bearer static']);
  });
});
