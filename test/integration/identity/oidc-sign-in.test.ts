import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { testPassword } from '../../support/graph-site.js';
import { startUniversity, type University } from './university.js';

let university: University;
beforeAll(async () => {
  university = await startUniversity();
});
afterAll(() => university[Symbol.asyncDispose]());

const services = () => university.site.gateway.context.services;
const learnerOf = async (externalKey: string) => {
  const organization = await services().programs.findOrganization('DemoU');
  const [learner] = await services().learnerLinks.find({ organizationId: organization?.id ?? '', externalKey });
  return learner;
};
const isSignedIn = async (browser: ReturnType<University['newBrowser']>) =>
  (await browser.visit('/account')).status === 200;
const person = (sub: string, studentKey: string | null, more: object = {}) => ({
  sub,
  name: `${sub} of Demo`,
  email: `${sub}@demou.example.edu`,
  emailVerified: true,
  studentKey,
  ...more,
});

async function signInByPassword(browser: ReturnType<University['newBrowser']>, username: string): Promise<void> {
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
}

test('the sign-in page offers the university, and a learner who is new gets an account and is the learner', async () => {
  await university.setPeople([person('lena', 'DU-0004')]);
  const browser = university.newBrowser();
  expect((await browser.go('/login')).text).toContain('Sign in with Demo University');
  const welcome = await university.signIn(browser, 'lena');
  expect(welcome.status).toBe(200);
  expect(welcome.text).toContain('lena@demou.example.edu');
  const made = await browser.submit({ name: 'Lena Okafor', username: '' });
  expect(made.url).toContain('/account');
  expect(made.text).toContain('Demo University');
  expect(made.text).toContain('Your key there: DU-0004');
  const account = await services().accounts.findByEmail('lena@demou.example.edu');
  expect(account?.emailVerifiedAt).not.toBeNull();
  await eventually('the learner is tied', async () => (await learnerOf('du-0004'))?.state === 'LINKED');
  expect((await learnerOf('du-0004'))?.accountId).toBe(account?.id);
  expect((await university.audited('identity.linked')).length).toBe(1);

  const again = university.newBrowser();
  const back = await university.signIn(again, 'lena', { next: '/account/profile' });
  expect(back.url).toContain('/account/profile');
  expect(back.status).toBe(200);
});

test('whoever has an account signs in to it and connects the university; a waiting learner is theirs, whatever the case of the key', async () => {
  const { site } = university;
  await university.setPeople([person('petra', 'du-77', { email: 'petra@example.org' })]);
  const petra = await site.aPerson({ username: 'petra', isLinked: false });
  const organization = await services().programs.findOrganization('DemoU');
  await site.gateway.context.orm.em.fork().execute(
    `insert into learner_link (id, created_at, updated_at, organization_id, external_key, state, source)
     values (gen_random_uuid(), now(), now(), ?, 'DU-77', 'WAITING', 'upload')`,
    [organization?.id],
  );
  const browser = university.newBrowser();
  const welcome = await university.signIn(browser, 'petra');
  // The address is somebody's already: it is not theirs because the university says so.
  expect(welcome.text).not.toContain('Create the account');
  expect(welcome.text).toContain('Sign in to my account');
  expect(await isSignedIn(browser)).toBe(false);

  await browser.go('/login?next=/account/identities/connect');
  const connect = await browser.submit({ identifier: 'petra', password: testPassword });
  expect(connect.text).toContain('Connect Demo University');
  expect(connect.text).toContain('petra of Demo, petra@example.org, du-77');
  const done = await browser.submit({ confirm: 'yes' });
  expect(done.url).toContain('/account');
  await eventually('the learner is tied', async () => (await learnerOf('DU-77'))?.state === 'LINKED');
  expect(await learnerOf('DU-77')).toMatchObject({ accountId: petra.id, externalKey: 'DU-77' });
  expect((await university.signIn(university.newBrowser(), 'petra')).text).toContain('petra@example.org');
});

test('an address that the university has not confirmed opens nothing and makes nothing', async () => {
  await university.site.aPerson({ username: 'victim', isLinked: false });
  await university.setPeople([
    person('mallory', 'DU-666', { email: 'victim@example.org', emailVerified: false }),
    person('unsure', 'DU-667', { emailVerified: false }),
  ]);
  for (const sub of ['mallory', 'unsure']) {
    const browser = university.newBrowser();
    const page = await university.signIn(browser, sub);
    expect(page.text).not.toContain('Create the account');
    expect(await isSignedIn(browser)).toBe(false);
    // The form that the page does not have is not taken either.
    const token = /name="_csrf" value="([^"]+)"/.exec((await browser.go('/login')).text)?.[1] ?? '';
    const forced = await browser.go('/login/with/new', {
      method: 'POST',
      body: new URLSearchParams({ _csrf: token, name: 'Mallory' }),
      headers: { origin: university.site.url },
    });
    expect(forced.status).toBe(422);
    expect(await isSignedIn(browser)).toBe(false);
  }
  expect(await services().accounts.findByEmail('unsure@demou.example.edu')).toBeNull();
});

test('a key that is another account’s is refused with a page and an act of the audit', async () => {
  await university.setPeople([person('thief', 'DU-0004', { email: 'thief@demou.example.edu' })]);
  await university.site.aPerson({ username: 'thief', isLinked: false });
  const browser = university.newBrowser();
  await signInByPassword(browser, 'thief');
  const connect = await university.signIn(browser, 'thief');
  expect(connect.text).toContain('Connect Demo University');
  const refused = await browser.submit({ confirm: 'yes' });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('belongs to another account here');
  expect((await university.audited('identity.refused')).at(-1)).toMatchObject({ outcome: 'conflict' });
  // Nor does an account of its own come of it.
  const stranger = university.newBrowser();
  expect((await university.signIn(stranger, 'thief')).text).not.toContain('Create the account');
});

test('a key that becomes somebody else’s later does not lock anybody out, and says so', async () => {
  await university.setPeople([person('lena', 'DU-77')]);
  const browser = university.newBrowser();
  const page = await university.signIn(browser, 'lena');
  expect(page.status).toBe(409);
  expect(page.text).toContain('You are signed in.');
  expect(await isSignedIn(browser)).toBe(true);
  expect((await university.audited('identity.key-refused')).length).toBeGreaterThan(0);
});

describe('what is not an answer to this browser’s question', () => {
  const expired = async (browser: ReturnType<University['newBrowser']>, address: string) => {
    const page = await browser.go(address);
    expect(page.status).toBe(400);
    expect(page.text).toContain('This sign-in has expired');
    expect(await isSignedIn(browser)).toBe(false);
  };
  beforeAll(() => university.setPeople([person('petra', 'du-77', { email: 'petra@example.org' })]));

  test('another state', async () => {
    const browser = university.newBrowser();
    const answer = new URL(await university.answerOf(browser, 'petra'));
    answer.searchParams.set('state', 'another');
    await expired(browser, answer.href);
  });

  test('another browser', async () => {
    const answer = await university.answerOf(university.newBrowser(), 'petra');
    const other = university.newBrowser();
    await university.answerOf(other, 'petra');
    await expired(other, answer);
  });

  test('the same answer once more', async () => {
    const browser = university.newBrowser();
    const answer = await university.answerOf(browser, 'petra');
    expect((await browser.go(answer)).status).toBe(200);
    await services().accounts.findByUsername('petra');
    const cookie = [...browser.cookies.keys()].filter((key) => !key.startsWith('portico_identity'));
    for (const key of cookie) browser.cookies.delete(key);
    await expired(browser, answer);
  });

  test('a code that was used, with a state that was not', async () => {
    const browser = university.newBrowser();
    const used = new URL(await university.answerOf(browser, 'petra'));
    await browser.go(used.href);
    const second = university.newBrowser();
    const fresh = new URL(await university.answerOf(second, 'petra'));
    fresh.searchParams.set('code', used.searchParams.get('code') ?? '');
    const page = await second.go(fresh.href);
    expect(page.status).toBe(502);
    expect(await isSignedIn(second)).toBe(false);
  });
});

test.each([
  ['nonce', 502],
  ['audience', 502],
  ['issuer', 502],
  ['signature', 502],
  ['expired', 502],
  ['no-json', 502],
  ['down', 503],
])('an answer with a wrong %s signs nobody in, and has a page', async (mode, status) => {
  await university.setPeople([person('petra', 'du-77', { email: 'petra@example.org' })]);
  await university.spoil(mode);
  const browser = university.newBrowser();
  const page = await university.signIn(browser, 'petra');
  await university.spoil(null);
  expect(page.status).toBe(status);
  expect(page.text).toContain('Go to the sign-in page');
  expect(await isSignedIn(browser)).toBe(false);
});

test('whoever says no at the university is told so', async () => {
  const page = await university.signIn(university.newBrowser(), '');
  expect(page.status).toBe(403);
  expect(page.text).toContain('Your school did not sign you in');
});

test('a provider that cannot be reached has a page, and one that is switched off is none', async () => {
  const spec = {
    slug: 'away',
    organizationKey: 'demou',
    kind: 'OIDC',
    label: 'Away',
    issuer: 'http://localhost:9',
    clientId: 'portico',
    keyClaim: 'student_key',
  } as const;
  await services().identityProviders.ensure(spec, systemActor);
  const away = await university.newBrowser().go('/login/with/away');
  expect(away.status).toBe(503);
  expect(away.text).toContain('Your school cannot be reached');
  await services().identityProviders.ensure({ ...spec, isEnabled: false }, systemActor);
  const off = await university.newBrowser().go('/login/with/away');
  expect(off.status).toBe(404);
  expect((await university.newBrowser().go('/login')).text).not.toContain('/login/with/away');
});

test('a second factor is asked for after the university too', async () => {
  await university.setPeople([person('tilda', null)]);
  const browser = university.newBrowser();
  await university.signIn(browser, 'tilda');
  await browser.submit({ name: 'Tilda', username: 'tilda' });
  const account = await services().accounts.findByUsername('tilda');
  await university.site.gateway.context.orm.em.fork().execute(
    `insert into authenticator (id, created_at, updated_at, account_id, secret, confirmed_at)
     values (gen_random_uuid(), now(), now(), ?, 'sealed', now())`,
    [account?.id],
  );
  const other = university.newBrowser();
  const page = await university.signIn(other, 'tilda');
  expect(page.url).toContain('/login/with/demou/second-step');
  expect(await isSignedIn(other)).toBe(false);
});

test('a tie is removed by its owner, and the sign-in opens the account no more', async () => {
  await university.setPeople([person('petra', 'du-77', { email: 'petra@example.org' })]);
  const browser = university.newBrowser();
  const account = await university.signIn(browser, 'petra');
  const path = /\/account\/identities\/[\w-]+\/remove/.exec(account.text)?.[0] ?? '';
  expect((await browser.go(path)).text).toContain('Remove Demo University');
  expect((await browser.submit({ confirm: 'yes' })).text).toContain('was removed');
  expect((await university.audited('identity.unlinked')).length).toBe(1);
  const page = await university.signIn(university.newBrowser(), 'petra');
  expect(page.text).toContain('Sign in to my account');
  // What the school enrolled her in stays.
  expect((await learnerOf('du-77'))?.state).toBe('LINKED');
});

test('who is signed in as somebody else stays who they are', async () => {
  await university.setPeople([person('lena', 'DU-0004')]);
  const browser = university.newBrowser();
  await signInByPassword(browser, 'thief');
  const page = await university.signIn(browser, 'lena');
  expect(page.status).toBe(409);
  expect((await browser.go('/account')).text).toContain('thief@example.org');
});
