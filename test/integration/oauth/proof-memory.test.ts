/** RFC 9449 11.1: a proof is good once, for as long as its time would be taken. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { startProviderSite } from '../../support/provider-site.js';
import { post } from './clients.js';
import { aProofKey, proven } from './proofs.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => {
  vi.useRealTimers();
});

test('a proof that is dated ahead does not come twice, however late', async () => {
  const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'] });
  const url = `${site.url}/oauth2/token`;
  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.secret };
  const now = Date.now();
  const headers = await proven(await aProofKey(), url, { htm: 'POST', iat: Math.floor(now / 1000) + 240 });
  expect((await post(url, form, headers)).status).toBe(200);
  for (const laterSeconds of [1, 290, 330, 500]) {
    vi.useFakeTimers({ toFake: ['Date'], now: now + laterSeconds * 1000 });
    expect(await post(url, form, headers), `after ${laterSeconds} s`).toMatchObject({ status: 400 });
  }
});
