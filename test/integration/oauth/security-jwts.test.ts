import { createPublicKey, randomBytes } from 'node:crypto';
import {
  decodeJwt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { startProviderSite } from '../../support/provider-site.js';
import { get, inBody, introspect, obtainTokens, post } from './clients.js';

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

async function statusOf(token: string): Promise<number[]> {
  const schemes = ['JWT', 'Bearer'];
  const answers = await Promise.all(
    schemes.map((scheme) => get(`${site.url}/api/users/me`, { authorization: `${scheme} ${token}` })),
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

test('a JWT that is made as ours are is one of ours, so that what follows fails for its one change', async () => {
  expect(await statusOf(await forge({}))).toEqual([200, 200]);
  expect(await statusOf(genuine)).toEqual([200, 200]);
});

describe('D38 refused is a JWT', () => {
  test.each<[string, () => Promise<string> | string]>([
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
  ])('%s', async (_what, make) => {
    const token = await make();
    expect(await statusOf(token)).toEqual([401, 401]);
    expect((await introspect(site, client, token)).body).toEqual({ active: false });
  });

  test('with the challenge of RFC 6750', async () => {
    const answer = await get(`${site.url}/api/users/me`, {
      authorization: `JWT ${await forge({ payload: { exp: 1 } })}`,
    });
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});

describe('D39 a key that a JWT brings along is not looked at', () => {
  test('neither in the token nor at an address', async () => {
    const key = await aForeignKey();
    const { kty, n, e } = key;
    const headers = [
      { jwk: { kty, n, e } },
      { jku: 'http://127.0.0.1:9/jwks' },
      { x5u: 'http://127.0.0.1:9/certificate' },
      { jwk: { kty, n, e }, kid: keyOf('tokens', 'RS512').kid },
    ];
    for (const header of headers) expect(await statusOf(await forge({ key, header }))).toEqual([401, 401]);
  });

  test('nor does it harm a token of ours', async () => {
    const header = { jku: 'http://127.0.0.1:9/jwks', x5u: 'http://127.0.0.1:9/certificate' };
    expect(await statusOf(await forge({ header }))).toEqual([200, 200]);
  });
});

describe('D40 an access token in JWT form', () => {
  test('says what RFC 9068 asks for, in the words of Open edX', () => {
    expect(claims).toMatchObject({
      iss: site.url,
      aud: 'portico',
      sub: expect.any(String),
      exp: expect.any(Number),
      iat: expect.any(Number),
      jti: expect.any(String),
      scopes: ['user:read', 'learning:read'],
    });
  });

  test('is no ID token, and an ID token no access token', async () => {
    const person = await site.anAccount();
    const { id_token: idToken } = await obtainTokens(site, await site.aClient(), person.username, { scope: 'openid' });
    expect(await statusOf(String(idToken))).toEqual([401, 401]);
    const hint = new URLSearchParams({ id_token_hint: genuine, client_id: client.clientId });
    expect((await get(`${site.url}/oauth2/logout?${hint}`)).status).toBe(400);
  });
});
