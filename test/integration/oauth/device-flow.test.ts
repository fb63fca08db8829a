/** The device authorization grant (RFC 8628). */
import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/browser.js';
import { type ClientCredentials, startProviderSite, testPassword } from '../../support/provider-site.js';
import { bearer, get, inBody, type OAuthAnswer, post } from './clients.js';

const site = await startProviderSite();
const neighbour = await startProviderSite({ databaseUrl: site.config.database.url });
afterAll(async () => {
  await neighbour[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const aDeviceClient = (more = {}) =>
  site.aClient({
    name: 'Player',
    type: 'PUBLIC',
    grantTypes: ['DEVICE_CODE', 'REFRESH_TOKEN'],
    scopes: ['openid', 'user:read'],
    ...more,
  });

async function start(client: ClientCredentials): Promise<Record<string, unknown>> {
  const { status, body } = await post(`${site.url}/oauth2/device-authorization`, {
    scope: 'openid user:read',
    ...inBody(client),
  });
  expect(status).toBe(200);
  return body;
}

function poll(client: ClientCredentials, deviceCode: unknown, at = site): Promise<OAuthAnswer> {
  return post(`${at.url}/oauth2/token`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(deviceCode),
    ...inBody(client),
  });
}

/** Enters the code and confirms it. @returns the page after that */
async function enter(browser: Browser, userCode: unknown) {
  await browser.go('/oauth2/device');
  const confirm = await browser.submit({ user_code: String(userCode) });
  expect(confirm.text).toContain('Is this your device?');
  return browser.submit({ confirm: 'yes' });
}

async function letIn(browser: Browser, userCode: unknown, username: string) {
  let page = await enter(browser, userCode);
  if (page.url.includes('/login/')) page = await browser.submit({ identifier: username, password: testPassword });
  if (page.url.includes('/consent/')) page = await browser.submit({ decision: 'allow' });
  return page;
}

test('a device gets tokens once its person has signed in and agreed', async () => {
  const { username } = await site.anAccount();
  const client = await aDeviceClient();
  const started = await start(client);
  expect(started).toMatchObject({
    user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
    verification_uri: `${site.url}/oauth2/device`,
    expires_in: 600,
    interval: 5,
  });
  expect(await poll(client, started.device_code)).toMatchObject({
    status: 400,
    body: { error: 'authorization_pending' },
  });
  const page = await letIn(site.newBrowser(), started.user_code, username);
  expect(page).toMatchObject({ status: 200 });
  expect(page.text).toContain('The device is connected');
  const { status, body } = await poll(client, started.device_code);
  expect(status).toBe(200);
  expect(body).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) });
  expect((await get(`${site.url}/api/users/me`, bearer(body.access_token))).body).toMatchObject({ username });
  expect((await poll(client, started.device_code)).body).toMatchObject({ error: 'invalid_grant' });
});

test('a link that holds the code fills in the form, and sends nothing by itself', async () => {
  const client = await aDeviceClient();
  const started = await start(client);
  const browser = site.newBrowser();
  const page = await browser.go(String(started.verification_uri_complete));
  expect(page.text).toContain(`value="${started.user_code}"`);
  expect(page.text).not.toContain('<script');
  const confirm = await browser.submit({ user_code: String(started.user_code).toLowerCase().replace('-', ' ') });
  expect(confirm.text).toContain('Player');
  expect(confirm.text).toContain(String(started.user_code));
});

describe('a person who does not want the device', () => {
  test('stops at the code', async () => {
    const client = await aDeviceClient();
    const started = await start(client);
    const browser = site.newBrowser();
    await browser.go('/oauth2/device');
    await browser.submit({ user_code: String(started.user_code) });
    expect((await browser.submit({ abort: 'yes' })).text).toContain('The device was not connected');
    expect((await poll(client, started.device_code)).body).toMatchObject({ error: 'access_denied' });
  });

  test('stops at the sign-in', async () => {
    const client = await aDeviceClient();
    const started = await start(client);
    const browser = site.newBrowser();
    const login = await enter(browser, started.user_code);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(login.text)?.[1] ?? '';
    const page = await browser.go(`${login.url}?cancel`, {
      method: 'POST',
      body: new URLSearchParams({ _csrf: csrf }),
      headers: { origin: site.url },
    });
    expect(page.text).toContain('The device was not connected');
    expect((await poll(client, started.device_code)).body).toMatchObject({ error: 'access_denied' });
  });
});

test('a person who signs in by another way, as at the end of registration, comes back to the device', async () => {
  const { username } = await site.anAccount();
  const client = await aDeviceClient({ skipConsent: true });
  const started = await start(client);
  const browser = site.newBrowser();
  const login = await enter(browser, started.user_code);
  const next = /href="\/register\?next&#61;(%2Foauth2%2Fdevice%2F[\w-]+)"/.exec(login.text)?.[1] ?? '';
  await browser.go(`/login?next=${next}`);
  const page = await browser.submit({ identifier: username, password: testPassword });
  expect(page.text).toContain('The device is connected');
  expect((await poll(client, started.device_code)).status).toBe(200);
});

describe('codes', () => {
  test('are not taken without the form of the page', async () => {
    const client = await aDeviceClient();
    const started = await start(client);
    const browser = site.newBrowser();
    await browser.go('/oauth2/device');
    const body = new URLSearchParams({ user_code: String(started.user_code), confirm: 'yes', xsrf: 'guessed' });
    const page = await browser.go('/oauth2/device', { method: 'POST', body });
    expect(page.status).toBe(400);
    expect((await poll(client, started.device_code)).body).toMatchObject({ error: 'authorization_pending' });
  });

  test('expire', async () => {
    const client = await aDeviceClient();
    const started = await start(client);
    await site.orm.em
      .fork()
      .execute(`update oidc_artifact set payload = payload || '{"exp": 1}' where model = 'DeviceCode'`);
    const browser = site.newBrowser();
    await browser.go('/oauth2/device');
    expect((await browser.submit({ user_code: String(started.user_code) })).text).toContain('has expired');
    expect((await poll(client, started.device_code)).body).toMatchObject({ error: 'expired_token' });
  });

  test('are kept as hashes', async () => {
    const client = await aDeviceClient();
    const started = await start(client);
    const rows = await site.orm.em.fork().execute(`select id, payload from oidc_artifact where model = 'DeviceCode'`);
    expect(JSON.stringify(rows)).not.toContain(String(started.device_code));
    expect((await poll(client, `key:${rows.at(-1)?.id}`)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('work for their client only', async () => {
    const [client, other] = [await aDeviceClient(), await aDeviceClient()];
    const started = await start(client);
    expect((await poll(other, started.device_code)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('let one person in when two confirm at the same time', async () => {
    const client = await aDeviceClient({ skipConsent: true });
    const people = await Promise.all(Array.from({ length: 6 }, () => site.anAccount()));
    const browsers = await Promise.all(
      people.map(async ({ username }) => {
        const browser = site.newBrowser();
        await letIn(browser, (await start(client)).user_code, username);
        return browser;
      }),
    );
    const started = await start(client);
    for (const browser of browsers) {
      await browser.go('/oauth2/device');
      await browser.submit({ user_code: String(started.user_code) });
    }
    const pages = await Promise.all(browsers.map((browser) => browser.submit({ confirm: 'yes' })));
    const winners = people.filter((_person, index) => pages[index]?.text.includes('The device is connected'));
    expect(winners).toHaveLength(1);
    const { body } = await poll(client, started.device_code);
    const { body: me } = await get(`${site.url}/api/users/me`, bearer(body.access_token));
    expect(me.username).toBe(winners[0]?.username);
  });

  test('give tokens to one of 50 questions that come at the same time to two processes', async () => {
    const { username } = await site.anAccount();
    const client = await aDeviceClient();
    const started = await start(client);
    await letIn(site.newBrowser(), started.user_code, username);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => poll(client, started.device_code, index % 2 ? site : neighbour)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(49);
  });
});

test('a confidential client must authenticate for a device code', async () => {
  const client = await site.aClient({ grantTypes: ['DEVICE_CODE'], scopes: ['openid'] });
  const { status } = await post(`${site.url}/oauth2/device-authorization`, { client_id: client.clientId });
  expect(status).toBeOneOf([400, 401]);
  const { status: wrong } = await post(`${site.url}/oauth2/device-authorization`, inBody({ ...client, secret: 'no' }));
  expect(wrong).toBe(401);
});

test('the act is kept: who let which application in', async () => {
  const { username, id } = await site.anAccount();
  const client = await aDeviceClient();
  const started = await start(client);
  await letIn(site.newBrowser(), started.user_code, username);
  expect((await poll(client, started.device_code)).status).toBe(200);
  const { rows } = await site.audit.list({ subjectId: id }, { size: 20 });
  const acts = rows.filter((row) => row.action === 'code.issued' || row.action === 'token.issued');
  expect(acts.map(({ action }) => action).sort()).toEqual(['code.issued', 'token.issued']);
  expect(JSON.stringify(rows)).not.toContain(String(started.device_code));
});

test('whoever tries codes that are not there is stopped, and nobody is let in from there meanwhile', async () => {
  const other = await startProviderSite();
  try {
    const browser = other.newBrowser();
    await browser.go('/oauth2/device');
    let page = await browser.submit({ user_code: 'BBBB-0' });
    for (let tries = 0; page.status === 200 && tries < 60; tries++) {
      expect(page.text).toContain('There is no such code');
      page = await browser.submit({ user_code: `BBBB-${tries}` });
    }
    expect(page.status).toBe(429);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await other[Symbol.asyncDispose]();
  }
});
