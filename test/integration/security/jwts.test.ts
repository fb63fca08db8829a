/** Lines 32 and 38 to 40 of the security checklist: access tokens in JWT form. */
import { createPublicKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { startProviderSite } from '../../support/provider-site.js';
import { authorizePath, get, inBody, introspect, obtainTokens, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const owner = await site.anAccount();
const client = await site.aClient({
  grantTypes: ['CLIENT_CREDENTIALS'],
  ownerId: owner.id,
  scopes: ['user:read', 'learning:read'],
});
const { body: issued } = await post(`${site.url}/oauth2/token/`, {
  grant_type: 'client_credentials',
  token_type: 'jwt',
  ...inBody(client),
});
const genuine = String(issued.access_token);
const claims: JWTPayload = decodeJwt(genuine);
const keyOf = await openKeys();
const now = Math.floor(Date.now() / 1000);

/** The private keys of the site, by purpose and algorithm. */
async function openKeys(): Promise<(purpose: string, algorithm: string) => JWK & { kid: string }> {
  const sealer = createSealer(site.secrets.keys, 'signing-key');
  const rows = await site.orm.em.fork().find(SigningKeyEntity, { state: 'ACTIVE' });
  const opened = await Promise.all(
    rows.map(async (row) => ({ ...row, jwk: JSON.parse(await sealer.open(row.privateJwk)) })),
  );
  return (purpose, algorithm) => opened.find((it) => it.purpose === purpose && it.algorithm === algorithm)?.jwk;
}

interface Forgery {
  payload?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: JWK & { kid?: string };
}

/** A JWT with the site's own key, changed in one way. */
async function forge({ payload, header, key = keyOf('tokens', 'RS512') }: Forgery): Promise<string> {
  const alg = String(header?.alg ?? key.alg);
  return new SignJWT({ ...claims, ...payload })
    .setProtectedHeader({ typ: 'JWT', kid: key.kid ?? '', ...header, alg })
    .sign(await importJWK({ ...key, alg }, alg));
}

/** What our API says to a token, with either scheme word. */
async function statusOf(token: string, { url }: { url: string } = site): Promise<number[]> {
  const schemes = ['JWT', 'Bearer'];
  const answers = await Promise.all(
    schemes.map((scheme) => get(`${url}/api/users/me`, { authorization: `${scheme} ${token}` })),
  );
  return answers.map(({ status }) => status);
}

/** HMAC over the public key as PEM, for verifiers that take the algorithm from the token. */
async function signedWithThePublicKey(): Promise<string> {
  const pem = createPublicKey({ key: { ...keyOf('tokens', 'RS512') }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keyOf('tokens', 'RS512').kid })
    .sign(Buffer.from(pem));
}

async function aForeignKey(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair('RS512', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS512', kid: 'foreign' };
}

test('D32: a token for one audience opens no API of another, nor userinfo', async () => {
  // The same keys, the same stored tokens, the same issuer: of all that a token is checked for, the audience alone differs.
  await using other = await startProviderSite({
    databaseUrl: site.config.database.url,
    env: { PORTICO_JWT_AUDIENCE: 'another-api', PORTICO_PUBLIC_URL: site.url },
  });
  const person = await site.anAccount();
  const web = await site.aClient({ requirePkce: false, tokenFormat: 'JWT' });
  const { access_token: jwt } = await obtainTokens(site, web, person.username, { scope: 'openid user:read' });
  expect(decodeJwt(String(jwt)).aud).toBe('portico');
  const ask = (at: typeof site, path: string) =>
    at.app.inject({ url: path, headers: { host: new URL(site.url).host, authorization: `Bearer ${jwt}` } });
  for (const path of ['/api/users/me', '/oauth2/userinfo']) {
    expect((await ask(site, path)).statusCode, path).toBe(200);
    const refused = await ask(other, path);
    expect(refused.statusCode, path).toBe(401);
    expect(refused.headers['www-authenticate'], path).toContain('invalid_token');
  }
  // Nobody is given a token for an API that is not ours.
  const foreign = { resource: 'https://api.example.org' };
  const own = await post(`${site.url}/oauth2/token/`, {
    grant_type: 'client_credentials',
    ...foreign,
    ...inBody(client),
  });
  expect(own).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  const page = await site.newBrowser().visit(authorizePath(web.clientId, foreign));
  expect(page.headers.get('location')).toContain('error=invalid_target');
});

test('D38: a JWT that is not exactly as ours are is refused', async () => {
  expect(await statusOf(genuine)).toEqual([200, 200]);
  expect(await statusOf(await forge({})), 'made as ours are: what follows fails for its one change').toEqual([
    200, 200,
  ]);
  const forgeries: [string, () => Promise<string> | string][] = [
    ['without a signature', () => new UnsecuredJWT(claims).encode()],
    ['whose signature was cut off', () => `${genuine.split('.').slice(0, 2).join('.')}.`],
    ['signed with the public key as a secret', signedWithThePublicKey],
    ['of another issuer', () => forge({ payload: { iss: 'https://other.example.org' } })],
    ['for another audience', () => forge({ payload: { aud: 'somebody-else' } })],
    ['of another type', () => forge({ header: { typ: 'at+jwt' } })],
    ['without a type', () => forge({ header: { typ: undefined } })],
    ['that has expired', () => forge({ payload: { exp: now - 60 } })],
    ['without an end', () => forge({ payload: { exp: undefined } })],
    ['that is not yet valid', () => forge({ payload: { nbf: now + 600 } })],
    ['of an unknown key', () => forge({ header: { kid: 'unknown' } })],
    ['without a key id', () => forge({ header: { kid: undefined } })],
    [
      'of a stranger under our key id',
      async () => forge({ key: { ...(await aForeignKey()), kid: keyOf('tokens', 'RS512').kid } }),
    ],
    ['signed by another algorithm with our key', () => forge({ header: { alg: 'RS256' } })],
    ['signed with the key of ID tokens', () => forge({ key: keyOf('tokens', 'RS256') })],
    ['signed with the elliptic key of ID tokens', () => forge({ key: keyOf('tokens', 'ES256') })],
    ['that is restricted but not signed so', () => forge({ payload: { is_restricted: true } })],
    ['that is signed as restricted but is not', () => forge({ key: keyOf('restricted', 'RS512') })],
    ['that was never issued', () => forge({ payload: { jti: randomBytes(32).toString('base64url') } })],
    ['without an id', () => forge({ payload: { jti: undefined } })],
    [
      'that was changed',
      () => {
        const [header, , signature] = genuine.split('.');
        const payload = Buffer.from(JSON.stringify({ ...claims, scopes: ['clients:admin'] })).toString('base64url');
        return `${header}.${payload}.${signature}`;
      },
    ],
  ];
  for (const [what, make] of forgeries) {
    const token = await make();
    expect(await statusOf(token), what).toEqual([401, 401]);
    expect((await introspect(site, client, token)).body, what).toEqual({ active: false });
  }
  const answer = await get(`${site.url}/api/users/me`, {
    authorization: `JWT ${await forge({ payload: { exp: 1 } })}`,
  });
  expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
});

test('D39: keys, and addresses of keys, that a JWT brings along are not looked at', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify({ keys: [{ kty, n, e, alg: 'RS512' }] }));
  });
  const key = await aForeignKey();
  const { kty, n, e } = key;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${address instanceof Object ? address.port : 0}`;
  const addresses = { jku: `${origin}/jwks`, x5u: `${origin}/certificate` };
  try {
    for (const header of [
      { jwk: { kty, n, e } },
      { jku: addresses.jku },
      { x5u: addresses.x5u },
      { jwk: { kty, n, e }, kid: keyOf('tokens', 'RS512').kid },
    ])
      expect(await statusOf(await forge({ key, header })), JSON.stringify(header)).toEqual([401, 401]);
    expect(await statusOf(await forge({ header: addresses })), 'nor do they harm a token of ours').toEqual([200, 200]);
    expect(asked).toEqual([]);
  } finally {
    server.close();
  }
});

test('D40: an access token in JWT form says what its readers need; an ID token is none, nor it an ID token', async () => {
  expect(claims).toMatchObject({
    iss: site.url,
    aud: 'portico',
    sub: expect.any(String),
    exp: expect.any(Number),
    iat: expect.any(Number),
    jti: expect.any(String),
    scopes: ['user:read', 'learning:read'],
  });
  expect(decodeProtectedHeader(genuine)).toEqual({ alg: 'RS512', typ: 'JWT', kid: keyOf('tokens', 'RS512').kid });
  const person = await site.anAccount();
  const { id_token: idToken } = await obtainTokens(site, await site.aClient(), person.username, { scope: 'openid' });
  expect(await statusOf(String(idToken))).toEqual([401, 401]);
  const info = await get(`${site.url}/oauth2/userinfo`, { authorization: `Bearer ${idToken}` });
  expect(info.status).toBe(401);
  const hint = new URLSearchParams({ id_token_hint: genuine, client_id: client.clientId });
  expect((await get(`${site.url}/oauth2/logout?${hint}`)).status).toBe(400);
});
