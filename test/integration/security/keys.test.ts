/** Lines 41 and 42 of the security checklist: ID tokens and the keys that they are signed with. */
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
} from 'jose';
import { afterAll, expect, test } from 'vitest';
import { publishChange } from '../../../src/changes/publish-change.js';
import { createSealer } from '../../../src/crypto/sealer.js';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { eventually } from '../../support/eventually.js';
import { startProviderSite } from '../../support/provider-site.js';
import { get, inBody, obtainTokens, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const jwksUrl = new URL(`${site.url}/oauth2/jwks`);

async function publishedKeys(): Promise<JWK[]> {
  const { body } = await get(jwksUrl.href);
  return Array.isArray(body.keys) ? body.keys : [];
}

test('D41: an ID token is for its client, echoes the nonce, and holds nothing personal that was not asked for', async () => {
  const account = await site.anAccount();
  const client = await site.aClient();
  const scope = 'openid profile email';
  const tokens = await obtainTokens(site, client, account.username, { scope, nonce: 'n-1' });
  const { payload } = await jwtVerify(String(tokens.id_token), createRemoteJWKSet(jwksUrl), {
    issuer: site.url,
    audience: client.clientId,
  });
  expect(payload).toEqual({
    iss: site.url,
    aud: client.clientId,
    sub: account.id,
    nonce: 'n-1',
    amr: ['pwd'],
    iat: expect.any(Number),
    exp: expect.any(Number),
  });
  const plain = await obtainTokens(site, client, account.username, { scope });
  expect(decodeJwt(String(plain.id_token))).not.toHaveProperty('nonce');
});

test('D42: published keys have distinct ids and nothing private; a new one is seen before it is used', async () => {
  const keys = await publishedKeys();
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.every(({ kid }) => typeof kid === 'string')).toBe(true);
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
  for (const key of keys)
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member);

  const em = site.orm.em.fork();
  await addKey('next-key');
  await eventually('the key is published', async () => (await publishedKeys()).some(({ kid }) => kid === 'next-key'));
  const account = await site.anAccount();
  const client = await site.aClient();
  const kidOf = (token: unknown) => decodeProtectedHeader(String(token)).kid;
  const before = await obtainTokens(site, client, account.username, { scope: 'openid' });
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
  const refresh = { grant_type: 'refresh_token', refresh_token: String(before.refresh_token), ...inBody(client) };
  expect((await post(`${site.url}/oauth2/token/`, refresh)).status).toBe(200);
});

async function addKey(kid: string): Promise<void> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
  const now = new Date();
  const em = site.orm.em.fork();
  await em.insert(SigningKeyEntity, {
    kid,
    algorithm: 'RS256',
    purpose: 'tokens',
    state: 'PUBLISHED',
    privateJwk: await createSealer(site.secrets.keys, 'signing-key').seal(JSON.stringify(jwk)),
    createdAt: now,
    activeFrom: now,
    retiringFrom: null,
    retiredAt: null,
  });
  await publishChange(em, { topic: 'signing-keys' });
}
