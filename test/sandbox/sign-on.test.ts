import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/start.js';
import { Browser } from './browser.js';
import { jsonOf, TEST_SANDBOX } from './credentials.js';
import { startFakePortico } from './fake-portico.js';

const LOGIN = '/auth/login/ol-oauth2/?auth_entry=login';

describe('sign-on at the sandbox LMS', () => {
  test('goes by Portico and two hops to the dashboard, and from there to a token of the learner', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    portico.users.set('tok-ada', { username: 'ada', email: 'ada@example.org', name: 'Ada' });
    portico.approveAs = 'tok-ada';
    const browser = new Browser();
    const page = await browser.go(`${sandbox.lmsUrl}${LOGIN}`);
    expect(page).toMatchObject({ url: `${sandbox.lmsUrl}/dashboard`, status: 200 });
    expect(page.text).toMatch(/\bada\b.*Demonstration Course/s);
    expect(browser.visited.map((url) => new URL(url).pathname)).toEqual([
      '/auth/login/ol-oauth2/',
      '/oauth2/authorize/',
      '/auth/complete/ol-oauth2/',
      '/auth/complete/ol-oauth2/',
      '/dashboard',
    ]);
    const token = new URLSearchParams(portico.received.find(({ path }) => path === '/oauth2/token/')?.body);
    expect(token.get('redirect_uri')).toMatch(/\/auth\/complete\/ol-oauth2\/\?redirect_state=\w{32}$/);
    expect(token.get('client_secret')).toBe('lms-client-secret');

    const redirectUri = `${portico.url}/login/_private/complete`;
    const authorize = await browser.request(
      `${sandbox.lmsUrl}/oauth2/authorize?${new URLSearchParams({ client_id: 'portico-code', response_type: 'code', redirect_uri: redirectUri, scope: 'read write', state: 's' })}`,
    );
    const code = new URL(authorize.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const exchange = (): Promise<Response> =>
      fetch(`${sandbox.lmsUrl}/oauth2/access_token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: 'portico-code',
          client_secret: 'portico-code-secret',
          redirect_uri: redirectUri,
          code,
        }),
      });
    const pair = await jsonOf<{ access_token: string; refresh_token: string }>(exchange());
    expect((await exchange()).status).toBe(400);
    expect(
      await jsonOf(
        fetch(`${sandbox.lmsUrl}/api/user/v1/me`, { headers: { authorization: `Bearer ${pair.access_token}` } }),
      ),
    ).toEqual({ username: 'ada' });
  });

  test('links an active user by e-mail, and sends a stranger to the registration page', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    portico.users.set('tok', { username: 'other-name', email: 'BOOKED@example.org' });
    portico.approveAs = 'tok';
    expect((await new Browser().go(`${sandbox.lmsUrl}${LOGIN}`)).url).toBe(`${sandbox.lmsUrl}/dashboard`);
    expect(sandbox.state.link('ol-oauth2', 'other-name')?.username).toBe('booked');
    portico.users.set('tok', { username: 'stranger', email: 'stranger@example.org' });
    expect((await new Browser().go(`${sandbox.lmsUrl}${LOGIN}`)).url).toBe(`${sandbox.lmsUrl}/register`);
    portico.approveAs = 'unknown-token';
    expect((await new Browser().go(`${sandbox.lmsUrl}${LOGIN}`)).url).toBe(`${sandbox.lmsUrl}/login`);
  });

  test('takes over a changed e-mail at the next sign-on', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    portico.users.set('tok', { username: 'ada', email: 'ada.new@example.org' });
    portico.approveAs = 'tok';
    await new Browser().go(`${sandbox.lmsUrl}${LOGIN}`);
    expect(sandbox.state.user('ada')?.email).toBe('ada.new@example.org');
  });

  test('signs out with a frame for Portico, and goes on only to a trusted address', async () => {
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: 'http://localhost:8053' });
    const trusted = await fetch(
      `${sandbox.lmsUrl}/logout?redirect_url=${encodeURIComponent('http://localhost:8053/bye')}`,
    ).then((answer) => answer.text());
    expect(trusted).toContain('<iframe src="http://localhost:8053/logout?no_redirect=1"');
    expect(trusted).toContain('data-redirect-url="http://localhost:8053/bye"');
    const foreign = await fetch(`${sandbox.lmsUrl}/logout?redirect_url=https://evil.example/`).then((answer) =>
      answer.text(),
    );
    expect(foreign).toContain('data-redirect-url="/"');
  });
});
