import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/browser.js';
import { type GraphSite, startGraphSite, testPassword } from '../support/graph-site.js';
import { deliverQueuedMail } from '../support/queued-mail.js';
import { testClients } from '../support/settings.js';
import { modeRows, modes } from './modes.js';

/** Registration, sign-in, the account's page and the sign-on of the LMS itself, while the LMS fails in every way. */

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
  await site.aPerson({ username: 'ada' });
});
afterAll(() => site[Symbol.asyncDispose]());

async function readCode(address: string): Promise<string> {
  const { orm, services } = site.gateway.context;
  await deliverQueuedMail({ orm, mail: services.mail }, { mails: [] });
  const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as { text: string }[];
  const text = mails.map((mail) => JSON.stringify(mail)).findLast((mail) => mail.includes(address)) ?? '';
  return /\b\d{6}\b/.exec(text)?.[0] ?? '';
}

test.each(modes)('people come in while the LMS is in mode %s', async (mode) => {
  const { ms } = modeRows[mode];
  const places = ['/api/*', '/user_api/*', '/oauth2/*', '/auth/*', '/login*', '/register*', '/heartbeat'];
  await site.lms.faults(places.map((match) => ({ match, mode, ...(ms && { ms }) })));
  await site.lms.forgetRequests();

  const newcomer = new Browser(site.url);
  const email = `new-${mode}@example.org`;
  await newcomer.go('/register');
  await newcomer.submit({ email });
  await newcomer.submit({ code: await readCode(email) });
  const welcome = await newcomer.submit({ name: 'Newcomer', password: testPassword });
  expect({ status: welcome.status, path: new URL(welcome.url).pathname }).toEqual({ status: 200, path: '/account' });

  const ada = new Browser(site.url);
  await ada.go('/login?next=%2Faccount');
  const account = await ada.submit({ identifier: 'ada', password: testPassword });
  expect({ status: account.status, path: new URL(account.url).pathname }).toEqual({ status: 200, path: '/account' });
  expect(account.text).toContain('ada@example.org');

  const { baseUrl, backend } = site.gateway.context.config.lms;
  const redirectUri = `${baseUrl}/auth/complete/${backend}/`;
  const { clientId, clientSecret } = testClients.sso;
  const query = { client_id: clientId, response_type: 'code', redirect_uri: redirectUri, state: 'of-the-lms' };
  const back = new URL((await ada.go(`/oauth2/authorize/?${new URLSearchParams(query)}`)).url);
  expect(back.href.startsWith(redirectUri)).toBe(true);
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: clientId,
    client_secret: clientSecret,
  };
  const answer = await fetch(`${site.url}/oauth2/token/`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const me = await fetch(`${site.url}/api/users/me`, { headers: { authorization: `Bearer ${token}` } });
  expect({ status: me.status, person: await me.json() }).toMatchObject({ status: 200, person: { username: 'ada' } });

  // Nobody was kept waiting for the LMS: it was not asked.
  expect(await site.lms.requests()).toEqual([]);
});
