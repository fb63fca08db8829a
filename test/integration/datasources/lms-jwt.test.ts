import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLmsJwtVerifier } from '../../../src/datasources/lms/published-keys.js';
import { UpstreamUnavailableError } from '../../../src/errors.js';

/** What the LMS publishes; undefined: it is away. */
let published: JWK[] | undefined = [];
let readings = 0;
const server = createServer((_, response) => {
  readings += 1;
  response.writeHead(published ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ keys: published }));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  readings = 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const settings = { issuer: 'https://lms.example/oauth2', audience: 'openedx' };

function aVerifier(secret?: string, patience: { keysFreshMs?: number; reloadPauseMs?: number } = {}) {
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/jwks.json`;
  return createLmsJwtVerifier({ ...settings, jwksUrl, secret }, { clock: () => new Date(), ...patience });
}

async function aKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS512', { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid } };
}

function sign(privateKey: CryptoKey, kid?: string) {
  return new SignJWT({ preferred_username: 'ada' })
    .setProtectedHeader({ alg: 'RS512', typ: 'JWT', ...(kid !== undefined && { kid }) })
    .setIssuer(settings.issuer)
    .setAudience(settings.audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}

test('keys are read once for many tokens', async () => {
  const { privateKey, publicJwk } = await aKey('one');
  published = [publicJwk];
  const verifier = aVerifier();
  for (const kid of ['one', undefined, 'one'])
    expect(await verifier.verify(await sign(privateKey, kid))).toMatchObject({ preferred_username: 'ada' });
  expect(readings).toBe(1);
});

test('of several keys the right one is found, also for a token that does not name it', async () => {
  const [one, two] = [await aKey('one'), await aKey('two')];
  published = [one.publicJwk, two.publicJwk];
  const verifier = aVerifier();
  expect(await verifier.verify(await sign(two.privateKey))).toBeDefined();
  expect(await verifier.verify(await sign(one.privateKey, 'one'))).toBeDefined();
  expect(await verifier.verify(await sign(one.privateKey, 'two'))).toBeUndefined();
});

test('forged tokens do not have the keys read again and again', async () => {
  const [known, forger] = [await aKey('one'), await aKey('one')];
  published = [known.publicJwk];
  const verifier = aVerifier();
  for (const _ of [1, 2, 3, 4, 5]) expect(await verifier.verify(await sign(forger.privateKey))).toBeUndefined();
  expect(readings).toBe(1);
});

test.each(['two', undefined])('a new key is found, by its id %s', async (kid) => {
  const [one, two] = [await aKey('one'), await aKey('two')];
  published = [one.publicJwk];
  const verifier = aVerifier(undefined, { reloadPauseMs: 0 });
  expect(await verifier.verify(await sign(one.privateKey, 'one'))).toBeDefined();
  published = [two.publicJwk];
  expect(await verifier.verify(await sign(two.privateKey, kid))).toBeDefined();
  expect(await verifier.verify(await sign(one.privateKey, 'one'))).toBeUndefined();
});

test('keys that were read hold while the LMS is away, however old they are', async () => {
  const { privateKey, publicJwk } = await aKey('one');
  published = [publicJwk];
  const verifier = aVerifier(undefined, { keysFreshMs: 0, reloadPauseMs: 0 });
  expect(await verifier.verify(await sign(privateKey, 'one'))).toBeDefined();
  published = undefined;
  expect(await verifier.verify(await sign(privateKey, 'one'))).toBeDefined();
  expect(await verifier.verify(await sign((await aKey('two')).privateKey, 'two'))).toBeUndefined();
  expect(readings).toBeGreaterThan(1);
});

test('while the LMS is away, nothing is known of its tokens', async () => {
  const { privateKey } = await aKey('one');
  published = undefined;
  await expect(aVerifier().verify(await sign(privateKey))).rejects.toBeInstanceOf(UpstreamUnavailableError);
});

test('a token that is signed with the secret is taken where the secret is known', async () => {
  const secret = 'a secret of at least some length';
  published = [];
  const token = await new SignJWT({ preferred_username: 'ada' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(settings.issuer)
    .setAudience(settings.audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  expect(await aVerifier(secret).verify(token)).toMatchObject({ preferred_username: 'ada' });
  expect(await aVerifier('another secret of some length').verify(token)).toBeUndefined();
  expect(await aVerifier().verify(token)).toBeUndefined();
});
