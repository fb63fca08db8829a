import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(`${username}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(`${username}-password-1`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Opens one of the operations that the playground comes with. */
async function open(page: Page, operation: string): Promise<void> {
  await page.locator('.graphiql-tab-button').getByText(operation, { exact: true }).click();
  // The editor follows the tab a little later.
  await page.locator('.graphiql-query-editor .view-lines').getByText(operation).first().waitFor();
}

/** The same, and runs it. */
async function run(page: Page, operation: string): Promise<void> {
  await open(page, operation);
  const execute = page.getByRole('button', { name: /^Execute query/ });
  await execute.click();
  // It learns the operation's name later still: a click before that runs nothing and says so, and is made again.
  await eventually(`${operation} to run`, async () => {
    const shown = await result(page);
    if (await page.getByRole('button', { name: /^Stop query/ }).isVisible()) return true;
    if (!shown.includes('Cannot infer operation')) return shown.trim() !== '' || undefined;
    if (await execute.isVisible()) await execute.click();
    return undefined;
  });
}

async function result(page: Page): Promise<string> {
  return ((await page.locator('.result-window .view-lines').textContent()) ?? '').replace(/\s+/g, ' ');
}

/** What the result pane shows, once it shows what is awaited. */
function resultWith(page: Page, text: string): Promise<string> {
  return eventually(`${text} in the result`, async () => {
    const shown = await result(page);
    return shown.includes(text) ? shown : undefined;
  });
}

test('root runs a query, a subscription and a mutation in the playground, which loads nothing from elsewhere', async () => {
  const page = await site.newPage({ viewport: { width: 1400, height: 900 } });
  const foreign: string[] = [];
  const broken: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== site.url) foreign.push(request.url());
  });
  page.on('pageerror', (error) => broken.push(error.message));
  await page.goto(`${site.url}/playground`);
  await signIn(page, 'root');
  await page.waitForURL(`${site.url}/playground`);

  await run(page, 'Dashboard');
  expect(await resultWith(page, '"username": "root"')).toContain('"state": "LINKED"');

  const other = await site.newPage({ viewport: { width: 1400, height: 900 } });
  await other.goto(`${site.url}/playground`);
  await signIn(other, 'root');
  await run(page, 'EnrollmentChanged');
  await page.getByRole('button', { name: /^Stop query/ }).waitFor();
  await run(other, 'EnrollInCourse');
  expect(await resultWith(other, '"userErrors": []')).toContain('"title"');
  expect(await resultWith(page, '"state": "ACTIVE"')).toContain('course-v1:edX+E2E-101+course');
  expect({ foreign, broken }).toEqual({ foreign: [], broken: [] });
});

/** Replaces the variables of the operation that is open; again when the editor follows the tab only after that. */
async function fillVariables(page: Page, variables: Record<string, unknown>): Promise<void> {
  const text = JSON.stringify(variables);
  const lines = page.locator('.graphiql-editor-tool .monaco-editor').first().locator('.view-lines');
  await eventually('the variables to be those', async () => {
    await lines.click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
    await page.waitForTimeout(300);
    return ((await lines.textContent()) ?? '').replace(/\s/g, '') === text.replace(/\s/g, '') || undefined;
  });
}

test('support finds who is not in the LMS and why, repairs it from there, and sees it done', async () => {
  const { lms, gateway } = site;
  const page = await site.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(`${site.url}/playground`);
  await signIn(page, 'sam');
  await page.waitForURL(`${site.url}/playground`);

  await run(page, 'FindAccount');
  const found = await resultWith(page, '"username": "grace"');
  expect(found).toContain('"state": "NOT_LINKED"');
  const accountId = /"id": "([^"]+)"/.exec(found)?.[1];
  expect(accountId).toBeDefined();

  await lms.faults([{ match: '/user_api/*', mode: 'down' }]);
  await open(page, 'RepairEdxLink');
  await fillVariables(page, { input: { accountId } });
  await run(page, 'RepairEdxLink');
  expect(await resultWith(page, '"userErrors": []')).toContain('"state": "PENDING"');

  const grace = await gateway.context.services.accounts.findByUsername('grace');
  await eventually('the LMS to be missed', async () => {
    const link = await gateway.context.services.edxLinks.find(grace?.id ?? '');
    return link?.lastError != null;
  });
  await run(page, 'FindAccount');
  expect(await resultWith(page, '"retryable": true')).toMatch(/"stateSince": "20/);

  await lms.heal();
  await eventually(
    'the link',
    async () => {
      const link = await gateway.context.services.edxLinks.find(grace?.id ?? '');
      return link?.state === 'LINKED';
    },
    { deadlineMs: 45_000 },
  );
  await run(page, 'FindAccount');
  const repaired = await resultWith(page, '"edxUsername": "grace"');
  expect(repaired).toContain('"state": "LINKED"');
  await run(page, 'StuckLinks');
  expect(await resultWith(page, '"totalCount"')).toContain('"totalCount": 0');
}, 120_000);

test('learners are told that it is not for them, strangers are asked to sign in', async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/playground`);
  expect(page.url()).toContain('/login?next=');
  await signIn(page, 'ada');
  expect(await page.textContent('main')).toContain('The playground is for members of staff.');
});
