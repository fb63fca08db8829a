/**
 * OpenID certification, plan "back-channel logout". Issuer, audience, key, type, `jti` and the missing `nonce` of the token are in
 * ../back-channel-logout.test.ts, and that private addresses are left alone unless the switch is on in ../sessions.test.ts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startProviderSite } from '../../../support/provider-site.js';
import { aSuiteClient, goodbyeUrl, signIn } from './relying-party.js';

const site = await startProviderSite({ env: { PORTICO_ALLOW_LOOPBACK_CALLBACKS: 'true' } });
afterAll(() => site[Symbol.asyncDispose]());

let received: { contentType: string | undefined; form: URLSearchParams }[] = [];
const receiver = createServer(async (req, res) => {
  received.push({ contentType: req.headers['content-type'], form: new URLSearchParams(await text(req)) });
  res.writeHead(200).end();
});
let uri: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/backchannel_logout`;
});
afterAll(() => receiver.close());
beforeEach(() => {
  received = [];
});

test('before the person is led back the client is POSTed a token with exactly what the standard asks for', async () => {
  const client = await aSuiteClient(site, {
    backchannelLogoutUri: uri,
    metadata: { backchannel_logout_session_required: true },
  });
  const browser = site.newBrowser();
  const { username } = await site.anAccount();
  const { idToken, claims } = await signIn(site, client, browser, username);
  expect(claims.sid).toBeTypeOf('string');
  await browser.go(
    `/oauth2/logout?${new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: goodbyeUrl })}`,
  );
  const end = await browser.submit({ logout: 'yes' });
  expect(end.url).toBe(goodbyeUrl);
  const [notice, ...others] = received;
  expect(others).toEqual([]);
  expect(notice?.contentType).toContain('application/x-www-form-urlencoded');
  expect([...(notice?.form.keys() ?? [])]).toEqual(['logout_token']);
  const token = notice?.form.get('logout_token') ?? '';
  expect(decodeProtectedHeader(token).alg).toBe('RS256');
  const payload = decodeJwt(token);
  expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
  expect({ sub: payload.sub, sid: payload.sid }).toEqual({ sub: claims.sub, sid: claims.sid });
  expect(Math.abs(Date.now() / 1000 - (payload.iat ?? 0))).toBeLessThan(300);
});

test('a client without a back channel is not called', async () => {
  const client = await aSuiteClient(site);
  const browser = site.newBrowser();
  const { username } = await site.anAccount();
  const { idToken } = await signIn(site, client, browser, username);
  await browser.go(`/oauth2/logout?${new URLSearchParams({ id_token_hint: idToken })}`);
  await browser.submit({ logout: 'yes' });
  expect(received).toEqual([]);
});
