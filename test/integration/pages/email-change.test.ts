import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { askGraph } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite({ worker: true });
});
afterAll(() => site[Symbol.asyncDispose]());

async function mailTo(to: string, word: string): Promise<string> {
  const mail = await eventually(`a mail to ${to} with ${word}`, async () => {
    const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as {
      to: string;
      subject: string;
      text: string;
    }[];
    return mails.find((one) => JSON.stringify(one.to).includes(to) && one.subject.includes(word));
  });
  return mail.text;
}

/** Somebody with a real user at the LMS. */
async function enlisted(username: string) {
  const account = await site.aPerson({ username, isLinked: false });
  const { edxLinks } = site.gateway.context.services;
  await edxLinks.ensure(account.id, { accountId: account.id });
  await eventually(`${username} is linked`, async () =>
    (await edxLinks.find(account.id))?.state === 'LINKED' ? true : undefined,
  );
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
  return { account, browser };
}

const lmsEmail = (username: string) =>
  [...site.gateway.sandbox.state.users.values()].find((user) => user.username === username)?.email;

test('a person changes their address on the pages, and the LMS follows', async () => {
  const { account, browser } = await enlisted('emma');
  await browser.go('/account/email');
  await browser.submit({ email: 'emma@new.example', currentPassword: 'wrong' });
  expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('not your current password') });
  await browser.submit({ email: 'emma@new.example', currentPassword: testPassword });
  expect(browser.page?.url).toBe(`${site.url}/account/email/code`);
  await browser.submit({ code: '12 34 5' });
  expect(browser.page?.status).toBe(422);
  await browser.submit({ code: /\b\d{6}\b/.exec(await mailTo('emma@new.example', 'Confirm'))?.[0] ?? '' });
  expect(browser.page).toMatchObject({
    url: `${site.url}/account?done=email`,
    text: expect.stringContaining('emma@new.example'),
  });
  await mailTo('emma@example.org', 'was changed');
  await eventually('the LMS follows', async () => (lmsEmail('emma') === 'emma@new.example' ? true : undefined));
  const { edxLinks } = site.gateway.context.services;
  await eventually('the outcome is stored', async () => {
    const link = await edxLinks.find(account.id);
    const history = await edxLinks.history([link?.id ?? '']);
    return history.some(({ cause }) => cause === 'email-pushed') || undefined;
  });
});

test('mailed links work in any browser, and only by their button', async () => {
  const { browser } = await enlisted('lotte');
  await browser.go('/account/email');
  await browser.submit({ email: 'lotte@new.example', currentPassword: testPassword });
  const stop = /\S+\/account\/email\/stop\S+/.exec(await mailTo('lotte@example.org', 'about to change'))?.[0] ?? '';
  const elsewhere = new Browser(site.url);
  expect((await elsewhere.go(stop)).text).toContain('Stop the change');
  await elsewhere.go(stop);
  await elsewhere.submit({});
  expect(elsewhere.page?.text).toContain('The change was stopped');
  expect(await elsewhere.go(stop)).toMatchObject({ status: 400 });

  await browser.go('/account/email');
  await browser.submit({ email: 'lotte@other.example', currentPassword: testPassword });
  const link = /\S+\/account\/email\/confirm\S+/.exec(await mailTo('lotte@other.example', 'Confirm'))?.[0] ?? '';
  await elsewhere.go(link);
  await elsewhere.submit({});
  expect(elsewhere.page?.text).toContain('lotte@other.example is the e-mail address of your account now');
  expect((await browser.go('/account')).text).toContain('lotte@other.example');
});

test('by the graph too; what the LMS does not take is seen as drift, with the reason', async () => {
  const { account, browser } = await enlisted('dave');
  const { state } = site.gateway.sandbox;
  state.provider = { ...state.provider, syncLearnerProfileData: false };
  const run = async (mutation: string, type: string, input: Record<string, unknown>, caller: object) =>
    askGraph<Record<string, unknown>>(
      { url: site.url, ...caller },
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { account { email } userErrors { code field } } }`,
      { input },
    );
  const own = { cookie: browser.cookieHeader('/graphql') };
  const ask = { email: 'dave@new.example', currentPassword: testPassword };
  const wrong = { ...ask, currentPassword: 'wrong' };
  expect((await run('changeEmail', 'ChangeEmailInput', wrong, own)).data).toMatchObject({
    changeEmail: { userErrors: [{ code: 'WRONG_PASSWORD' }] },
  });
  await run('changeEmail', 'ChangeEmailInput', ask, own);
  const code = /\b\d{6}\b/.exec(await mailTo('dave@new.example', 'Confirm'))?.[0];
  expect((await run('confirmEmailChange', 'ConfirmEmailChangeInput', { code }, own)).data).toEqual({
    confirmEmailChange: { account: { email: 'dave@new.example' }, userErrors: [] },
  });
  const root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
  const accountId = toGlobalId('Account', account.id);
  const seen = await eventually('the drift', async () => {
    const { data } = await askGraph<{ account: { edx: { drift: string[]; lastError: { code: string } | null } } }>(
      root,
      'query ($id: ID!) { account(by: { id: $id }) { edx { drift lastError { code } } } }',
      { id: accountId },
    );
    return data?.account.edx.lastError ? data.account.edx : undefined;
  });
  expect(seen).toEqual({ drift: ['EMAIL_DIFFERS'], lastError: { code: 'email-not-taken' } });

  state.provider = { ...state.provider, syncLearnerProfileData: true };
  const update = { accountId, email: 'dave@third.example' };
  expect((await run('updateAccount', 'UpdateAccountInput', update, root)).data).toMatchObject({
    updateAccount: { account: { email: 'dave@third.example' } },
  });
  const taken = { accountId, email: 'ROOT@example.org' };
  expect((await run('updateAccount', 'UpdateAccountInput', taken, root)).data).toMatchObject({
    updateAccount: { userErrors: [{ code: 'EMAIL_TAKEN', field: ['email'] }] },
  });
  expect((await run('updateAccount', 'UpdateAccountInput', update, own)).errors?.[0]?.extensions?.code).toBe(
    'FORBIDDEN',
  );
  await eventually('the LMS follows', async () => (lmsEmail('dave') === 'dave@third.example' ? true : undefined));
});

test('a new password ends a change that somebody else has begun, by a password they know', async () => {
  const { browser } = await enlisted('mila');
  const thief = new Browser(site.url);
  await thief.go('/login');
  await thief.submit({ identifier: 'mila', password: testPassword });
  await thief.go('/account/email');
  await thief.submit({ email: 'thief@new.example', currentPassword: testPassword });
  const link = /\S+\/account\/email\/confirm\S+/.exec(await mailTo('thief@new.example', 'Confirm'))?.[0] ?? '';
  const elsewhere = new Browser(site.url);
  expect((await elsewhere.go(link)).text).toContain('Confirm this address');

  await browser.go('/account/password');
  await browser.submit({ currentPassword: testPassword, password: 'a quite different horse 7' });
  expect(browser.page?.url).toBe(`${site.url}/account?done=password`);
  await elsewhere.submit({});
  expect(elsewhere.page).toMatchObject({ status: 400, text: expect.stringContaining('does not work any more') });
  expect((await browser.go('/account')).text).toContain('mila@example.org');
});
