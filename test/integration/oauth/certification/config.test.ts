/** OpenID certification, plan "config". Public members and distinct ids of keys are line 42 of part D. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProviderSite } from '../../../support/provider-site.js';
import { get } from '../clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
let document: Record<string, unknown>;
beforeAll(async () => {
  document = (await get(`${site.url}/.well-known/openid-configuration`)).body;
});

test('the issuer is the address that the document was fetched from', () => {
  expect(document.issuer).toBe(site.url);
});

test('every endpoint is under the issuer', () => {
  const endpoints = Object.entries(document).filter(([name]) => /_(endpoint|uri)$/.test(name));
  expect(endpoints.length).toBeGreaterThan(8);
  for (const [, address] of endpoints) expect(String(address).startsWith(`${site.url}/`)).toBe(true);
});

test('every endpoint is https behind a proxy that ends TLS', async () => {
  await using secure = await startProviderSite({ env: { PORTICO_PUBLIC_URL: 'https://portico.example' } });
  const { body } = await secure.app.inject({
    url: '/.well-known/openid-configuration',
    headers: { host: 'portico.example', 'x-forwarded-proto': 'https' },
  });
  const endpoints = Object.entries<unknown>(JSON.parse(body)).filter(([name]) => /_(endpoint|uri)$/.test(name));
  expect(endpoints.length).toBeGreaterThan(8);
  for (const [, address] of endpoints) expect(String(address).startsWith('https://portico.example/')).toBe(true);
});

test('RS256 is offered for ID tokens', () => {
  expect(document.id_token_signing_alg_values_supported).toContain('RS256');
});

test.each([
  'subject_types_supported',
  'response_types_supported',
  'grant_types_supported',
  'claims_supported',
  'scopes_supported',
  'token_endpoint_auth_methods_supported',
  'response_modes_supported',
  'acr_values_supported',
])('%s is a list of distinct words, and not empty', (name) => {
  const values = document[name];
  expect(values).toBeInstanceOf(Array);
  const words = Array.isArray(values) ? values : [];
  expect(words.length).toBeGreaterThan(0);
  expect(new Set(words).size).toBe(words.length);
  expect(words.every((word) => typeof word === 'string' && word !== '')).toBe(true);
});

test('both ways of sending a secret are offered, the response type is code, and the claims parameter is taken', () => {
  expect(document.token_endpoint_auth_methods_supported).toEqual(
    expect.arrayContaining(['client_secret_basic', 'client_secret_post']),
  );
  expect(document.response_types_supported).toEqual(['code']);
  expect(document.response_modes_supported).toEqual(expect.arrayContaining(['query', 'form_post']));
  expect(document.claims_parameter_supported).toBe(true);
});

test('scopes that Portico has no claims for are not promised', () => {
  expect(document.scopes_supported).toEqual(expect.arrayContaining(['openid', 'profile', 'email', 'offline_access']));
  expect(document.scopes_supported).not.toContain('phone');
  expect(document.scopes_supported).not.toContain('address');
});

test('locale tags, where there are any, are in canonical case', () => {
  const tags = document.ui_locales_supported ?? [];
  expect(tags).toEqual(Intl.getCanonicalLocales(Array.isArray(tags) ? tags.map(String) : []));
});

test('both ways of signing out are offered', () => {
  expect(document.end_session_endpoint).toBe(`${site.url}/oauth2/logout`);
  expect(document.backchannel_logout_supported).toBe(true);
  expect(document.backchannel_logout_session_supported).toBe(true);
});
