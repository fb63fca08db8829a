import { describe, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, TEST_SANDBOX } from './credentials.js';
import { startFakePortico } from './fake-portico.js';

const PATH = '/user_api/v1/account/registration/';

function register(sandbox: RunningSandbox, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ name: 'New Person', honor_code: 'true', provider: 'ol-oauth2', ...fields });
  return fetch(`${sandbox.lmsUrl}${PATH}`, { method: 'POST', body });
}

describe('registration at the sandbox LMS', () => {
  test('asks Portico who the token belongs to, then creates the account and its link', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    portico.users.set('tok', { username: 'newcomer', email: 'new@example.org', name: 'New' });
    let wasVisible = true;
    portico.beforeUserAnswer = async () => {
      wasVisible = sandbox.state.user('newcomer') !== undefined;
    };
    const answer = await register(sandbox, { username: 'newcomer', email: 'new@example.org', access_token: 'tok' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      success: true,
      authenticated_user: { username: 'newcomer', full_name: 'New Person' },
      redirect_url: `${sandbox.lmsUrl}/dashboard`,
    });
    expect(answer.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining([
        'sessionid',
        'csrftoken',
        'edxloggedin',
        'edx-user-info',
        'edx-jwt-cookie-header-payload',
        'edx-jwt-cookie-signature',
      ]),
    );
    expect(portico.received).toMatchObject([
      { method: 'GET', path: '/api/users/me', headers: { authorization: 'Bearer tok', accept: '*/*' } },
    ]);
    expect(wasVisible).toBe(false);
    expect(sandbox.state.user('newcomer')).toMatchObject({ isActive: true });
    expect(sandbox.state.link('ol-oauth2', 'newcomer')?.username).toBe('newcomer');
  });

  test('creates nothing when Portico rejects the token, or cannot be reached', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    for (const url of [portico.url, 'http://localhost:9']) {
      sandbox.setPorticoUrl(url);
      const answer = await register(sandbox, { username: 'newcomer', email: 'new@example.org', access_token: 'bogus' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error_code: 'tpa-invalid-access-token' });
      expect(sandbox.state.user('newcomer')).toBeUndefined();
    }
  });

  test('lets one of two registrations of a name win, also while Portico is being asked', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    portico.users.set('one', { username: 'uid-1', email: 'one@example.org' });
    portico.users.set('two', { username: 'uid-2', email: 'two@example.org' });
    const answers = await Promise.all([
      register(sandbox, { username: 'twin', email: 'one@example.org', access_token: 'one' }),
      register(sandbox, { username: 'TWIN', email: 'two@example.org', access_token: 'two' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const loser = answers.find(({ status }) => status === 409);
    const refusal = await jsonOf<{ error_code: string; username_suggestions: string[] }>(loser ?? new Response('{}'));
    expect(refusal.error_code).toBe('duplicate-username');
    expect(refusal.username_suggestions).toHaveLength(3);
    for (const suggestion of refusal.username_suggestions) expect(suggestion).toMatch(/^twin_\d{1,5}$/);
  });

  test('refuses with 403 beyond its limit, counting refused attempts too', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await fetch(`${sandbox.lmsUrl}/_sandbox/settings`, {
      method: 'PUT',
      body: JSON.stringify({ registrationLimit: 2 }),
    });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) statuses.push((await register(sandbox, { username: 'x' })).status);
    expect(statuses).toEqual([400, 400, 403]);
  });
});
