import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { aVerifier, bearer, exchange, get, introspect, obtainCode } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());

describe('D6 the code verifier', () => {
  test.each([
    ['wrong', { code_verifier: aVerifier().verifier }],
    ['missing', {}],
  ])('%s is refused, and does not use up the code', async (_what, parameters: Record<string, string>) => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const { verifier, challenge } = aVerifier();
    const code = await obtainCode(site, client.clientId, account.username, {
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    expect(await exchange(site, client, code, parameters)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await exchange(site, client, code, { code_verifier: verifier })).status).toBe(200);
  });
});

test('D7 a verifier without a challenge is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, client, code, { code_verifier: aVerifier().verifier })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
});

test('D8 a code that comes again is refused, and takes back what it gave', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
  const first = await exchange(site, client, code);
  expect(first.status).toBe(200);
  expect((await introspect(site, client, first.body.access_token)).body.active).toBe(true);
  expect(await exchange(site, client, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await introspect(site, client, first.body.access_token)).body).toEqual({ active: false });
  expect((await get(`${site.url}/api/users/me`, bearer(first.body.access_token))).status).toBe(401);
});

test('D9 of twenty exchanges at once exactly one succeeds, across processes', async () => {
  await using other = await startProviderSite({ databaseUrl: site.config.database.url });
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  const attempts = await Promise.all(
    Array.from({ length: 20 }, (_, index) => exchange(index % 2 === 0 ? site : other, client, code)),
  );
  expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(attempts.filter(({ status }) => status !== 200).map(({ body }) => body.error)).toEqual(
    Array(19).fill('invalid_grant'),
  );
});

test('D10 a code of another client is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const other = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, other, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await exchange(site, client, code)).status).toBe(200);
});

test('D11 a code is good for a minute', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 62_000 });
  expect(await exchange(site, client, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('D12 a redirect URI other than that of the request is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, redirectUris: [callbackUrl, `${callbackUrl}/2`] });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, client, code, { redirect_uri: `${callbackUrl}/2` })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
});

test('D12 the redirect_state of the request must be repeated', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, allowRedirectState: true, skipConsent: true });
  const redirect = { redirect_uri: `${callbackUrl}?redirect_state=abc` };
  const first = await obtainCode(site, client.clientId, account.username, redirect);
  expect((await exchange(site, client, first)).body.error).toBe('invalid_grant');
  const second = await obtainCode(site, client.clientId, account.username, redirect);
  expect((await exchange(site, client, second, redirect)).status).toBe(200);
});
