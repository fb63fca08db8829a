/** The FAPI 2.0 Security Profile, seen by a client that is held to it. The race for one pushed request is line 58 of part D. */
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientInput } from '../../../../src/services/oauth-client/input.js';
import { callbackUrl, startProviderSite, testPassword } from '../../../support/provider-site.js';
import { aVerifier, post } from '../clients.js';
import { aProofKey, proven } from '../proofs.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const insecure = { [oauth.allowInsecureRequests]: true };
const redirectUri = `${callbackUrl}?dummy1=lorem&dummy2=ipsum`;
const parUrl = `${site.url}/oauth2/par`;
const tokenUrl = `${site.url}/oauth2/token`;

const keys = await generateKeyPair('PS256', { extractable: true });
const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'PS256', use: 'sig' };
let server: oauth.AuthorizationServer;
let clientId: string;
let username: string;
beforeAll(async () => {
  const issuer = new URL(site.url);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  clientId = (await aFapiClient()).client.clientId;
  username = (await site.anAccount()).username;
});

function aFapiClient(input: Partial<ClientInput> = {}) {
  return site.clients.create(
    {
      name: 'A bank',
      type: 'CONFIDENTIAL',
      grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
      redirectUris: [redirectUri],
      scopes: ['openid', 'profile', 'email'],
      securityProfile: 'FAPI2',
      metadata: { jwks: { keys: [publicJwk] } },
      ...input,
    },
    { accountId: null },
  );
}

interface AssertionParts {
  aud?: string | string[];
  iat?: number;
  alg?: string;
  key?: CryptoKey;
}

async function assertion({ aud = site.url, iat, alg = 'PS256', key = keys.privateKey }: AssertionParts = {}) {
  const issuedAt = iat ?? Math.floor(Date.now() / 1000);
  const jwt = await new SignJWT({ nbf: issuedAt })
    .setProtectedHeader({ alg })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(aud)
    .setJti(crypto.randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 120)
    .sign(key);
  return {
    client_id: clientId,
    client_assertion: jwt,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
}

const { verifier, challenge } = aVerifier();
const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
const request = {
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid profile',
  state: 'a-state',
  ...pkce,
};

async function push(parts: AssertionParts = {}, more: Record<string, string> = {}) {
  return post(parUrl, { ...request, ...(await assertion(parts)), ...more });
}

async function authorizePath() {
  const { body } = await push();
  return `/oauth2/authorize?${new URLSearchParams({ client_id: clientId, request_uri: String(body.request_uri) })}`;
}

/** @returns the parameters that come back to the client */
async function signIn(path: string): Promise<URLSearchParams> {
  const browser = site.newBrowser();
  await browser.go(path);
  let page = await browser.submit({ identifier: username, password: testPassword });
  if (page.url.includes('/consent/')) page = await browser.submit({ decision: 'allow' });
  expect(page.url).toContain(`${callbackUrl}?dummy1=lorem&dummy2=ipsum`);
  return new URL(page.url).searchParams;
}

test('the strict client of RFC texts signs in with PAR, private_key_jwt by PS256 and DPoP, reads userinfo and refreshes', async () => {
  const client: oauth.Client = { client_id: clientId };
  const authentication = oauth.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' });
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const options = { ...insecure, DPoP };
  const pushed = await oauth.processPushedAuthorizationResponse(
    server,
    client,
    await oauth.pushedAuthorizationRequest(server, client, authentication, new URLSearchParams(request), options),
  );
  expect(pushed.expires_in).toBeLessThanOrEqual(60);
  const query = new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri });
  const back = await signIn(`/oauth2/authorize?${query}`);
  const answer = oauth.validateAuthResponse(server, client, back, 'a-state');
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    answer,
    redirectUri,
    verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, { requireIdToken: true });
  expect(tokens.token_type).toBe('dpop');
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  const { alg } = JSON.parse(Buffer.from(String(tokens.id_token).split('.')[0] ?? '', 'base64url').toString());
  expect(alg).toBe('ES256');
  const { sub = '' } = oauth.getValidatedIdTokenClaims(tokens) ?? {};
  await oauth.processUserInfoResponse(
    server,
    client,
    sub,
    await oauth.userInfoRequest(server, client, tokens.access_token, options),
  );
  const refreshed = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '', options),
  );
  expect(refreshed.token_type).toBe('dpop');
});

test('discovery offers what the profile needs, on the issuer that serves everybody', () => {
  expect(server.token_endpoint_auth_methods_supported).toContain('private_key_jwt');
  expect(server.token_endpoint_auth_signing_alg_values_supported).toEqual(expect.arrayContaining(['PS256', 'ES256']));
  expect(server.id_token_signing_alg_values_supported).toEqual(expect.arrayContaining(['RS256', 'ES256']));
  expect(server.dpop_signing_alg_values_supported).toEqual(expect.arrayContaining(['PS256', 'ES256']));
  expect(server.code_challenge_methods_supported).toEqual(['S256']);
  expect(server.pushed_authorization_request_endpoint).toBe(parUrl);
  expect(server.authorization_response_iss_parameter_supported).toBe(true);
});

test('a request that was not pushed is refused', async () => {
  const page = await site
    .newBrowser()
    .visit(`/oauth2/authorize?${new URLSearchParams({ ...request, client_id: clientId })}`);
  expect(new URL(page.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
});

test('a pushed request without PKCE, or with response_type=token, is refused', async () => {
  const { code_challenge: _challenge, code_challenge_method: _method, ...withoutPkce } = request;
  expect(await post(parUrl, { ...withoutPkce, ...(await assertion()) })).toMatchObject({ status: 400 });
  expect(await push({}, { response_type: 'token' })).toMatchObject({ status: 400 });
});

test.each([
  ['the token endpoint', tokenUrl],
  ['the PAR endpoint', parUrl],
  ['a list that holds the issuer', [site.url]],
  ['somebody else', 'https://other.example'],
])('an assertion for %s is refused', async (_what, aud) => {
  expect(await push({ aud })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
});

test('an assertion signed with RS256 is refused', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' }] };
  const { client } = await aFapiClient({ metadata: { jwks } });
  const previous = clientId;
  clientId = client.clientId;
  expect(await push({ alg: 'RS256', key: privateKey })).toMatchObject({ body: { error: 'invalid_client' } });
  clientId = previous;
});

test('a clock that is ahead is borne with for 8 seconds and not for 60', async () => {
  const now = Math.floor(Date.now() / 1000);
  expect((await push({ iat: now + 8 })).status).toBe(201);
  expect((await push({ iat: now + 60 })).status).toBe(401);
});

test('a code is not exchanged without a proof of possession', async () => {
  const code = String((await signIn(await authorizePath())).get('code'));
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  expect(await post(tokenUrl, { ...form, ...(await assertion()) })).toMatchObject({ status: 400 });
});

test('a request_uri outlives a visit without a sign-in, and not one with', async () => {
  const path = await authorizePath();
  expect((await site.newBrowser().go(path)).url).toContain('/login/');
  expect((await signIn(path)).get('code')).toBeTruthy();
  const again = await site.newBrowser().go(path);
  expect(again.status).toBe(400);
  expect(again.text).toContain('invalid_request_uri');
});

test('cancelling at the sign-in and at the consent ends in access_denied', async () => {
  const browser = site.newBrowser();
  const login = await browser.go(await authorizePath());
  const cancel =
    /formaction="([^"]*cancel[^"]*)"/.exec(login.text)?.[1] ?? /action="([^"]*cancel[^"]*)"/.exec(login.text)?.[1];
  const csrf = /name="_csrf" value="([^"]+)"/.exec(login.text)?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: csrf });
  const headers = { origin: site.url };
  const refused = await browser.go(new URL(cancel ?? '', login.url).href, { method: 'POST', body, headers });
  expect(new URL(refused.url).searchParams.get('error')).toBe('access_denied');

  const other = await site.anAccount();
  const second = site.newBrowser();
  await second.go(await authorizePath());
  await second.submit({ identifier: other.username, password: testPassword });
  const declined = await second.submit({ decision: 'deny' });
  expect(new URL(declined.url).searchParams.get('error')).toBe('access_denied');
});

test.each<[string, Partial<ClientInput>]>([
  ['without a key', { metadata: {} }],
  ['that is public', { type: 'PUBLIC' }],
  ['with a secret', { metadata: { jwks: { keys: [publicJwk] }, token_endpoint_auth_method: 'client_secret_basic' } }],
  ['without PKCE', { requirePkce: false }],
  ['whose redirect URIs are completed', { allowRedirectState: true, redirectUris: [callbackUrl] }],
  ['for devices', { grantTypes: ['AUTHORIZATION_CODE', 'DEVICE_CODE'] }],
  ['with ID tokens by RS256', { metadata: { jwks: { keys: [publicJwk] }, id_token_signed_response_alg: 'RS256' } }],
])('no client is registered %s', async (_what, input) => {
  await expect(aFapiClient(input)).rejects.toMatchObject({ reason: 'CONTRADICTS_PROFILE' });
});

test('a client of the profile has no secret', async () => {
  const { client, secret } = await aFapiClient();
  expect(secret).toBeUndefined();
  await expect(site.clients.rotateSecret(client.clientId, { accountId: null })).rejects.toMatchObject({
    reason: 'HAS_NO_SECRET',
  });
});

test.each(['/oauth2/token', '/oauth2/token/', '/oauth2/access_token/'])(
  'a proof made for %s is taken there',
  async (path) => {
    const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
    const url = `${site.url}${path}`;
    const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.secret };
    const key = await aProofKey();
    expect(await post(url, form, await proven(key, url, { htm: 'POST' }))).toMatchObject({
      status: 200,
      body: { token_type: 'DPoP' },
    });
    const elsewhere = await proven(key, `${site.url}/oauth2/introspect/`, { htm: 'POST' });
    expect(await post(url, form, elsewhere)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  },
);
