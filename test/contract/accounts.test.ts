import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { expandRoles } from '../../src/access/viewer.js';
import type { Account } from '../../src/entities/account.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { authorize, authorizePath, bearer, exchange, get, inBody, post } from '../integration/oauth/clients.js';
import type { Browser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { startMailCatcher } from '../support/mail-catcher.js';
import { startProviderSite, testPassword } from '../support/provider-site.js';
import { deliverQueuedMail } from '../support/queued-mail.js';
import { pullLever } from '../support/sandbox-levers.js';

/** From registration to the end of an account, as people and staff meet it; the numbers are those of the checklist of features. */
const catcher = await startMailCatcher();
const site = await startProviderSite({ sandbox: 'demo', env: { SMTP_URL: catcher.url } });
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await catcher[Symbol.asyncDispose]();
});
afterEach(() => vi.useRealTimers());

const { services } = site;
const callback = 'http://client.localhost:9000/auth/complete/ol-oauth2/';
const lms = await site.aClient({
  name: 'edx-oauth-app',
  redirectUris: [callback],
  scopes: ['user:read'],
  skipConsent: true,
  requirePkce: false,
});
const lmsPath = authorizePath(lms.clientId, { redirect_uri: callback, scope: 'user:read' });
const administrator = { actor: systemActor, roles: expandRoles(['ADMIN']) };
const details = { name: 'Alice Liddell', password: 'tea-at-half-past-six' };
let people = 0;
const aMailbox = () => `person-${++people}@example.org`;

async function readMail() {
  const mails = await deliverQueuedMail({ orm: site.orm, mail: services.mail }, catcher);
  const text = mails.at(-1)?.text ?? '';
  return {
    subject: mails.at(-1)?.subject ?? '',
    code: /\b\d{6}\b/.exec(text)?.[0] ?? '',
    link: new URL(/http\S+token=\S+/.exec(text)?.[0] ?? site.url),
    text,
  };
}

/** As far as the mail. */
async function beginRegistration(email: string, browser = site.newBrowser(), from = '/register') {
  await browser.go(from);
  const page = await browser.submit({ email });
  return { browser, page };
}

async function signIn(identifier: string, { password = testPassword, query = '' } = {}) {
  const browser = site.newBrowser();
  await browser.go(`/login${query}`);
  return { browser, page: await browser.submit({ identifier, password }) };
}

/** Whose cookies these are, as an API sees it. */
const isKnown = async (browser: Browser, cookie = browser.cookieHeader('/')) =>
  (await get(`${site.url}/api/users/me`, { cookie })).status;

/** Somebody signed in here, and at the LMS's client with tokens. */
async function somebody() {
  const account = await site.anAccount();
  const browser = site.newBrowser();
  const answer = await authorize(browser, lmsPath, account.username);
  const { body: tokens } = await exchange(site, lms, answer.get('code') ?? '', { redirect_uri: callback });
  expect(await isKnown(browser)).toBe(200);
  expect((await me(tokens.access_token)).status).toBe(200);
  return { account, browser, tokens };
}

const me = (token: unknown) => get(`${site.url}/api/users/me`, bearer(token));

async function expectNothingOpens({ account, browser, tokens }: Awaited<ReturnType<typeof somebody>>, says: string) {
  expect(await isKnown(browser)).toBe(401);
  expect((await me(tokens.access_token)).status).toBe(401);
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token), ...inBody(lms) };
  expect(await post(`${site.url}/oauth2/token/`, form)).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
  const { page, browser: later } = await signIn(account.username);
  expect(page).toMatchObject({ status: 422, text: expect.stringContaining(says) });
  expect(await isKnown(later)).toBe(401);
}

const statusChanges = async ({ id }: Account) => {
  const acts = `select detail from audit_event where subject_id = ? and action = 'account.status-changed' order by id`;
  const rows = await site.orm.em.fork().execute<{ detail: unknown }[]>(acts, [id]);
  return rows.map(({ detail }) => detail);
};

describe('signing in', () => {
  test('20: tells a stranger’s identifier like a wrong password', async () => {
    const { username } = await site.anAccount();
    const answers = [username, 'nobody-at-all'].map(async (identifier) => {
      const { page } = await signIn(identifier, { password: 'a wrong password' });
      return { status: page.status, error: /is not right/.test(page.text) };
    });
    expect(await Promise.all(answers)).toEqual([
      { status: 422, error: true },
      { status: 422, error: true },
    ]);
  });

  test('21: takes the right password, refuses a wrong one, and makes whoever guesses wait', async () => {
    const { username } = await site.anAccount();
    const right = await signIn(username, { query: '?next=%2Faccount%2Femail' });
    expect(right.page.url).toBe(`${site.url}/account/email`);
    expect(await isKnown(right.browser)).toBe(200);
    const guesser = site.newBrowser();
    await guesser.go('/login');
    for (let guess = 0; guess < 10; guess++) {
      const page = await guesser.submit({ identifier: username, password: `guess ${guess}` });
      expect(page.status).toBe(422);
    }
    const last = await guesser.submit({ identifier: username, password: 'one more' });
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await isKnown(guesser)).toBe(401);
  });

  test('24: leads to no foreign place', async () => {
    const { username } = await site.anAccount();
    for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example/', 'javascript:alert(1)']) {
      const { page } = await signIn(username, { query: `?next=${encodeURIComponent(next)}` });
      expect(page.url, next).toBe(`${site.url}/account`);
    }
  });

  test('26: is refused to whoever was deactivated, who is told so when the password is right', async () => {
    const account = await site.anAccount();
    await services.accountLifecycle.deactivate(account.id, administrator);
    const { browser, page } = await signIn(account.username);
    expect(page).toMatchObject({ status: 422, text: expect.stringContaining('This account was deactivated.') });
    expect(await isKnown(browser)).toBe(401);
    const { page: guessed } = await signIn(account.username, { password: 'a wrong password' });
    expect(guessed.text).not.toContain('deactivated');
  });

  test('27: is over for an old cookie after sign-out, a new password or the end of the account', async () => {
    const account = await site.anAccount();
    const [first, second, third] = await Promise.all(Array.from({ length: 3 }, () => signIn(account.username)));
    if (!first || !second || !third) throw new Error('nobody signed in');
    const cookies = [first, second, third].map(({ browser }) => browser.cookieHeader('/'));
    const known = () => Promise.all(cookies.map((cookie) => isKnown(first.browser, cookie)));
    expect(await known()).toEqual([200, 200, 200]);

    await first.browser.go('/logout?no_redirect=1');
    expect(await known()).toEqual([401, 200, 200]);

    await second.browser.go('/account/password');
    await second.browser.submit({ currentPassword: testPassword, password: 'tea-at-half-past-six' });
    expect(second.browser.page?.text).toContain('Your password was changed.');
    expect(await known()).toEqual([401, 200, 401]);

    await services.retirements.retire(account.id, administrator);
    expect(await known()).toEqual([401, 401, 401]);
  });
});

describe('registering', () => {
  test('22: goes by e-mail address, mailed code and details; a late or foreign code leads nowhere, an address that is taken is told by mail only', async () => {
    const email = aMailbox();
    const { browser, page } = await beginRegistration(email);
    expect(page.url).toBe(`${site.url}/register/confirm`);
    expect(page.text).toContain(email);
    const { code } = await readMail();
    expect((await browser.submit({ code: code === '000000' ? '111111' : '000000' })).status).toBe(422);
    expect((await browser.submit({ code })).url).toBe(`${site.url}/register/details`);
    expect((await browser.submit({ ...details, name: '' })).status).toBe(422);
    expect((await browser.submit({ ...details, password: 'short' })).status).toBe(422);
    expect((await browser.submit(details)).url).toBe(`${site.url}/account`);
    expect(await isKnown(browser)).toBe(200);
    expect(await services.accounts.findByEmail(email)).toMatchObject({ name: details.name, status: 'ACTIVE' });

    const again = await beginRegistration(email);
    expect(again.page.url).toBe(`${site.url}/register/confirm`);
    expect(await readMail()).toMatchObject({ subject: 'You already have an account at Portico', code: '' });

    const late = await beginRegistration(aMailbox());
    const mail = await readMail();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 });
    expect(await late.browser.submit({ code: mail.code })).toMatchObject({
      status: 400,
      text: expect.stringContaining('This registration has expired'),
    });
    expect((await late.browser.go(mail.link.pathname + mail.link.search)).status).toBe(400);
  });

  test('23: leads back to the LMS that asked, also when the mail is opened in another browser', async () => {
    const email = aMailbox();
    const began = site.newBrowser();
    const login = await began.go(lmsPath);
    const [, entities = ''] = /href="(\/register[^"]*)"/.exec(login.text) ?? [];
    const href = entities.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
    await beginRegistration(email, began, href);
    const { link } = await readMail();

    const elsewhere = site.newBrowser();
    await elsewhere.go(link.pathname + link.search);
    const arrival = elsewhere.submit(details);
    const account = await eventually(
      'the account',
      async () => (await services.accounts.findByEmail(email)) ?? undefined,
    );
    // What the worker does: the page waits until the LMS knows the person.
    await services.edxLinks.create(account.id);
    const back = new URL((await arrival).url);
    expect(back.origin + back.pathname).toBe(callback);
    expect(back.searchParams.get('state')).toBe('a-state');
    const code = back.searchParams.get('code') ?? '';
    const { body } = await exchange(site, lms, code, { redirect_uri: callback });
    expect((await me(body.access_token)).body).toMatchObject({ email, username: account.username });
  });

  test('25: with a blocked address goes no further than a mail that says so, until it is unblocked', async () => {
    const [blocked, erased, other] = [await site.anAccount(), await site.anAccount(), await site.anAccount()];
    await services.accountLifecycle.block(blocked.id, administrator);
    await services.retirements.retire(erased.id, administrator, { isEmailBlocked: true });
    expect(await services.retirements.run(erased.id)).toBe(true);
    await readMail();
    expect((await services.accounts.findById(erased.id))?.email).not.toBe(erased.email);

    for (const email of [blocked.email, erased.email, erased.email.toUpperCase()]) {
      const { browser, page } = await beginRegistration(email);
      const { page: unknown } = await beginRegistration(aMailbox());
      expect(page.url).toBe(unknown.url);
      const mails = await deliverQueuedMail({ orm: site.orm, mail: services.mail }, catcher);
      expect(mails[0]?.subject).toBe('This address cannot be used at Portico');
      expect(mails[0]?.to.toLowerCase()).toBe(email.toLowerCase());
      expect(mails[0]?.text).not.toMatch(/\b\d{6}\b|token=/);
      expect((await browser.submit({ code: '123456' })).status).toBe(422);
    }
    await services.emailChanges.begin(other.id, { email: erased.email, password: testPassword, address: '192.0.2.1' });
    expect(await deliverQueuedMail({ orm: site.orm, mail: services.mail }, catcher)).toMatchObject([
      { to: erased.email, subject: 'This address cannot be used at Portico' },
      { to: other.email },
    ]);
    const refused = { field: ['email'], reason: 'EMAIL_BLOCKED' };
    const byStaff = { email: erased.email, name: 'Somebody Else', isEmailVerified: false };
    await expect(services.accounts.create(byStaff, systemActor)).rejects.toMatchObject(refused);
    await expect(services.emailChanges.replace(other.id, erased.email, administrator)).rejects.toMatchObject(refused);
    expect(await services.accounts.findById(other.id)).toMatchObject({ email: other.email });
    const rows = await site.orm.em.fork().execute('select * from blocked_email');
    expect(JSON.stringify(rows)).not.toContain('@');

    expect(await services.accountLifecycle.unblock(erased.id, administrator)).toMatchObject({ status: 'RETIRED' });
    await beginRegistration(erased.email);
    expect(await readMail()).toMatchObject({ code: expect.stringMatching(/^\d{6}$/) });
  });
});

describe('an account', () => {
  test('85: is retired, blocked or unblocked once, however often that is asked; sessions and tokens end', async () => {
    const blocked = await somebody();
    const { accountLifecycle, retirements } = services;
    for (const _ of ['first', 'again']) await accountLifecycle.block(blocked.account.id, administrator);
    await expectNothingOpens(blocked, 'This account was blocked.');
    for (const _ of ['first', 'again']) await accountLifecycle.unblock(blocked.account.id, administrator);
    expect(await isKnown((await signIn(blocked.account.username)).browser)).toBe(200);
    expect(await isKnown(blocked.browser)).toBe(401);
    expect(await statusChanges(blocked.account)).toEqual([
      { before: 'ACTIVE', after: 'BLOCKED' },
      { before: 'BLOCKED', after: 'ACTIVE' },
    ]);

    const retired = await somebody();
    await services.edxLinks.create(retired.account.id);
    for (const _ of ['first', 'again']) await retirements.retire(retired.account.id, administrator);
    await expectNothingOpens(retired, 'This account was closed for good.');
    for (const _ of ['first', 'again']) expect(await retirements.run(retired.account.id)).toBe(true);
    expect(await services.accounts.findById(retired.account.id)).toMatchObject({
      status: 'RETIRED',
      email: `retired-${retired.account.id}@retired.invalid`,
      name: 'Retired account',
    });
    const { state } = site.gateway.sandbox;
    const asked = [...state.retirements.values()].filter(
      ({ originalUsername }) => originalUsername === retired.account.username,
    );
    expect(asked).toHaveLength(1);
    expect(await statusChanges(retired.account)).toEqual([{ before: 'ACTIVE', after: 'RETIRED' }]);
  });

  test('86: that is deactivated signs nobody in; its tokens and grants are gone, and no job asks the LMS for it', async () => {
    const person = await somebody();
    const { id } = person.account;
    const { lmsUrl } = site.gateway.sandbox;
    await services.edxLinks.create(id);
    const { id: enrollmentId } = await services.enrollments.request(
      { accountId: id, courseKey: 'course-v1:DemoU+PHYS101+2026_T1' },
      systemActor,
    );
    for (const _ of ['first', 'again']) await services.accountLifecycle.deactivate(id, administrator);
    await expectNothingOpens(person, 'This account was deactivated.');
    expect(await site.oauth.clientGrants.list(id)).toEqual([]);

    await pullLever(lmsUrl, 'DELETE', 'requests');
    await services.edxLinks.create(id);
    await services.edxLinks.check(id);
    await services.enrollments.perform(enrollmentId);
    await services.edxPush.push(id, 'profile');
    await services.edxPush.push(id, 'email');
    expect(await pullLever(lmsUrl, 'GET', 'requests')).toEqual([]);
    expect(await site.orm.em.fork().execute('select state from enrollment where id = ?', [enrollmentId])).not.toEqual([
      { state: 'ACTIVE' },
    ]);
    const late = await site.anAccount();
    await services.accountLifecycle.deactivate(late.id, administrator);
    await site.orm.em.fork().execute(`select graphile_worker.remove_job('edx-link:' || ?)`, [late.id]);
    await services.edxLinks.sweep();
    const jobs = await site.orm.em
      .fork()
      .execute('select 1 from graphile_worker.jobs where key = ?', [`edx-link:${late.id}`]);
    expect(jobs).toEqual([]);
  });
});

test('99: nobody acts as somebody else: no field, argument or route lets staff become a person, and neither does a token exchange', async () => {
  const schema = await readFile('schema/schema.graphql', 'utf8');
  const routes = site.app.printRoutes({ commonPrefix: false });
  expect(routes).toContain('login');
  const acting =
    /impersonat|masquerad|hijack|\bsu\b|(sign|log)_?in_?as|(become|act|behave)_?as_?(user|person|account)/i;
  for (const text of [schema, routes]) expect(text).not.toMatch(acting);

  const learner = await site.anAccount();
  const { account: administratorHere, tokens } = await somebody();
  await services.accountLifecycle.grantRole(administratorHere.id, 'ADMIN', systemActor);
  const backEnd = await site.aClient({ grantTypes: ['TOKEN_EXCHANGE'], scopes: ['user:read'] });
  const { body } = await post(`${site.url}/oauth2/token/`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: String(tokens.access_token),
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_subject: learner.username,
    ...inBody(backEnd),
  });
  expect((await me(body.access_token)).body).toMatchObject({ username: administratorHere.username });
});
