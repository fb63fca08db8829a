import { decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { startProviderSite } from '../../support/provider-site.js';
import { basic, get, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const jwksUrl = new URL(`${site.url}/oauth2/jwks`);

async function publishedKeys(): Promise<JWK[]> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: JWK[] };
  return keys;
}

describe('an ID token', () => {
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
});

describe('the published keys', () => {
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
