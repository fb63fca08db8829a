import { createRemoteJWKSet, decodeJwt, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { publishChange } from '../../../src/changes/publish-change.js';
import { createSealer } from '../../../src/crypto/sealer.js';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { eventually } from '../../support/eventually.js';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import { authorize, basic, exchange, get, inBody, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const jwksUrl = new URL(`${site.url}/oauth2/jwks`);

async function publishedKeys(): Promise<JWK[]> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: JWK[] };
  return keys;
}

describe('D41 an ID token', () => {
  test('is for its client, echoes the nonce, and holds nothing personal', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid profile email', nonce: 'n-1' });
    const { payload, protectedHeader } = await jwtVerify(String(tokens.id_token), createRemoteJWKSet(jwksUrl), {
      issuer: site.url,
      audience: client.clientId,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: site.url,
      aud: client.clientId,
      sub: account.id,
      nonce: 'n-1',
      amr: ['pwd'],
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  test('has no nonce when none was sent, and says how and when the person signed in when asked', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const tokens = await obtainTokens(site, client, account.username, {
      scope: 'openid',
      acr_values: 'aal1',
      max_age: '600',
    });
    const claims = decodeJwt(String(tokens.id_token));
    expect(claims).not.toHaveProperty('nonce');
    expect(claims).toMatchObject({ acr: 'aal1', auth_time: expect.any(Number) });
  });

  test('is no access token', async () => {
    const account = await site.anAccount();
    const { id_token: idToken } = await obtainTokens(site, await site.aClient(), account.username, { scope: 'openid' });
    for (const path of ['/api/users/me', '/oauth2/userinfo'])
      expect((await get(site.url + path, { authorization: `Bearer ${idToken}` })).status).toBe(401);
  });
});

describe('D42 the published keys', () => {
  test('have distinct ids and nothing private, and may be cached for a while', async () => {
    const answer = await fetch(jwksUrl);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    const keys = await publishedKeys();
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256', 'RS512', 'RS512']);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys)
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member);
    for (const path of ['/oauth2/jwks/', '/oauth2/.well-known/jwks.json'])
      expect((await get(site.url + path)).body.keys).toEqual(keys);
  });

  test('are kept encrypted', async () => {
    const rows = await site.orm.em.fork().find(SigningKeyEntity, {});
    expect(rows).toHaveLength(4);
    for (const { privateJwk } of rows) expect(privateJwk.split('.')).toHaveLength(5);
  });

  test('show a new key before it signs, and take it up without a restart', async () => {
    const sealer = createSealer(site.secrets.keys, 'signing-key');
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'next-key', alg: 'RS256', use: 'sig' };
    const em = site.orm.em.fork();
    const now = new Date();
    await em.insert(SigningKeyEntity, {
      kid: 'next-key',
      algorithm: 'RS256',
      purpose: 'tokens',
      state: 'PUBLISHED',
      privateJwk: await sealer.seal(JSON.stringify(jwk)),
      createdAt: now,
      activeFrom: now,
      retiringFrom: null,
      retiredAt: null,
    });
    await publishChange(em, { topic: 'signing-keys' });
    await eventually('the key is published', async () => (await publishedKeys()).some(({ kid }) => kid === 'next-key'));
    const account = await site.anAccount();
    const client = await site.aClient();
    const before = await obtainTokens(site, client, account.username, { scope: 'openid' });
    const kidOf = (token: unknown) =>
      JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kidOf(before.id_token)).not.toBe('next-key');

    const previous = await em.findOneOrFail(SigningKeyEntity, { state: 'ACTIVE', algorithm: 'RS256' });
    await em.transactional(async (tx) => {
      await tx.nativeUpdate(SigningKeyEntity, { kid: previous.kid }, { state: 'RETIRING' });
      await tx.nativeUpdate(SigningKeyEntity, { kid: 'next-key' }, { state: 'ACTIVE' });
      await publishChange(tx, { topic: 'signing-keys' });
    });
    await eventually('the key signs', async () => {
      const tokens = await obtainTokens(site, client, account.username, { scope: 'openid' });
      return kidOf(tokens.id_token) === 'next-key';
    });
    await jwtVerify(String(before.id_token), createRemoteJWKSet(jwksUrl), { issuer: site.url });
    const refreshed = await post(`${site.url}/oauth2/token/`, {
      grant_type: 'refresh_token',
      refresh_token: String(before.refresh_token),
      ...inBody(client),
    });
    expect(refreshed.status).toBe(200);
  });

  test('are made once when several processes start at the same time', async () => {
    await using first = await startProviderSite();
    await first.orm.em.fork().nativeDelete(SigningKeyEntity, {});
    const databaseUrl = first.config.database.url;
    const sites = await Promise.all([1, 2, 3].map(() => startProviderSite({ databaseUrl })));
    try {
      const published = await Promise.all(sites.map(async ({ url }) => (await get(`${url}/oauth2/jwks`)).body.keys));
      expect(published[0]).toHaveLength(4);
      expect(published[1]).toEqual(published[0]);
      expect(published[2]).toEqual(published[0]);
    } finally {
      await Promise.all(sites.map((it) => it[Symbol.asyncDispose]()));
    }
  });
});

describe('discovery', () => {
  test.each([
    '/.well-known/openid-configuration',
    '/.well-known/openid-configuration/',
    '/.well-known/oauth-authorization-server',
    '/oauth2/.well-known/openid-configuration',
    '/oauth2/.well-known/openid-configuration/',
  ])('is at %s', async (path) => {
    const { status, body } = await get(site.url + path);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      issuer: site.url,
      authorization_endpoint: `${site.url}/oauth2/authorize`,
      token_endpoint: `${site.url}/oauth2/token`,
      userinfo_endpoint: `${site.url}/oauth2/userinfo`,
      revocation_endpoint: `${site.url}/oauth2/revoke_token`,
      introspection_endpoint: `${site.url}/oauth2/introspect`,
      jwks_uri: `${site.url}/oauth2/jwks`,
      end_session_endpoint: `${site.url}/oauth2/logout`,
      pushed_authorization_request_endpoint: `${site.url}/oauth2/par`,
      device_authorization_endpoint: `${site.url}/oauth2/device-authorization`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      response_types_supported: ['code'],
    });
    expect(body.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['client_secret_basic', 'client_secret_post']),
    );
    expect(body.id_token_signing_alg_values_supported).toContain('RS256');
  });
});

describe('D58 a pushed authorization request', () => {
  const push = async (client: { clientId: string; secret: string }) =>
    post(`${site.url}/oauth2/par`, {
      response_type: 'code',
      redirect_uri: callbackUrl,
      scope: 'openid',
      state: 'pushed',
      ...inBody(client),
    });
  const pathOf = (clientId: string, requestUri: unknown) =>
    `/oauth2/authorize?${new URLSearchParams({ client_id: clientId, request_uri: String(requestUri) })}`;

  test('works once', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    const pushed = await push(client);
    expect(pushed).toMatchObject({ status: 201, body: { expires_in: 60 } });
    const browser = site.newBrowser();
    const path = pathOf(client.clientId, pushed.body.request_uri);
    const answer = await authorize(browser, path, account.username);
    expect(answer.get('state')).toBe('pushed');
    expect((await exchange(site, client, answer.get('code') ?? '')).status).toBe(200);
    const again = await browser.go(path);
    expect(again).toMatchObject({ status: 400 });
    expect(again.text).toContain('invalid_request_uri');
  });

  test('works for its client only', async () => {
    const [client, other] = [await site.aClient({ requirePkce: false }), await site.aClient({ requirePkce: false })];
    const pushed = await push(client);
    const page = await site.newBrowser().visit(pathOf(other.clientId, pushed.body.request_uri));
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
  });

  test('works for a minute', async () => {
    const client = await site.aClient({ requirePkce: false });
    const pushed = await push(client);
    await site.orm.em
      .fork()
      .execute(`update oidc_artifact set payload = payload || '{"exp": 1}' where model = 'PushedAuthorizationRequest'`);
    expect((await site.newBrowser().visit(pathOf(client.clientId, pushed.body.request_uri))).status).toBe(400);
  });

  test('needs the client to authenticate', async () => {
    const client = await site.aClient();
    expect((await push({ ...client, secret: 'wrong' })).status).toBe(401);
  });
});

test('a client may prove itself by a key instead of a secret, with each proof once', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { client } = await site.clients.create(
    {
      name: 'Key client',
      type: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      metadata: {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] },
      },
    },
    { accountId: null },
  );
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(client.clientId)
    .setSubject(client.clientId)
    .setAudience(site.url)
    .setJti('once')
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  const ask = () =>
    post(`${site.url}/oauth2/token/`, {
      grant_type: 'client_credentials',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
  const answers = await Promise.all(Array.from({ length: 8 }, ask));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.every(({ status }) => status === 200 || status === 400 || status === 401)).toBe(true);
  expect(
    (
      await post(
        `${site.url}/oauth2/token/`,
        { grant_type: 'client_credentials' },
        basic({ clientId: client.clientId, secret: 'x' }),
      )
    ).status,
  ).toBe(401);
});
