import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { askGraph } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';
import { pullLever } from '../../support/sandbox-levers.js';

const dayMs = 24 * 3_600_000;

let site: GraphSite;
let aheadMs = 0;
beforeAll(async () => {
  site = await startGraphSite({ worker: true, clock: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => site[Symbol.asyncDispose]());

async function mailTo(to: string, word: string): Promise<string> {
  return eventually(`a mail to ${to} with ${word}`, async () => {
    const mails = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'mail')) as {
      to: unknown;
      subject: string;
      text: string;
    }[];
    return mails.find((mail) => JSON.stringify(mail.to).includes(to) && mail.subject.includes(word))?.text;
  });
}

async function signedIn(username: string): Promise<Browser> {
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: username, password: testPassword });
  expect(browser.page?.url).toBe(`${site.url}/account`);
  return browser;
}

async function aLearner(username: string) {
  const account = await site.aPerson({ username, isLinked: false });
  const { edxLinks } = site.gateway.context.services;
  await edxLinks.ensure(account.id, { accountId: account.id });
  await eventually(`${username} is linked`, async () => (await edxLinks.find(account.id))?.state === 'LINKED');
  return account;
}

/** Presses the button with these words, in whatever form it is. */
async function press(browser: Browser, words: string) {
  const { url, text } = browser.page ?? { url: '', text: '' };
  const forms = [...text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
  const [, attributes = '', inner = ''] = forms.find(([form]) => form.includes(`>${words}</button>`)) ?? [];
  const token = /name="_csrf" value="([^"]+)"/.exec(inner)?.[1] ?? '';
  return browser.go(/action="([^"]*)"/.exec(attributes)?.[1] ?? url, {
    method: 'POST',
    body: new URLSearchParams({ _csrf: token }),
    headers: { origin: site.url },
  });
}

const actionsOn = async (subjectId: string) =>
  (await site.gateway.context.orm.em.fork().find(AuditEventEntity, { subjectId })).map(({ action }) => action);

test('a person asks for their data, is told when it is ready, and downloads it', async () => {
  const person = await aLearner('exporter');
  const browser = await signedIn('exporter');
  await browser.go('/account/data');
  expect(browser.page?.text).toContain('Ask for a copy');
  // Just signed in: a button will do.
  expect(browser.page?.text).not.toContain('currentPassword');
  await press(browser, 'Ask for a copy');
  expect(browser.page).toMatchObject({ url: `${site.url}/account/data`, status: 200 });
  expect(await mailTo('exporter@example.org', 'is ready')).toContain(`${site.url}/account/data`);
  await browser.go('/account/data');
  expect(browser.page?.text).toContain('Download your data');
  const file = await browser.visit('/account/data/download');
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="data-of-exporter.json"');
  expect(file.headers.get('cache-control')).toBe('no-store');
  expect(Number(file.headers.get('content-length'))).toBe(Buffer.byteLength(file.text));
  expect(JSON.parse(file.text)).toMatchObject({
    about: { url: site.url },
    account: { id: person.id, username: 'exporter', status: 'ACTIVE' },
    emailAddresses: { current: { email: 'exporter@example.org' } },
    learningSite: {
      state: 'LINKED',
      username: 'exporter',
      history: [{ to: 'PENDING' }, { to: 'CREATING' }, { to: 'LINKED' }],
    },
    enrollments: [],
    sessions: [{ signedInAt: expect.any(String) }],
    secondFactors: { authenticatorApp: null },
    auditEvents: expect.arrayContaining([expect.objectContaining({ action: 'sign-in', by: 'you' })]),
  });
  expect(file.text).not.toMatch(/\$argon2|Hash"|secret"|eyJ/);
  expect(await actionsOn(person.id)).toEqual(
    expect.arrayContaining(['account.export-requested', 'account.export-downloaded']),
  );
});

test('nobody else gets it: not without the session, not by another account, not after it expired', async () => {
  const stranger = new Browser(site.url);
  expect((await stranger.go('/account/data/download')).url).toContain('/login');
  await site.aPerson({ username: 'nosy' });
  const other = await signedIn('nosy');
  expect((await other.go('/account/data/download')).url).toBe(`${site.url}/account/data`);
  expect(other.page?.text).not.toContain('Download');

  // A sign-in of a while ago is not enough, neither to ask for another one nor to download this one.
  const owner = await signedIn('exporter');
  aheadMs += 11 * 60_000;
  expect((await owner.go('/account/data/download')).url).toBe(`${site.url}/account/data`);
  expect(owner.page?.text).toContain('currentPassword');
  const refused = await owner.submit({ act: 'download', currentPassword: 'wrong' });
  expect(refused).toMatchObject({ status: 422, text: expect.stringContaining('This is not your current password.') });
  const file = await owner.submit({ act: 'download', currentPassword: testPassword });
  expect(JSON.parse(file.text)).toMatchObject({ account: { username: 'exporter' } });
  aheadMs += 8 * dayMs;
  const late = await signedIn('exporter');
  await late.go('/account/data/download');
  expect(late.page).toMatchObject({ url: `${site.url}/account/data`, text: expect.not.stringContaining('Download') });
  await site.gateway.context.services.prune.run();
  const { em } = site.gateway.context.orm;
  expect(await em.fork().execute('select 1 from data_export_part')).toEqual([]);
});

test('by the graph: recent session, or password; one at a time', async () => {
  const person = await site.aPerson({ username: 'grapher' });
  const token = await site.caller(person, 'accounts:write accounts:read user:read');
  const run = (input: object) =>
    askGraph<{
      requestDataExport: { account: { dataExport: { state: string } } | null; userErrors: { code: string }[] };
    }>(
      token,
      `mutation ($input: RequestDataExportInput!) { requestDataExport(input: $input) {
        account { dataExport { state requestedAt readyAt expiresAt sizeBytes } } userErrors { code field } } }`,
      { input },
    );
  expect((await run({})).data).toMatchObject({ requestDataExport: { userErrors: [{ code: 'WRONG_PASSWORD' }] } });
  const answers = await Promise.all([run({ currentPassword: testPassword }), run({ currentPassword: testPassword })]);
  for (const { data } of answers) expect(data).toMatchObject({ requestDataExport: { userErrors: [] } });
  const copies = await site.gateway.context.orm.em
    .fork()
    .execute('select 1 from data_export where account_id = ?', [person.id]);
  expect(copies).toHaveLength(1);
  const support = await site.caller(await site.aPerson({ username: 'sue', roles: ['ADMIN'] }), 'accounts:read');
  const asked = await askGraph(support, '{ account(by: { username: "grapher" }) { dataExport { state } } }');
  expect(asked.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('a person asks for deletion, sees the date, and changes their mind on the page', async () => {
  const person = await site.aPerson({ username: 'doubter' });
  const browser = await signedIn('doubter');
  await browser.go('/account/delete');
  await browser.submit({ currentPassword: 'wrong' });
  expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('not your current password') });
  await browser.submit({ currentPassword: testPassword });
  expect(browser.page).toMatchObject({
    url: `${site.url}/account`,
    text: expect.stringContaining('This account will be deleted on'),
  });
  await mailTo('doubter@example.org', 'will be deleted on');
  // It works as before meanwhile, and asking again changes nothing.
  await signedIn('doubter');
  expect((await browser.go('/account/delete')).url).toBe(`${site.url}/account`);
  const answer = await press(browser, 'Keep my account');
  expect(answer).toMatchObject({
    url: `${site.url}/account?done=kept`,
    text: expect.stringContaining('It will not be deleted'),
  });
  expect(answer.text).not.toContain('will be deleted on');
  await mailTo('doubter@example.org', 'stays');
  aheadMs += 15 * dayMs;
  await site.gateway.context.services.retirements.beginDue();
  expect(await site.gateway.context.services.accounts.findById(person.id)).toMatchObject({ status: 'ACTIVE' });
  expect(await actionsOn(person.id)).toEqual(
    expect.arrayContaining(['account.deletion-requested', 'account.deletion-canceled']),
  );
});

test('the link in the mail takes a request back in any browser, only by its button, and once', async () => {
  await site.aPerson({ username: 'linker' });
  const browser = await signedIn('linker');
  await browser.go('/account/delete');
  await browser.submit({ currentPassword: testPassword });
  const link =
    /\S+\/account\/delete\/cancel\S+/.exec(await mailTo('linker@example.org', 'will be deleted on'))?.[0] ?? '';
  const elsewhere = new Browser(site.url);
  await elsewhere.go(link);
  expect((await browser.go('/account')).text).toContain('will be deleted on');
  await press(elsewhere, 'Keep my account');
  expect(elsewhere.page?.text).toContain('Your account stays');
  expect((await browser.go('/account')).text).not.toContain('will be deleted on');
  expect(await elsewhere.go(link)).toMatchObject({ status: 400 });
  expect(await elsewhere.go('/account/delete/cancel')).toMatchObject({ status: 400 });
});

test('when the time is over the account is retired by the worker, and the person is told for the last time', async () => {
  const person = await aLearner('goner');
  const browser = await signedIn('goner');
  await browser.go('/account/delete');
  await browser.submit({ currentPassword: testPassword });
  const { services, orm } = site.gateway.context;
  expect(await services.retirements.beginDue()).toBe(0);
  aheadMs += 15 * dayMs;
  expect(await services.retirements.beginDue()).toBe(1);
  await eventually('the retirement is done', async () => {
    const [retirement] = await services.retirements.findByAccountIds([person.id]);
    return retirement?.state === 'DONE';
  });
  await mailTo('goner@example.org', 'was deleted');
  expect(await services.accounts.findById(person.id)).toMatchObject({ status: 'RETIRED', name: 'Retired account' });
  expect(site.gateway.sandbox.state.user('goner')).toMatchObject({ passwordHash: null });
  expect((await browser.go('/account')).url).toContain('/login');
  const events = await orm.em.fork().find(AuditEventEntity, { subjectId: person.id, action: 'account.retired' });
  expect(events).toMatchObject([{ actorId: person.id, detail: { LEAVE_LMS: 'DONE', ERASE_DATA: 'DONE' } }]);
});

test('by the graph: own request, seen by support, taken back; retirement by administrators only', async () => {
  const person = await site.aPerson({ username: 'wisher' });
  const own = await site.caller(person, 'accounts:write accounts:read user:read');
  const support = await site.caller(
    await site.aPerson({ username: 'sid', roles: ['SUPPORT'] }),
    'accounts:read accounts:write',
  );
  const ask = (caller: typeof own, mutation: string, type: string, input: object) =>
    askGraph<Record<string, { account: object | null; userErrors: { code: string }[] }>>(
      caller,
      `mutation ($input: ${type}!) { ${mutation}(input: $input) {
        account { id status retirement { state dueAt steps { name outcome } } } userErrors { code } } }`,
      { input },
    );
  const requested = await ask(own, 'requestAccountDeletion', 'RequestAccountDeletionInput', {
    currentPassword: testPassword,
  });
  expect(requested.data).toMatchObject({
    requestAccountDeletion: {
      account: { status: 'ACTIVE', retirement: { state: 'SCHEDULED', steps: [] } },
      userErrors: [],
    },
  });
  const seen = await askGraph(
    support,
    '{ account(by: { username: "wisher" }) { id retirement { state requestedBy { username } } } }',
  );
  expect(seen.data).toMatchObject({
    account: { retirement: { state: 'SCHEDULED', requestedBy: { username: 'wisher' } } },
  });
  const canceled = await ask(own, 'cancelAccountDeletion', 'CancelAccountDeletionInput', {});
  expect(canceled.data).toMatchObject({ cancelAccountDeletion: { account: { retirement: null }, userErrors: [] } });

  const { id: accountId } = (canceled.data?.cancelAccountDeletion?.account ?? {}) as { id?: string };
  const refused = await ask(support, 'retireAccount', 'RetireAccountInput', { accountId });
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const root = await site.caller(
    await site.aPerson({ username: 'rita', roles: ['ADMIN'] }),
    'accounts:read accounts:write',
  );
  const retired = await ask(root, 'retireAccount', 'RetireAccountInput', { accountId });
  expect(retired.data).toMatchObject({ retireAccount: { account: { status: 'RETIRED' }, userErrors: [] } });
  const late = await ask(root, 'cancelAccountDeletion', 'CancelAccountDeletionInput', { accountId });
  expect(late.data).toMatchObject({ cancelAccountDeletion: { account: null, userErrors: [{ code: 'CONFLICT' }] } });
});

test('an LMS that is down keeps a retirement waiting, which support sees, and it ends by itself when the LMS is back', async () => {
  const person = await aLearner('patient');
  const support = await site.caller(await site.aPerson({ username: 'sol', roles: ['ADMIN'] }), staffScope);
  await site.lms.faults([{ match: '*', mode: 'down', times: 10_000 }]);
  await askGraph(
    support,
    'mutation ($input: RetireAccountInput!) { retireAccount(input: $input) { account { id } } }',
    {
      input: { accountId: toGlobalId('Account', person.id) },
    },
  );
  const list = async (filter: string) => {
    const { data } = await askGraph<{
      retirements: { nodes: { account: { username: string }; lastError: object | null }[] };
    }>(
      support,
      `{ retirements(first: 100, filter: ${filter}) { nodes {
        account { username } lastError { upstream retryable } steps { name outcome } } } }`,
    );
    return data?.retirements.nodes.find(({ account }) => account.username === 'patient');
  };
  const waiting = await eventually('it waits', async () => {
    const found = await list('{ states: [RUNNING] }');
    return found?.lastError ? found : undefined;
  });
  expect(waiting).toMatchObject({ lastError: { upstream: 'lms', retryable: true }, steps: [{ name: 'END_ACCESS' }] });
  await site.lms.heal();
  const { em } = site.gateway.context.orm;
  const done = await eventually('it is done', async () => {
    // The queue goes by the clock of the database, which is not ahead as that of this test is.
    await em
      .fork()
      .execute('update graphile_worker._private_jobs set run_at = now() where key = ?', [`retire:${person.id}`]);
    return list('{ states: [DONE], leftToDo: false }');
  });
  expect(done).toMatchObject({ lastError: null });
  expect(await list('{ leftToDo: true }')).toBeUndefined();
});

test('what is retired stays as it is: nothing personal is written to it any more', async () => {
  const root = await site.caller(await site.aPerson({ username: 'ruth', roles: ['ADMIN'] }), staffScope);
  const retired = await site.gateway.context.services.accounts.findByUsername('goner');
  const accountId = toGlobalId('Account', retired?.id ?? '');
  const attempts: [string, object][] = [
    ['updateProfile', { accountId, name: 'Come Back' }],
    ['updateAccount', { accountId, email: 'back@example.org' }],
    ['grantRole', { accountId, role: 'STAFF' }],
    ['reactivateAccount', { accountId }],
    ['unblockAccount', { accountId }],
  ];
  for (const [mutation, input] of attempts) {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
    const { data } = await askGraph<Record<string, { userErrors: { code: string }[] }>>(
      root,
      `mutation ($input: ${type}) { ${mutation}(input: $input) { userErrors { code } } }`,
      { input },
    );
    expect(data?.[mutation]?.userErrors, mutation).toEqual([{ code: 'CONFLICT' }]);
  }
});
