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

/** Opens one of the operations that the playground comes with, and runs it. */
async function run(page: Page, operation: string): Promise<void> {
  await page.locator('.graphiql-tab-button').getByText(operation, { exact: true }).click();
  // The editor follows the tab a little later.
  await page.locator('.graphiql-query-editor .view-lines').getByText(operation).first().waitFor();
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

test('learners are told that it is not for them, strangers are asked to sign in', async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/playground`);
  expect(page.url()).toContain('/login?next=');
  await signIn(page, 'ada');
  expect(await page.textContent('main')).toContain('The playground is for members of staff.');
});
