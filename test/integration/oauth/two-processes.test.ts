/** What holds when two processes serve one site: whatever works once is won by one of many who try at the same time. */
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { callbackUrl, type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';
import { startWebProcess, type WebProcess } from '../../support/web-process.js';
import {
  authorize,
  authorizePath,
  aVerifier,
  basic,
  bearer,
  get,
  inBody,
  type OAuthAnswer,
  obtainCode,
  obtainTokens,
  post,
} from './clients.js';
import { aProofKey, proven } from './proofs.js';

const tries = 50;
const shared = { SIGN_IN_FAILURES_PER_ACCOUNT: '1000', FAILURES_PER_ADDRESS_PER_MINUTE: '100000' };

/** Serves beside the two, so that clients and people can be made and looked at. */
let site: ProviderSite;
let processes: WebProcess[] = [];
beforeAll(async () => {
  site = await startProviderSite({ env: shared });
  const env = {
    ...shared,
    DATABASE_URL: site.config.database.url,
    DATABASE_POOL_SIZE: '8',
    PORTICO_SECRET_KEYS: site.secrets.keys.join(','),
    PORTICO_PUBLIC_URL: site.url,
    OPENEDX_API_BASE_URL: 'http://localhost:9',
    OPENEDX_API_CLIENT_ID: 'unused',
    OPENEDX_API_CLIENT_SECRET: 'unused',
    OPENEDX_SERVICE_WORKER_API_TOKEN: 'unused',
    SMTP_URL: 'smtp://localhost:9',
    LOG_LEVEL: 'warn',
  };
  processes = await Promise.all([startWebProcess(env), startWebProcess(env)]);
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process[Symbol.asyncDispose]()));
  await site[Symbol.asyncDispose]();
});

/** As many at once, every other at the other process. */
function race<Answer>(attempt: (url: string) => Promise<Answer>, count = tries): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => attempt(processes[index % 2]?.url ?? '')));
}

/** @param errors - what the others are told, each of them one of these */
function expectOneWinner(answers: readonly OAuthAnswer[], errors: readonly string[]): OAuthAnswer {
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners).toHaveLength(1);
  for (const { status, body } of answers)
    if (status !== 200) expect(body.error ?? status, JSON.stringify(body)).toBeOneOf([...errors]);
  return winners[0] as OAuthAnswer;
}

describe('of 50 at the same time, one gets', () => {
  test('the tokens of an authorization code', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ skipConsent: true });
    const { verifier, challenge } = aVerifier();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await obtainCode(site, client.clientId, username, pkce);
    const form = { grant_type: 'authorization_code', code, redirect_uri: callbackUrl, code_verifier: verifier };
    expectOneWinner(await race((url) => post(`${url}/oauth2/token/`, { ...form, ...inBody(client) })), [
      'invalid_grant',
    ]);
  });

  test('the successor of a refresh token', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC', skipConsent: true });
    const { refresh_token: token } = await obtainTokens(site, client, username);
    const form = { grant_type: 'refresh_token', refresh_token: String(token), ...inBody(client) };
    expectOneWinner(await race((url) => post(`${url}/oauth2/token/`, form)), ['invalid_grant']);
  });

  test('the tokens of a device code', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC', grantTypes: ['DEVICE_CODE'], skipConsent: true });
    const { body: device } = await post(`${site.url}/oauth2/device-authorization`, inBody(client));
    const browser = site.newBrowser();
    await browser.go(String(device.verification_uri));
    await browser.submit({ user_code: String(device.user_code) });
    await browser.submit({ confirm: 'yes' });
    await browser.submit({ identifier: username, password: testPassword });
    expect(browser.page?.text).toContain('The device is connected');
    const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
    const form = { grant_type: grantType, device_code: String(device.device_code), ...inBody(client) };
    expectOneWinner(await race((url) => post(`${url}/oauth2/token/`, form)), ['invalid_grant']);
  });

  test('the code of a pushed authorization request (RFC 9126)', async () => {
    const { username } = await site.anAccount();
    const client = await site.aClient({ skipConsent: true, requirePkce: false });
    const browser = site.newBrowser();
    await authorize(browser, authorizePath(client.clientId), username);
    const pushed = { response_type: 'code', redirect_uri: callbackUrl, scope: 'openid', ...inBody(client) };
    const { body } = await post(`${site.url}/oauth2/par`, pushed);
    const query = new URLSearchParams({ client_id: client.clientId, request_uri: String(body.request_uri) });
    const cookie = browser.cookieHeader('/oauth2/authorize');
    const answers = await race(async (url) => {
      const { headers, body } = await get(`${url}/oauth2/authorize/?${query}`, { cookie, accept: 'text/html' });
      const location = headers.get('location');
      return location === null ? String(body.text) : new URL(location).search;
    });
    expect(answers.filter((answer) => answer.includes('code='))).toHaveLength(1);
    // Whoever came too late to be told where to go back to gets a page.
    expect(answers.filter((answer) => answer.includes('invalid_request_uri'))).toHaveLength(tries - 1);
  });

  test('a token by a proof of possession (RFC 9449), and in by one', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    const key = await aProofKey();
    const proof = await proven(key, `${site.url}/oauth2/token`, { htm: 'POST' });
    const form = { grant_type: 'client_credentials', ...inBody(client) };
    const answers = await race((url) => post(`${url}/oauth2/token`, form, proof));
    expectOneWinner(answers, ['invalid_grant', 'invalid_request', 'invalid_dpop_proof']);

    const { username } = await site.anAccount();
    const browser = await site.aClient({ skipConsent: true, metadata: { dpop_bound_access_tokens: true } });
    const { verifier, challenge } = aVerifier();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await obtainCode(site, browser.clientId, username, { ...pkce, scope: 'user:read' });
    const grant = { grant_type: 'authorization_code', code, redirect_uri: callbackUrl, code_verifier: verifier };
    const again = await proven(key, `${site.url}/oauth2/token`, { htm: 'POST' });
    const { body } = await post(`${site.url}/oauth2/token`, { ...grant, ...inBody(browser) }, again);
    const headers = await proven(key, `${site.url}/api/users/me`, { token: body.access_token });
    const visits = await race((url) => get(`${url}/api/users/me`, headers));
    expect(visits.map(({ status }) => status).sort()).toEqual([200, ...Array(tries - 1).fill(401)]);
  });

  test('in by a recovery code', async () => {
    const account = await site.anAccount();
    const { id, username } = account;
    const { secondFactors } = site.services;
    const from = { address: '127.0.0.1', browser: 'a browser' };
    const proof = { password: testPassword, code: '', passkey: '', ...from };
    await secondFactors.begin(id, proof);
    const setUp = await secondFactors.pending(account, from.browser);
    const totp = new TOTP({ secret: Secret.fromBase32(setUp?.secret ?? '') });
    const [recoveryCode = ''] = (await secondFactors.confirm(account, totp.generate(), from)) ?? [];
    const browser = site.newBrowser();
    await browser.go('/login');
    const page = await browser.submit({ identifier: username, password: testPassword });
    expect(page.url).toBe(`${site.url}/login/second-step`);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const cookie = browser.cookieHeader('/login/second-step');
    const answers = await race((url) =>
      post(`${url}/login/second-step`, { _csrf: token, code: recoveryCode }, { cookie, origin: site.url }),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([303, ...Array(tries - 1).fill(422)]);
    expect(await secondFactors.codesLeftOf([id])).toEqual([{ accountId: id, count: 9 }]);
  });

  test('the account of a registration', async () => {
    const email = 'wanted-by-many@example.org';
    const { registrations } = site.services;
    const token = await registrations.begin({ email, next: undefined, address: '127.0.0.1' });
    await site.orm.em.fork().execute('update registration set confirmed_at = now() where email = ?', [email]);
    const browser = site.newBrowser();
    browser.cookies.set('portico_registration;/register', { value: token, path: '/register' });
    const form = await browser.go('/register/details');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
    const cookie = browser.cookieHeader('/register/details');
    const details = { _csrf: csrf, name: 'Wanda Many', password: 'tea-at-half-past-six' };
    // Each has a password hashed, which is meant to take its time.
    const answers = await race((url) => post(`${url}/register/details`, details, { cookie, origin: site.url }), 6);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.every(({ status }) => [303, 400, 409, 422].includes(status))).toBe(true);
    expect(await site.accounts.findByEmail(email)).toMatchObject({ email });
  });
});

describe('a change of a client is seen by every process within a second:', () => {
  const secondMs = { deadlineMs: 1000, pauseMs: 20 };
  const form = { grant_type: 'client_credentials' };
  const askBoth = (client: { clientId: string; secret: string }) =>
    Promise.all(processes.map(({ url }) => post(`${url}/oauth2/token/`, form, basic(client))));
  const both = (answers: readonly OAuthAnswer[], isSo: (answer: OAuthAnswer) => boolean) => answers.every(isSo);

  test('its scopes', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    expect(both(await askBoth(client), ({ body }) => body.scope === 'user:read')).toBe(true);
    await site.clients.update(client.clientId, { scopes: ['learning:read'] }, systemActor);
    await eventually(
      'both give the new scope',
      async () => both(await askBoth(client), ({ body }) => body.scope === 'learning:read'),
      secondMs,
    );
  });

  test('its secret', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
    expect(both(await askBoth(client), ({ status }) => status === 200)).toBe(true);
    const { secret } = await site.clients.rotateSecret(client.clientId, systemActor, { overlapSeconds: 0 });
    await eventually(
      'both refuse the old one',
      async () => both(await askBoth(client), ({ status }) => status === 401),
      secondMs,
    );
    expect(both(await askBoth({ ...client, secret }), ({ status }) => status === 200)).toBe(true);
  });

  test('its end, and that of its tokens', async () => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
    const [answer] = await askBoth(client);
    const visitBoth = () =>
      Promise.all(
        processes.map(({ url }) => get(`${url}/graphql?query={viewer{__typename}}`, bearer(answer?.body.access_token))),
      );
    expect(both(await visitBoth(), ({ status }) => status === 401)).toBe(false);
    await site.clients.remove(client.clientId, systemActor);
    await eventually(
      'both know neither',
      async () =>
        both(await askBoth(client), ({ status }) => status === 401) &&
        both(await visitBoth(), ({ status }) => status === 401),
      secondMs,
    );
  });
});
