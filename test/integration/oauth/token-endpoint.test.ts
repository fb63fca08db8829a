import { afterAll, describe, expect, test } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { basic, get, inBody, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const tokenUrl = `${site.url}/oauth2/token/`;
const aService = (scopes = ['user:read']) => site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes });

describe('the token endpoint', () => {
  test.each(['/oauth2/token', '/oauth2/token/', '/oauth2/access_token', '/oauth2/access_token/'])(
    'answers at %s',
    async (path) => {
      const client = await aService();
      const answer = await post(site.url + path, { grant_type: 'client_credentials', ...inBody(client) });
      expect(answer.status).toBe(200);
    },
  );
});

test('programs get their errors in JSON whatever they accept; browsers get a page unless they ask for JSON', async () => {
  const html = { accept: 'text/html' };
  for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke_token', '/oauth2/par']) {
    const answer = await post(site.url + path, { grant_type: 'x' }, { ...html, authorization: 'Basic x' });
    expect(answer.headers.get('content-type'), path).toContain('application/json');
    expect(answer.body.error, path).toBeTypeOf('string');
  }
  const page = await get(`${site.url}/oauth2/authorize?client_id=nobody`, html);
  expect(page.headers.get('content-type')).toContain('text/html');
  const json = await get(`${site.url}/oauth2/authorize?client_id=nobody`, { accept: 'application/json' });
  expect(json).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
});

test('an endpoint that does not exist is not found, in JSON', async () => {
  for (const path of ['/oauth2/nothing', '/.well-known/nothing', '/oauth2/token/x'])
    expect(await get(site.url + path)).toMatchObject({ status: 404, body: { error: 'invalid_request' } });
});

describe('client authentication', () => {
  test('takes the secret in the body or by Basic', async () => {
    const client = await aService();
    expect((await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) })).status).toBe(200);
    expect((await post(tokenUrl, { grant_type: 'client_credentials' }, basic(client))).status).toBe(200);
  });
});

describe('client credentials', () => {
  test('give what is asked, or all there is', async () => {
    const client = await aService(['user:read', 'learning:read']);
    const some = await post(tokenUrl, { grant_type: 'client_credentials', scope: 'learning:read', ...inBody(client) });
    expect(some.body.scope).toBe('learning:read');
    const all = await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(client) });
    expect(all.body.scope).toBe('user:read learning:read');
    const none = await post(tokenUrl, { grant_type: 'client_credentials', ...inBody(await aService([])) });
    expect(none.body.scope).toBe('user:read');
  });
});
