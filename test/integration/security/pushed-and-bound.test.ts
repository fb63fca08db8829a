/** Lines 58 and 59 of the security checklist: pushed requests (RFC 9126) and tokens that are bound to a key (RFC 9449). */
import { afterAll, expect, test } from 'vitest';
import { type ClientCredentials, callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { authorize, aVerifier, bearer, exchange, get, inBody, obtainCode, post } from '../oauth/clients.js';
import { aProofKey, type ProofKey, type ProofParts, proven } from '../oauth/proofs.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const push = (client: ClientCredentials) =>
  post(`${site.url}/oauth2/par`, {
    response_type: 'code',
    redirect_uri: callbackUrl,
    scope: 'openid',
    state: 'pushed',
    ...inBody(client),
  });
const pathOf = (clientId: string, requestUri: unknown) =>
  `/oauth2/authorize?${new URLSearchParams({ client_id: clientId, request_uri: String(requestUri) })}`;

test('D58: a pushed request works once, also when many use it at once, for its client, for a minute', async () => {
  const account = await site.anAccount();
  const input = { requirePkce: false, skipConsent: true };
  const [client, other] = [await site.aClient(input), await site.aClient(input)];
  expect((await push({ ...client, secret: 'wrong' })).status).toBe(401);

  const pushed = await push(client);
  expect(pushed).toMatchObject({ status: 201, body: { expires_in: 60 } });
  const foreign = await site.newBrowser().visit(pathOf(other.clientId, pushed.body.request_uri));
  expect(foreign.status).toBe(400);
  expect(foreign.headers.get('location')).toBeNull();
  const browser = site.newBrowser();
  const path = pathOf(client.clientId, pushed.body.request_uri);
  const answer = await authorize(browser, path, account.username);
  expect(answer.get('state')).toBe('pushed');
  expect((await exchange(site, client, answer.get('code') ?? '')).status).toBe(200);
  const again = await browser.go(path);
  expect(again.status).toBe(400);
  expect(again.text).toContain('invalid_request_uri');

  const raced = await push(client);
  const headers = { cookie: browser.cookieHeader('/oauth2/authorize'), accept: 'text/html' };
  const racers = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(site.url + pathOf(client.clientId, raced.body.request_uri), { headers, redirect: 'manual' }),
    ),
  );
  expect(racers.filter((racer) => racer.headers.get('location')?.includes('code='))).toHaveLength(1);

  const late = await push(client);
  await site.orm.em
    .fork()
    .execute(`update oidc_artifact set payload = payload || '{"exp": 1}' where model = 'PushedAuthorizationRequest'`);
  expect((await browser.visit(pathOf(client.clientId, late.body.request_uri))).status).toBe(400);
});

test('D59: a token that is bound to a key opens nothing without a proof that is right and new', async () => {
  const key = await aProofKey();
  const token = await aBoundToken(key);
  const now = Math.floor(Date.now() / 1000);
  const wrongProofs: [string, ProofParts & { htu?: string }][] = [
    ['for another address', { htu: `${site.url}/oauth2/token` }],
    ['for another method', { htm: 'POST' }],
    ['for another token', { ath: 'bm90IHRoaXMgb25l' }],
    ['of the past', { iat: now - 15 * 60 }],
    ['of the future', { iat: now + 15 * 60 }],
    ['of another type', { typ: 'JWT' }],
    ['without an identifier', { jti: '' }],
  ];
  for (const url of [`${site.url}/api/users/me`, `${site.url}/oauth2/userinfo`]) {
    expect((await get(url, await proven(key, url, { token }))).status, url).toBe(200);
    const asBearer = await get(url, bearer(token));
    expect(asBearer.status, url).toBe(401);
    expect(asBearer.headers.get('www-authenticate'), url).toContain('invalid_token');
    for (const headers of [
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: 'x.y.z' },
      await proven(await aProofKey(), url, { token }),
    ])
      expect((await get(url, headers)).status, url).toBeOneOf([400, 401]);
    for (const [what, { htu, ...parts }] of wrongProofs) {
      const answer = await get(url, await proven(key, htu ?? url, { token, ...parts }));
      expect(answer.status, `${url} ${what}`).toBeOneOf([400, 401]);
    }
    const headers = await proven(key, url, { token });
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(url, headers)));
    expect(
      answers.filter(({ status }) => status === 200),
      url,
    ).toHaveLength(1);
    for (const { status } of [...answers, await get(url, headers)]) expect(status, url).toBeOneOf([200, 400, 401]);
    expect((await get(url, headers)).status, url).toBeOneOf([400, 401]);
  }
});

/** A token of a person for a client whose tokens are always bound. */
async function aBoundToken(key: ProofKey): Promise<string> {
  const { username } = await site.anAccount();
  const client = await site.aClient({ skipConsent: true, metadata: { dpop_bound_access_tokens: true } });
  const { verifier, challenge } = aVerifier();
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const code = await obtainCode(site, client.clientId, username, { ...pkce, scope: 'openid user:read' });
  const form = { grant_type: 'authorization_code', code, redirect_uri: callbackUrl, code_verifier: verifier };
  const { body } = await post(
    `${site.url}/oauth2/token`,
    { ...form, ...inBody(client) },
    await proven(key, `${site.url}/oauth2/token`, { htm: 'POST' }),
  );
  expect(body).toMatchObject({ token_type: 'DPoP', access_token: expect.any(String) });
  return String(body.access_token);
}
