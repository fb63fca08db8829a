/** Lines 6 to 12 of the security checklist: authorization codes. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { aVerifier, bearer, exchange, get, introspect, obtainCode } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());
const refused = { status: 400, body: { error: 'invalid_grant' } };

test('D6: a wrong or missing verifier after a challenge is refused, and does not use up the code', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const { verifier, challenge } = aVerifier();
  const code = await obtainCode(site, client.clientId, account.username, {
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  for (const wrong of [aVerifier().verifier, challenge])
    expect(await exchange(site, client, code, { code_verifier: wrong }), wrong).toMatchObject(refused);
  expect(await exchange(site, client, code)).toMatchObject(refused);
  expect((await exchange(site, client, code, { code_verifier: verifier })).status).toBe(200);
});

test('D7: a verifier without a challenge is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, client, code, { code_verifier: aVerifier().verifier })).toMatchObject(refused);
});

test('D8: a code that comes again is refused, and takes back what it gave', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
  const first = await exchange(site, client, code);
  expect(first.status).toBe(200);
  expect((await introspect(site, client, first.body.access_token)).body.active).toBe(true);
  expect(await exchange(site, client, code)).toMatchObject(refused);
  for (const token of [first.body.access_token, first.body.refresh_token])
    expect((await introspect(site, client, token)).body).toEqual({ active: false });
  expect((await get(`${site.url}/api/users/me`, bearer(first.body.access_token))).status).toBe(401);
});

test('D9: of twenty exchanges at once exactly one succeeds, across processes', async () => {
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

test('D10: a code of another client is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const other = await site.aClient({ requirePkce: false });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, other, code)).toMatchObject(refused);
  expect((await exchange(site, client, code)).status).toBe(200);
});

test('D11: a code is good for a minute', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false });
  const [inTime, late] = [
    await obtainCode(site, client.clientId, account.username),
    await obtainCode(site, client.clientId, account.username),
  ];
  const issuedAt = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: issuedAt + 50_000 });
  expect((await exchange(site, client, inTime)).status).toBe(200);
  vi.setSystemTime(issuedAt + 62_000);
  expect(await exchange(site, client, late)).toMatchObject(refused);
});

test('D12: a redirect URI other than that of the request, redirect_state and all, is refused', async () => {
  const account = await site.anAccount();
  const client = await site.aClient({ requirePkce: false, redirectUris: [callbackUrl, `${callbackUrl}/2`] });
  const code = await obtainCode(site, client.clientId, account.username);
  expect(await exchange(site, client, code, { redirect_uri: `${callbackUrl}/2` })).toMatchObject(refused);

  const marked = await site.aClient({ requirePkce: false, allowRedirectState: true, skipConsent: true });
  const redirect = { redirect_uri: `${callbackUrl}?redirect_state=abc` };
  const first = await obtainCode(site, marked.clientId, account.username, redirect);
  for (const other of [callbackUrl, `${callbackUrl}?redirect_state=abd`])
    expect(await exchange(site, marked, first, { redirect_uri: other }), other).toMatchObject(refused);
  const second = await obtainCode(site, marked.clientId, account.username, redirect);
  expect((await exchange(site, marked, second, redirect)).status).toBe(200);
});
