/** Line 59 of the security checklist, and 58 for clients that must push their requests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientCredentials, callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { authorizePath, aVerifier, bearer, exchange, get, inBody, introspect, obtainCode, post } from './clients.js';
import { aProofKey, type ProofKey, type ProofParts, proven } from './proofs.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const me = `${site.url}/api/users/me`;
const _userinfo = `${site.url}/oauth2/userinfo`;

/** A client whose tokens are always bound, and one token of a person for it. */
async function aBoundToken(key: ProofKey): Promise<{ client: ClientCredentials; token: string; username: string }> {
  const { username } = await site.anAccount();
  const client = await site.aClient({ skipConsent: true, metadata: { dpop_bound_access_tokens: true } });
  const { verifier, challenge } = aVerifier();
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const code = await obtainCode(site, client.clientId, username, { ...pkce, scope: 'openid user:read' });
  const { body } = await post(
    `${site.url}/oauth2/token`,
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callbackUrl,
      code_verifier: verifier,
      ...inBody(client),
    },
    await proven(key, `${site.url}/oauth2/token`, { htm: 'POST' }),
  );
  expect(body).toMatchObject({ token_type: 'DPoP', access_token: expect.any(String) });
  return { client, token: String(body.access_token), username };
}

describe('a token that is bound to a key', () => {
  let key: ProofKey;
  let bound: Awaited<ReturnType<typeof aBoundToken>>;
  beforeAll(async () => {
    key = await aProofKey();
    bound = await aBoundToken(key);
  });

  test('says at introspection which key that is', async () => {
    const { body } = await introspect(site, bound.client, bound.token);
    expect(body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: expect.any(String) } });
  });

  const minute = 60;
  const _wrongProofs: [string, ProofParts & { htu?: string }][] = [
    ['for another address', { htu: `${site.url}/oauth2/token` }],
    ['for another method', { htm: 'POST' }],
    ['for another token', { ath: 'bm90IHRoaXMgb25l' }],
    ['of the past', { iat: Math.floor(Date.now() / 1000) - 15 * minute }],
    ['of the future', { iat: Math.floor(Date.now() / 1000) + 15 * minute }],
    ['of another type', { typ: 'JWT' }],
    ['without an identifier', { jti: '' }],
  ];

  test('is not given to a client that brings no proof', async () => {
    const client = await site.aClient({
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['user:read'],
      metadata: { dpop_bound_access_tokens: true },
    });
    const ask = (headers = {}) =>
      post(`${site.url}/oauth2/token`, { grant_type: 'client_credentials', ...inBody(client) }, headers);
    expect(await ask()).toMatchObject({ status: 400 });
    const headers = await proven(key, `${site.url}/oauth2/token`, { htm: 'POST' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('an unbound token is not made better by a proof', async () => {
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    const code = await obtainCode(site, client.clientId, bound.username);
    const { body } = await exchange(site, client, code);
    expect((await get(me, await proven(key, me, { token: body.access_token }))).status).toBe(401);
    expect((await get(me, bearer(body.access_token))).status).toBe(200);
  });
});

test('a client that is registered to push its requests is refused when it does not', async () => {
  const client = await site.aClient({
    requirePkce: false,
    skipConsent: true,
    metadata: { require_pushed_authorization_requests: true },
  });
  const { username } = await site.anAccount();
  const direct = await site.newBrowser().visit(authorizePath(client.clientId));
  expect(new URL(direct.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  const { body } = await post(`${site.url}/oauth2/par`, {
    response_type: 'code',
    redirect_uri: callbackUrl,
    scope: 'openid',
    ...inBody(client),
  });
  const code = await obtainCode(site, client.clientId, username, {
    request_uri: String(body.request_uri),
    redirect_uri: undefined,
    response_type: undefined,
    state: undefined,
  });
  expect((await exchange(site, client, code)).status).toBe(200);
});
