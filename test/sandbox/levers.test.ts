import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, TEST_SANDBOX } from './credentials.js';

const WORKER = { authorization: 'Bearer static-worker-token' };
const ADA = '/api/user/v1/accounts?username=ada';
const LINKS = '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users';

function lever(sandbox: RunningSandbox, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function call(sandbox: RunningSandbox, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}${path}`, { ...init, headers: { ...WORKER, ...init.headers } });
}

describe('faults', () => {
  test('meet the calls that they name, as often as they say', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [{ match: '/api/user/*', method: 'GET', mode: 'down', times: 2 }]);
    const statuses = [];
    for (const path of [ADA, LINKS, ADA, ADA]) statuses.push((await call(sandbox, path)).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
    expect(await jsonOf(lever(sandbox, 'GET', 'faults'))).toEqual([]);
  });

  test.each([
    ['html500', 500, 'text/html; charset=utf-8'],
    ['throttle', 429, 'application/json'],
    ['forbidden', 403, 'application/json'],
    ['wrong-json', 200, 'application/json'],
  ])('%s answers %d', async (mode, status, contentType) => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [{ match: '*', mode }]);
    const answer = await call(sandbox, ADA);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, contentType]);
    if (mode === 'throttle') expect(answer.headers.get('retry-after')).toBe('5');
    if (mode === 'wrong-json') await expect(answer.json()).rejects.toThrow();
  });

  test.each(['refused', 'reset', 'truncate', 'lost-answer'])('%s breaks the connection', async (mode) => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [
      { match: '/oauth2/revoke_token', mode },
      { match: '/api/*', mode },
    ]);
    await expect(call(sandbox, ADA).then((answer) => answer.text())).rejects.toThrow();
    const revoke = new URLSearchParams({
      client_id: 'portico-worker',
      client_secret: 'portico-worker-secret',
      token: 'static-worker-token',
    });
    await expect(
      fetch(`${sandbox.lmsUrl}/oauth2/revoke_token`, { method: 'POST', body: revoke }).then((answer) => answer.text()),
    ).rejects.toThrow();
    // Only modes that break an answer on its way have done the work before.
    expect(sandbox.state.accessTokens.has('static-worker-token')).toBe(['refused', 'reset'].includes(mode));
    const log = await jsonOf<{ status: number }[]>(lever(sandbox, 'GET', 'requests'));
    expect(log.map(({ status }) => status)).toEqual(['refused', 'reset'].includes(mode) ? [0, 0] : [200, 200]);
  });

  test('hang answers nothing until the caller leaves', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [{ match: '/api/*', mode: 'hang' }]);
    await expect(call(sandbox, ADA, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
    expect(await jsonOf<unknown[]>(lever(sandbox, 'GET', 'requests'))).toMatchObject([
      { status: 0, path: '/api/user/v1/accounts', auth: 'bearer:portico_worker' },
    ]);
  });

  test('hold answers when the fault is taken away', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [{ match: ADA.split('?')[0], mode: 'hold' }]);
    const order: string[] = [];
    const held = call(sandbox, ADA).then(({ status }) => order.push(`held ${status}`));
    order.push(`other ${(await call(sandbox, LINKS)).status}`);
    await lever(sandbox, 'DELETE', 'faults');
    await held;
    expect(order).toEqual(['other 200', 'held 200']);
  });

  test('answer says what it is told to, and does nothing', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const faults = [
      { match: '/api/*', mode: 'answer', times: 1, status: 207, body: [{ a: null }] },
      { match: '/api/*', mode: 'answer', status: 204 },
    ];
    expect(await jsonOf(lever(sandbox, 'PUT', 'faults', faults))).toEqual(faults);
    const [first, second] = [await call(sandbox, ADA), await call(sandbox, ADA)];
    expect([first.status, await first.json(), second.status, await second.text()]).toEqual([
      207,
      [{ a: null }],
      204,
      '',
    ]);
    expect((await lever(sandbox, 'PUT', 'faults', [{ match: '*', mode: 'answer' }])).status).toBe(400);
  });

  test('wrong-types, foreign-next and endless spoil what is in the answer', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [
      { match: '/api/user/*', mode: 'wrong-types' },
      { match: LINKS, mode: 'foreign-next', times: 1 },
      { match: LINKS, mode: 'endless' },
    ]);
    expect(await jsonOf(call(sandbox, ADA))).toMatchObject([{ username: 3, is_active: 'yes' }]);
    expect((await jsonOf<{ next: string }>(call(sandbox, `${LINKS}?page_size=1`))).next).toMatch(
      /^http:\/\/lms\.invalid\/.*page=2/,
    );
    expect((await jsonOf<{ next: string }>(call(sandbox, `${LINKS}?page_size=100`))).next).toBe(
      `${sandbox.lmsUrl}${LINKS}?page_size=100`,
    );
  });

  test('stale repeats the answer from before a change', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await call(sandbox, ADA);
    const ada = sandbox.state.user('ada');
    if (ada) sandbox.state.putUser({ ...ada, email: 'changed@example.org' });
    await lever(sandbox, 'PUT', 'faults', [{ match: '*', mode: 'stale', times: 1 }]);
    expect(await jsonOf(call(sandbox, ADA))).toMatchObject([{ email: 'ada@example.org' }]);
    expect(await jsonOf(call(sandbox, ADA))).toMatchObject([{ email: 'changed@example.org' }]);
  });

  test('one that nobody knows is refused, and the ones before stay', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'faults', [{ match: '/x', mode: 'down' }]);
    const answer = await lever(sandbox, 'PUT', 'faults', [{ match: '/x', mode: 'explode' }]);
    expect(answer.status).toBe(400);
    expect(await jsonOf(lever(sandbox, 'GET', 'faults'))).toEqual([{ match: '/x', mode: 'down' }]);
  });
});

describe('settings', () => {
  test.each([
    ['worker-not-staff', LINKS, 403],
    ['wrong-site', LINKS, 404],
    ['wrong-slug', LINKS, 404],
    ['missing-backend', '/auth/login/ol-oauth2/', 404],
    ['wrong-site', '/auth/login/ol-oauth2/', 500],
    ['token-expired', '/api/user/v1/me', 401],
  ])('misconfigured with %s, %s answers %d, and is healthy without', async (name, path, status) => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const before = (await call(sandbox, path, { redirect: 'manual' })).status;
    expect((await lever(sandbox, 'PUT', 'settings', { misconfigured: [name] })).status).toBe(200);
    expect((await call(sandbox, path, { redirect: 'manual' })).status).toBe(status);
    await lever(sandbox, 'PUT', 'settings', { misconfigured: [] });
    expect((await call(sandbox, path, { redirect: 'manual' })).status).toBe(before);
  });

  test('redirect-mismatch, host-mismatch, secret-mismatch and clock-skew show in what the LMS says', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const locate = async (): Promise<string> => {
      const answer = await call(sandbox, '/auth/login/ol-oauth2/', { redirect: 'manual' });
      return new URL(answer.headers.get('location') ?? '').searchParams.get('redirect_uri') ?? '';
    };
    expect(await locate()).toMatch(new RegExp(`^${sandbox.lmsUrl}/auth/complete/`));
    await lever(sandbox, 'PUT', 'settings', { misconfigured: ['redirect-mismatch'] });
    expect(await locate()).toMatch(/^https:\/\/localhost:\d+\/auth\/complete\//);
    await lever(sandbox, 'PUT', 'settings', { misconfigured: ['host-mismatch'] });
    const cookies = (await call(sandbox, '/auth/login/ol-oauth2/', { redirect: 'manual' })).headers.getSetCookie();
    expect(cookies.join()).toContain('Domain=local.openedx.io');
    await lever(sandbox, 'PUT', 'settings', { misconfigured: ['secret-mismatch'] });
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x',
      client_id: 'portico-code',
      client_secret: 'portico-code-secret',
    });
    expect(await jsonOf(fetch(`${sandbox.lmsUrl}/oauth2/access_token`, { method: 'POST', body: form }))).toEqual({
      error: 'invalid_client',
    });
    await lever(sandbox, 'PUT', 'settings', { misconfigured: ['clock-skew'] });
    const date = (await call(sandbox, '/heartbeat')).headers.get('date') ?? '';
    expect(Date.parse(date) - Date.now()).toBeGreaterThan(3_600_000);
  });

  test('nextHost changes the links of lists', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'settings', { nextHost: 'internal.example:8000' });
    expect((await jsonOf<{ next: string }>(call(sandbox, `${LINKS}?page_size=1`))).next).toMatch(
      /^http:\/\/internal\.example:8000\//,
    );
  });

  test('the token endpoint refuses beyond its limit', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await lever(sandbox, 'PUT', 'settings', { tokenLimit: 1 });
    const statuses = [];
    for (let at = 0; at < 2; at++) statuses.push((await fetch(`${sandbox.lmsUrl}/oauth2/access_token`)).status);
    expect(statuses).toEqual([405, 429]);
  });
});

describe('the other levers', () => {
  test('the request log has exactly its keys, begins behind a number, and can be emptied', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await call(sandbox, `${ADA}&x=1`, { headers: { 'x-portico-purpose': 'refresh' } });
    await fetch(`${sandbox.lmsUrl}/heartbeat`);
    const log = await jsonOf<Record<string, unknown>[]>(lever(sandbox, 'GET', 'requests'));
    expect(log).toHaveLength(2);
    expect(Object.keys(log[0] ?? {})).toEqual([
      'seq',
      'at',
      'method',
      'path',
      'query',
      'auth',
      'purpose',
      'status',
      'ms',
    ]);
    expect(log[0]).toMatchObject({
      seq: 1,
      method: 'GET',
      path: '/api/user/v1/accounts',
      query: 'username=ada&x=1',
      auth: 'bearer:portico_worker',
      purpose: 'refresh',
      status: 200,
    });
    expect(await jsonOf(lever(sandbox, 'GET', 'requests?since=1'))).toMatchObject([
      { seq: 2, auth: 'none', purpose: '' },
    ]);
    await lever(sandbox, 'DELETE', 'requests');
    expect(await jsonOf(lever(sandbox, 'GET', 'requests'))).toEqual([]);
    await fetch(`${sandbox.lmsUrl}/heartbeat`);
    expect(await jsonOf(lever(sandbox, 'GET', 'requests'))).toMatchObject([{ seq: 3 }]);
  });

  test('grades and events change what the LMS holds, and the state lever puts the demo back', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const courseKey = 'course-v1:edX+DemoX+Demo_Course';
    expect(
      (await lever(sandbox, 'PUT', 'grades', { username: 'ada', courseKey, percent: 0.4321, letterGrade: null }))
        .status,
    ).toBe(200);
    expect(sandbox.state.grade('ada', courseKey)).toMatchObject({ percent: 0.4321, passed: false });
    expect((await lever(sandbox, 'PUT', 'grades', { username: 'sam', courseKey, percent: 1 })).status).toBe(400);
    const user = { id: 0, is_active: true, pii: { username: 'sam', email: 'sam@example.org', name: 'Sam' } };
    const enrollment = {
      user,
      course: { course_key: courseKey, display_name: '' },
      mode: 'verified',
      is_active: true,
      creation_date: '2026-05-01T00:00:00+00:00',
    };
    const event = await lever(sandbox, 'POST', 'events', {
      type: 'org.openedx.learning.course.enrollment.changed.v1',
      payload: { enrollment },
    });
    expect(await event.json()).toEqual({
      type: 'org.openedx.learning.course.enrollment.changed.v1',
      applied: true,
      delivered: false,
    });
    expect(sandbox.state.enrollment('sam', courseKey)).toMatchObject({
      mode: 'verified',
      isActive: true,
      created: '2026-05-01T00:00:00Z',
    });
    await lever(sandbox, 'DELETE', 'state');
    expect(sandbox.state.enrollment('sam', courseKey)).toBeUndefined();
    expect(sandbox.state.grade('ada', courseKey)).toMatchObject({ percent: 0.92, letterGrade: 'A' });
    expect((await call(sandbox, ADA)).status).toBe(200);
  });

  test('mail that is sent can be read', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const { port } = new URL(sandbox.smtpUrl);
    const transport = createTransport({ host: 'localhost', port: Number(port), secure: false });
    for (const subject of ['First', 'Grüße']) {
      await transport.sendMail({
        from: 'Portico <no-reply@portico.example>',
        to: 'ada@example.org',
        subject,
        text: `Text of ${subject}`,
        html: `<p>${subject}</p>`,
      });
    }
    const mail = await jsonOf<Record<string, unknown>[]>(lever(sandbox, 'GET', 'mail'));
    expect(mail.map(({ subject }) => subject)).toEqual(['First', 'Grüße']);
    expect(Object.keys(mail[1] ?? {})).toEqual(['at', 'from', 'to', 'subject', 'text', 'html']);
    expect(mail[1]).toMatchObject({ to: ['ada@example.org'], html: '<p>Grüße</p>' });
    expect(String(mail[1]?.text).trim()).toBe('Text of Grüße');
  });

  test('the page shows what is there, escaped, and its buttons work without a script', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const ada = sandbox.state.user('ada');
    if (ada?.profile) sandbox.state.putUser({ ...ada, email: '"<script>"@example.org' });
    const page = await lever(sandbox, 'GET', '').then((answer) => answer.text());
    expect(page).toContain('Introduction to Computer Science');
    expect(page).not.toContain('<script>');
    const press = (act: string): Promise<Response> =>
      fetch(`${sandbox.lmsUrl}/_sandbox/switches`, {
        method: 'POST',
        body: new URLSearchParams({ act }),
        redirect: 'manual',
      });
    expect((await press('down')).status).toBe(303);
    expect((await fetch(`${sandbox.lmsUrl}/heartbeat`)).status).toBe(503);
    await press('up');
    expect((await fetch(`${sandbox.lmsUrl}/heartbeat`)).status).toBe(200);
  });
});
