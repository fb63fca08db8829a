/** OpenID certification, plan "form_post" (OAuth 2.0 Form Post Response Mode). */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ClientCredentials,
  callbackUrl,
  startProviderSite,
  testPassword,
} from '../../../support/provider-site.js';
import { authorizePath, exchange } from '../clients.js';
import { aSuiteClient } from './relying-party.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
let client: ClientCredentials;
beforeAll(async () => {
  client = await aSuiteClient(site, { skipConsent: true });
});

const request = (parameters: Record<string, string> = {}) =>
  authorizePath(client.clientId, { scope: 'openid', response_mode: 'form_post', ...parameters });

function fieldsOf(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]));
}

async function aFilledForm(parameters: Record<string, string> = {}) {
  const { username } = await site.anAccount();
  const browser = site.newBrowser();
  await browser.go(request(parameters));
  return browser.submit({ identifier: username, password: testPassword });
}

test('the code comes as a form that is sent to the client, and is good for tokens', async () => {
  const page = await aFilledForm();
  expect(page.text).toContain(`<form method="post" action="${callbackUrl}">`);
  const { code = '', state, iss } = fieldsOf(page.text);
  expect({ state, iss }).toEqual({ state: 'a-state', iss: site.url });
  expect((await exchange(site, client, code)).status).toBe(200);
});

test('the page’s one script is allowed by its hash and nothing else is, and the form may lead to the client', async () => {
  const { text, headers } = await aFilledForm();
  const policy = headers.get('content-security-policy') ?? '';
  const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
  expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  expect(policy).not.toContain('unsafe-inline');
  expect(policy).not.toContain('form-action');
  expect(text).toContain('<noscript>');
  expect(headers.get('cache-control')).toContain('no-store');
});

test('an error comes as a form too', async () => {
  const page = await site.newBrowser().go(request({ prompt: 'none' }));
  expect(fieldsOf(page.text)).toMatchObject({ error: 'login_required', state: 'a-state', iss: site.url });
});

test('what a client sent is escaped', async () => {
  const { text } = await aFilledForm({ state: '"><script>alert(1)</script>' });
  expect(text).not.toContain('<script>alert(1)');
});
