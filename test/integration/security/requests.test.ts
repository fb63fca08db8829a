/** Lines 53, 55 and 57 of the security checklist: requests of other sites, and broken ones. */
import { afterAll, expect, test } from 'vitest';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { requestAs } from '../../support/request-as.js';
import { authorizePath, bearer, get, inBody, obtainTokens, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

test('D53: a foreign host is refused, and never repeated', async () => {
  await using proxied = await startProviderSite({ env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1' } });
  const { clientId } = await site.aClient({ requirePkce: false });
  const evil = 'evil.example';
  const discovery = '/.well-known/openid-configuration';
  const paths = [discovery, authorizePath(clientId), '/oauth2/logout', '/oauth2/device', '/login', '/graphql'];
  for (const path of paths) {
    for (const [at, headers] of [
      [site, { host: evil }],
      [site, { host: `${evil}:${new URL(site.url).port}` }],
      [proxied, { 'x-forwarded-host': evil }],
    ] as const) {
      const refused = await requestAs(at.url, path, headers);
      expect(refused.status, path).toBeOneOf([400, 421]);
      expect(refused.all, path).not.toContain(evil);
    }
    // From somebody who is no trusted proxy the header is not even looked at.
    const forwarded = { 'x-forwarded-host': evil, 'x-forwarded-proto': 'https', forwarded: `host=${evil};proto=https` };
    const ignored = await requestAs(site.url, path, forwarded);
    expect(ignored.all, path).not.toContain(evil);
    expect(ignored.all, path).not.toContain(`https://${new URL(site.url).host}`);
  }
  expect((await requestAs(site.url, discovery, { 'x-forwarded-host': evil })).all).toContain(`"issuer":"${site.url}"`);
});

test('D55: browsers of other sites are not let in for clients with a secret, nor with credentials for anybody', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'] });
  const own = await site.aClient({ type: 'PUBLIC' });
  const { access_token: token } = await obtainTokens(site, client, account.username, { scope: 'openid user:read' });
  for (const origin of ['https://evil.example', 'null']) {
    const answers = [
      await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(client) }, { origin }),
      await post(`${site.url}/oauth2/introspect/`, { token: String(token), ...inBody(client) }, { origin }),
      await post(
        `${site.url}/oauth2/token/`,
        { grant_type: 'authorization_code', code: 'x', ...inBody(own) },
        { origin },
      ),
      await get(`${site.url}/oauth2/userinfo`, { ...bearer(token), origin }),
      await get(`${site.url}/api/users/me`, { ...bearer(token), origin }),
    ];
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  }
  const home = new URL(callbackUrl).origin;
  const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: callbackUrl };
  const welcome = await post(`${site.url}/oauth2/token/`, { ...form, ...inBody(own) }, { origin: home });
  expect(welcome.headers.get('access-control-allow-origin')).toBe(home);
  expect(welcome.headers.get('access-control-allow-credentials')).toBeNull();
});

test('D57: NUL, 100 KB, invalid UTF-8 and broken percent-encoding are the caller’s fault, never ours', async () => {
  const client = await site.aClient({ requirePkce: false });
  const good = authorizePath(client.clientId);
  const values = ['a%00b', '%00', '%E0%A4%A', '%ff%fe', '%', 'x'.repeat(2000), '%F0%9F%98%80', '../../etc', "';--"];
  for (const value of values) {
    const pages = [
      `/oauth2/authorize?client_id=${value}&response_type=code`,
      `${good}&nonce=${value}`,
      good.replace('a-state', value),
      `/oauth2/authorize/${value}`,
      `/oauth2/logout?id_token_hint=${value}&post_logout_redirect_uri=${value}&state=${value}`,
      `/oauth2/device?user_code=${value}`,
      `/login/${value}`,
      `/consent/${value}`,
    ];
    for (const path of pages) {
      const cookie = `portico_session=${value.slice(0, 100)}; portico_interaction=x`;
      expect((await requestAs(site.url, path, { cookie })).status, path.slice(0, 100)).toBeLessThan(500);
    }
    const id = await requestAs(site.url, `/oauth2/authorize?client_id=${value}&response_type=code`, {});
    expect(id.status, value.slice(0, 20)).toBe(400);
    for (const path of ['token/', 'introspect/', 'revoke_token/', 'par', 'device-authorization', 'logout/confirm']) {
      for (const body of [
        `grant_type=client_credentials&client_id=${value}&client_secret=${value}`,
        `grant_type=authorization_code&code=${value}&redirect_uri=${value}&client_id=${client.clientId}&client_secret=x&token=${value}`,
      ]) {
        const status = await postRaw(`/oauth2/${path}`, body);
        expect(status, `${path} ${body.slice(0, 60)}`).toBeGreaterThanOrEqual(400);
        expect(status, `${path} ${body.slice(0, 60)}`).toBeLessThan(500);
      }
    }
  }
  for (const path of [
    'token/',
    'introspect/',
    'revoke_token/',
    'par',
    'device-authorization',
    'logout/confirm',
    'authorize',
  ]) {
    const status = await postRaw(`/oauth2/${path}`, `client_id=${'x'.repeat(100_000)}`);
    expect(status, path).toBeOneOf([400, 413]);
  }
  const pushed = { response_type: 'code', redirect_uri: callbackUrl, state: 'a\0b', ...inBody(client) };
  const { status, body } = await post(`${site.url}/oauth2/par`, pushed);
  expect(status).toBeLessThan(500);
  const kept = new URLSearchParams({ client_id: client.clientId, request_uri: String(body.request_uri) });
  expect((await requestAs(site.url, `/oauth2/authorize?${kept}`, {})).status).toBeLessThan(500);
});

async function postRaw(path: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(site.url + path, { method: 'POST', body, headers, redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}
