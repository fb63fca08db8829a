import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { PasskeyEntity } from '../../../src/entities/passkey.entity.js';
import type { Browser } from '../../support/browser.js';
import { askedBy, creationOptions, tokenOf } from '../../support/passkey-pages.js';
import { type ProviderSite, startProviderSite, testPassword } from '../../support/provider-site.js';
import { createSoftwarePasskey, type SoftwarePasskey } from '../../support/software-passkey.js';

let site: ProviderSite;
const clock = { now: new Date() };
beforeAll(async () => {
  site = await startProviderSite({ clock: () => clock.now });
});
afterAll(() => site[Symbol.asyncDispose]());

async function signedIn(username: string): Promise<Browser> {
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
  return browser;
}

/** Adds a passkey by the pages; the browser is one that is signed in. */
async function add(browser: Browser, passkey: SoftwarePasskey, { name = 'Phone', code = '' } = {}): Promise<void> {
  await browser.go('/account/passkeys/new');
  await browser.submit({ currentPassword: testPassword, ...(code && { code }) });
  expect(browser.page?.url).toBe(`${site.url}/account/passkeys/create`);
  await browser.submit({ name, passkey: passkey.create(creationOptions(browser)) });
  expect(browser.page?.status).toBe(200);
}

const recoveryCodesOn = (browser: Browser) =>
  [...(browser.page?.text ?? '').matchAll(/<code>([a-z0-9-]{14})<\/code>/g)].map(([, code = '']) => code);

/** A person with a passkey, and the recovery codes that came with it. */
async function withPasskey(username: string, options?: Parameters<typeof createSoftwarePasskey>[1]) {
  const account = await site.anAccount({ username });
  const browser = await signedIn(username);
  const passkey = createSoftwarePasskey(site.url, options);
  await add(browser, passkey);
  return { account, browser, passkey, recoveryCodes: recoveryCodesOn(browser) };
}

async function signInByPasskey(passkey: SoftwarePasskey, changes?: Parameters<SoftwarePasskey['use']>[1]) {
  const browser = site.newBrowser();
  await browser.go('/login');
  await browser.submit({ passkey: passkey.use(await askedBy(browser), changes) });
  return browser;
}

const auditOf = async (subjectId: string) =>
  (await site.orm.em.fork().find(AuditEventEntity, { subjectId }, { orderBy: { id: 'asc' } })).map(
    ({ action, outcome }) => `${action} ${outcome}`,
  );

describe('adding a passkey', () => {
  test('needs the password, and with the first one come recovery codes and a sign-out everywhere else', async () => {
    const account = await site.anAccount({ username: 'alba' });
    const [elsewhere, browser] = [await signedIn('alba'), await signedIn('alba')];
    await browser.go('/account/passkeys/new');
    await browser.submit({ currentPassword: 'wrong' });
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('not your current password') });
    expect((await browser.go('/account/passkeys/create')).url).toBe(`${site.url}/account/passkeys/new`);

    await add(browser, createSoftwarePasskey(site.url), { name: '  My   phone ' });
    expect(recoveryCodesOn(browser)).toHaveLength(10);
    expect((await elsewhere.go('/account')).url).toContain('/login');
    expect((await browser.go('/account/passkeys')).text).toContain('<strong>My phone</strong>');
    expect(await auditOf(account.id)).toContain('second-factor.added success');
  });

  test('with a second factor it needs that too: a recovery code, or a passkey', async () => {
    const { browser, passkey, recoveryCodes } = await withPasskey('berta');
    await browser.go('/account/passkeys/new');
    await browser.submit({ currentPassword: testPassword, code: 'nonsense' });
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('This code is not right') });
    await add(browser, createSoftwarePasskey(site.url), { name: 'Tablet', code: recoveryCodes[0] ?? '' });
    expect(browser.page?.url).toBe(`${site.url}/account/passkeys?done=added`);

    await browser.go('/account/passkeys/new');
    const proof = passkey.use(await askedBy(browser), { isPersonVerified: false });
    await browser.submit({ currentPassword: testPassword, passkey: proof });
    expect(browser.page?.url).toBe(`${site.url}/account/passkeys/create`);
    // The device that has one already is told so, and a copy of an answer adds nothing.
    expect(creationOptions(browser).excludeCredentials?.map(({ id }) => id)).toContain(passkey.credentialId);
  });

  test('two first ones that are added at the same time bring one set of recovery codes', async () => {
    const { id } = await site.anAccount({ username: 'bettina' });
    const browsers = await Promise.all([signedIn('bettina'), signedIn('bettina')]);
    for (const browser of browsers) {
      await browser.go('/account/passkeys/new');
      await browser.submit({ currentPassword: testPassword });
    }
    await Promise.all(
      browsers.map((browser) => {
        const answer = createSoftwarePasskey(site.url).create(creationOptions(browser));
        return browser.submit({ name: 'Phone', passkey: answer });
      }),
    );
    const codes = browsers.flatMap(recoveryCodesOn);
    expect(codes).toHaveLength(10);
    expect(await site.services.secondFactors.codesLeftOf([id])).toMatchObject([{ count: 10 }]);
    expect(await site.services.secondFactors.checkCode(id, codes[0] ?? '', '192.0.2.1')).toBe(true);
  });

  test('an answer is taken once, from the browser that began, from our origin, for our host', async () => {
    await site.anAccount({ username: 'carla' });
    const browser = await signedIn('carla');
    const begin = async () => {
      await browser.go('/account/passkeys/new');
      await browser.submit({ currentPassword: testPassword });
      return creationOptions(browser);
    };
    const passkey = createSoftwarePasskey(site.url);
    for (const changes of [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { challenge: 'x'.repeat(43) },
    ]) {
      const options = await begin();
      await browser.submit({ name: 'Phone', passkey: passkey.create(options, changes) });
      expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('Please check this') });
    }
    const other = await signedIn('carla');
    const foreign = await begin();
    await other.go('/account/passkeys/new');
    await other.submit({ currentPassword: testPassword });
    await other.submit({ name: 'Phone', passkey: passkey.create(foreign) });
    expect(other.page).toMatchObject({ status: 422, text: expect.stringContaining('took too long') });
    for (const nonsense of ['{', '{}', 'null', '"\\u0000"', JSON.stringify({ id: 'a', response: [] })]) {
      await begin();
      await browser.submit({ name: 'Phone', passkey: nonsense });
      expect(browser.page?.status).toBe(422);
    }
    const late = await begin();
    clock.now = new Date(clock.now.getTime() + 15 * 60_000);
    await browser.submit({ name: 'Phone', passkey: passkey.create(late) });
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('took too long') });
    await begin();
    await browser.submit({ name: ' ', passkey: passkey.create(creationOptions(browser)) });
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('Give it a name') });
    await browser.submit({ name: 'Phone', passkey: passkey.create(creationOptions(browser)) });
    expect(recoveryCodesOn(browser)).toHaveLength(10);
  });
});

describe('signing in with a passkey alone', () => {
  test('is enough, and is remembered as last use', async () => {
    const { account, passkey } = await withPasskey('dora');
    const browser = await signInByPasskey(passkey);
    expect(browser.page?.url).toBe(`${site.url}/account`);
    expect(await auditOf(account.id)).toContain('sign-in success');
    const row = await site.orm.em.fork().findOneOrFail(PasskeyEntity, { accountId: account.id });
    expect(row).toMatchObject({ counter: 1, lastUsedAt: clock.now });
    expect((await site.accounts.findById(account.id))?.lastSignedInAt).toEqual(clock.now);
  });

  test('goes on where the person was going', async () => {
    const { passkey } = await withPasskey('edda');
    const browser = site.newBrowser();
    await browser.go('/login?next=%2Faccount%2Fprofile');
    await browser.submit({ passkey: passkey.use(await askedBy(browser)) });
    expect(browser.page?.url).toBe(`${site.url}/account/profile`);
  });

  test('is refused for what is not exactly right, with one answer for all, and recorded', async () => {
    const { account, passkey } = await withPasskey('frida');
    const other = await site.anAccount({ username: 'franz' });
    const stranger = createSoftwarePasskey(site.url);
    const attempts = [
      await signInByPasskey(stranger),
      await signInByPasskey(passkey, { origin: 'https://evil.example' }),
      await signInByPasskey(passkey, { rpId: 'evil.example' }),
      await signInByPasskey(passkey, { challenge: 'x'.repeat(43) }),
      // Instead of a password, the device has to check the person.
      await signInByPasskey(passkey, { isPersonVerified: false }),
      await signInByPasskey(passkey, { userHandle: Buffer.from(other.id).toString('base64url') }),
      await signInByPasskey(passkey, { userHandle: '' }),
    ];
    for (const { page } of attempts)
      expect(page).toMatchObject({
        status: 422,
        url: `${site.url}/login`,
        text: expect.stringContaining('This passkey was not accepted'),
      });
    // By the password, before there was a passkey.
    expect((await auditOf(account.id)).filter((event) => event === 'sign-in success')).toHaveLength(1);
    const failures = await site.orm.em.fork().find(AuditEventEntity, { action: 'sign-in', subjectId: null });
    expect(new Set(failures.map(({ outcome }) => outcome))).toEqual(
      new Set(['unknown-passkey', 'wrong-passkey', 'expired-passkey']),
    );
    expect((await signInByPasskey(passkey)).page?.url).toBe(`${site.url}/account`);
  });

  test('a signature of another key is none', async () => {
    const { passkey } = await withPasskey('gesa');
    const forger = createSoftwarePasskey(site.url);
    const browser = site.newBrowser();
    await browser.go('/login');
    const options = await askedBy(browser);
    const [right, forged] = [JSON.parse(passkey.use(options)), JSON.parse(forger.use(options))];
    right.response.signature = forged.response.signature;
    await browser.submit({ passkey: JSON.stringify(right) });
    expect(browser.page?.status).toBe(422);
  });

  test('a challenge is of one browser, for five minutes', async () => {
    const { passkey } = await withPasskey('hilde');
    const [one, other] = [site.newBrowser(), site.newBrowser()];
    await one.go('/login');
    await other.go('/login');
    const answer = passkey.use(await askedBy(one));
    await other.submit({ passkey: answer });
    expect(other.page?.status).toBe(422);
    await one.submit({ passkey: answer });
    expect(one.page?.url).toBe(`${site.url}/account`);
    const late = site.newBrowser();
    await late.go('/login');
    const options = await askedBy(late);
    clock.now = new Date(clock.now.getTime() + 5 * 60_000);
    await late.submit({ passkey: passkey.use(options) });
    expect(late.page?.status).toBe(422);
  });

  test('one answer sent 20 times at once signs in once', async () => {
    const { passkey } = await withPasskey('ina', { counts: false });
    const browser = site.newBrowser();
    await browser.go('/login');
    const answer = passkey.use(await askedBy(browser));
    const body = new URLSearchParams({ _csrf: tokenOf(browser), passkey: answer });
    const cookie = browser.cookieHeader('/login');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(`${site.url}/login`, { method: 'POST', body, redirect: 'manual', headers: { cookie, origin: site.url } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(19).fill(422)]);
  });

  test('a passkey whose counter went backwards is stopped, and its owner told', async () => {
    const { account, passkey, browser, recoveryCodes } = await withPasskey('jana');
    await signInByPasskey(passkey);
    passkey.counter = 0;
    const copy = await signInByPasskey(passkey);
    expect(copy.page).toMatchObject({ status: 422, text: expect.stringContaining('there may be a copy') });
    // Neither of the two opens anything from now on, and a password alone does not either.
    passkey.counter = 10;
    expect((await signInByPasskey(passkey)).page?.status).toBe(422);
    const events = await auditOf(account.id);
    expect(events.filter((event) => event === 'second-factor.suspended success')).toHaveLength(1);
    expect(events).toContain('sign-in copied-passkey');
    const again = await signedIn('jana');
    expect(again.page?.url).toBe(`${site.url}/login/second-step`);
    await again.submit({ code: recoveryCodes[0] ?? '' });
    expect(again.page?.url).toBe(`${site.url}/account`);
    expect((await browser.go('/account/passkeys')).text).toContain('Stopped');
  });

  test('two answers that arrive the other way round stop nothing: the later one is asked to try again', async () => {
    const { account, passkey } = await withPasskey('jutta');
    const [one, other] = [site.newBrowser(), site.newBrowser()];
    await one.go('/login');
    await other.go('/login');
    const early = passkey.use(await askedBy(one));
    const late = passkey.use(await askedBy(other));
    clock.now = new Date(clock.now.getTime() + 1000);
    await other.submit({ passkey: late });
    expect(other.page?.url).toBe(`${site.url}/account`);
    await one.submit({ passkey: early });
    expect(one.page).toMatchObject({ status: 422, text: expect.stringContaining('This passkey was not accepted') });
    expect(await auditOf(account.id)).not.toContain('second-factor.suspended success');
    expect((await signInByPasskey(passkey)).page?.url).toBe(`${site.url}/account`);
  });

  test('nothing is stored for whoever only asks, or answers wrongly', async () => {
    const { passkey } = await withPasskey('jule');
    const stored = async () => site.orm.em.fork().execute('select 1 from passkey_challenge');
    const before = await stored();
    const browser = site.newBrowser();
    await browser.go('/login');
    const asked = await Promise.all(Array.from({ length: 5 }, () => askedBy(browser)));
    expect(new Set(asked.map(({ challenge }) => challenge)).size).toBe(5);
    await signInByPasskey(createSoftwarePasskey(site.url));
    expect(await stored()).toEqual(before);
    await signInByPasskey(passkey);
    expect(await stored()).toHaveLength(before.length + 1);
  });

  test('does not open a deactivated account', async () => {
    const { account, passkey } = await withPasskey('karin');
    await site.orm.em.fork().nativeUpdate(AccountEntity, { id: account.id }, { status: 'DEACTIVATED' });
    const browser = await signInByPasskey(passkey);
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('deactivated') });
  });
});

describe('a passkey as second step', () => {
  test('comes after the password, needs no check of the person, and is one of the account’s own', async () => {
    const { passkey } = await withPasskey('lotte');
    const { passkey: foreign } = await withPasskey('mia');
    const browser = await signedIn('lotte');
    expect(browser.page?.url).toBe(`${site.url}/login/second-step`);
    expect((await browser.go('/account')).url).toContain('/login?next');
    await browser.go('/login/second-step');
    const options = await askedBy(browser);
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([passkey.credentialId]);
    await browser.submit({ passkey: foreign.use(options) });
    expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('passkey was not accepted') });
    await browser.submit({ passkey: passkey.use(await askedBy(browser), { isPersonVerified: false }) });
    expect(browser.page?.url).toBe(`${site.url}/account`);
  });

  test('an answer for another purpose does not do', async () => {
    const { passkey } = await withPasskey('nora');
    const alone = site.newBrowser();
    await alone.go('/login');
    const options = await askedBy(alone);
    await alone.submit({ identifier: 'nora', password: testPassword });
    await alone.submit({ passkey: passkey.use(options) });
    expect(alone.page).toMatchObject({ url: `${site.url}/login/second-step`, status: 422 });
  });

  test('nobody is asked for a passkey without a right password before', async () => {
    const browser = site.newBrowser();
    await browser.go('/login');
    const body = new URLSearchParams({ _csrf: tokenOf(browser) });
    const answer = await browser.visit('/login/second-step/passkey-options', { method: 'POST', body });
    expect(answer.status).toBe(403);
  });
});

describe('naming and removing', () => {
  test('a name is changed freely; removing needs proof, and with the last one two-step sign-in ends', async () => {
    const { account, browser, passkey, recoveryCodes } = await withPasskey('olga');
    const { id } = await site.orm.em.fork().findOneOrFail(PasskeyEntity, { accountId: account.id });
    await browser.go(`/account/passkeys/${id}`);
    await browser.submit({ name: 'Key ring' });
    expect(browser.page?.text).toContain('<strong>Key ring</strong>');
    await browser.go(`/account/passkeys/${id}`);
    await browser.submit({ currentPassword: testPassword, code: 'nonsense' });
    expect(browser.page?.status).toBe(422);
    await browser.submit({ currentPassword: testPassword, code: recoveryCodes[1] ?? '' });
    expect(browser.page?.url).toBe(`${site.url}/account/passkeys?done=off`);
    expect((await signedIn('olga')).page?.url).toBe(`${site.url}/account`);
    expect((await signInByPasskey(passkey)).page?.status).toBe(422);
    expect(await auditOf(account.id)).toContain('second-factor.removed success');
  });

  test('a passkey of somebody else is not there', async () => {
    const { account } = await withPasskey('paula');
    const { id } = await site.orm.em.fork().findOneOrFail(PasskeyEntity, { accountId: account.id });
    const { browser, recoveryCodes } = await withPasskey('quirin');
    expect((await browser.go(`/account/passkeys/${id}`)).status).toBe(404);
    expect((await browser.go('/account/passkeys/nonsense')).status).toBe(404);
    await browser.go('/account/passkeys/new');
    const body = new URLSearchParams({
      _csrf: tokenOf(browser),
      currentPassword: testPassword,
      code: recoveryCodes[0] ?? '',
    });
    const headers = { origin: site.url };
    expect((await browser.visit(`/account/passkeys/${id}/remove`, { method: 'POST', body, headers })).status).toBe(404);
    expect(await site.orm.em.fork().count(PasskeyEntity, { id })).toBe(1);
  });
});

test('only pages with passkeys may run a script, and it is ours', async () => {
  const browser = site.newBrowser();
  const login = await browser.go('/login');
  expect(login.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(login.headers.get('content-security-policy')).toContain("script-src 'self'; connect-src 'self'");
  const [, path = ''] = /<script src="([^"]+)" defer><\/script>/.exec(login.text) ?? [];
  const script = await browser.visit(path);
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(script.headers.get('cache-control')).toContain('immutable');
  const home = await browser.go('/');
  expect(home.headers.get('content-security-policy')).not.toContain('script-src');
});
