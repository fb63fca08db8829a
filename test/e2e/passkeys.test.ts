import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { offerNothing, plugIn } from '../support/virtual-authenticator.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function typePassword(page: Page, username: string): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(`${username}-password-1`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.goto(`${site.url}/account`);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL(`${site.url}/`);
}

async function addPasskey(page: Page, username: string, name: string): Promise<string[]> {
  await page.goto(`${site.url}/account/passkeys/new`);
  await page.getByLabel('Current password').fill(`${username}-password-1`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create the passkey' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  return page.locator('.codes code').allTextContents();
}

const pressPasskey = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

test('a passkey is registered, signs in alone, and is the second step after a password', async () => {
  const page = await site.newPage();
  await offerNothing(page);
  await plugIn(page);
  await page.goto(`${site.url}/login`);
  await typePassword(page, 'ada');
  await page.waitForURL(`${site.url}/account`);
  expect(await addPasskey(page, 'ada', 'Phone')).toHaveLength(10);
  await page.goto(`${site.url}/account/passkeys`);
  expect(await page.textContent('main')).toContain('Phone');

  await signOut(page);
  await page.goto(`${site.url}/login?next=%2Faccount%2Fprofile`);
  await pressPasskey(page, 'Sign in with a passkey');
  await page.waitForURL(`${site.url}/account/profile`);

  await signOut(page);
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await typePassword(page, 'ada');
  await page.waitForURL(/\/second-step$/);
  await pressPasskey(page, 'Use a passkey');
  await page.waitForURL(`${site.lmsUrl}/**`);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as ada');

  // Another one: the first proves who asks for it.
  await page.goto(`${site.url}/account/passkeys/new`);
  await page.getByLabel('Current password').fill('ada-password-1');
  await pressPasskey(page, 'Use a passkey');
  await page.getByText('Your passkey is ready').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${site.url}/account/passkeys/create`);
  // The device has one of this account already.
  await pressPasskey(page, 'Create the passkey');
  await page.getByText('That did not work').waitFor();
});

test('the browser offers the passkey where the username is typed, also on the way to the LMS', async () => {
  const page = await site.newPage();
  await plugIn(page);
  await page.goto(`${site.url}/login`);
  await typePassword(page, 'sam');
  await page.waitForURL(`${site.url}/account`);
  await addPasskey(page, 'sam', 'Phone');
  await signOut(page);
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await page.waitForURL(`${site.lmsUrl}/**`);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as sam');
});

test('a security key that does not check the person is a second step', async () => {
  const page = await site.newPage();
  await offerNothing(page);
  await plugIn(page, { checksPerson: false });
  await page.goto(`${site.url}/login`);
  await typePassword(page, 'root');
  await page.waitForURL(`${site.url}/account`);
  await addPasskey(page, 'root', 'Key ring');
  await signOut(page);
  await page.goto(`${site.url}/login`);
  await typePassword(page, 'root');
  await page.waitForURL(`${site.url}/login/second-step`);
  await pressPasskey(page, 'Use a passkey');
  await page.waitForURL(`${site.url}/account`);
});

test('without JavaScript a page says what is missing, and a recovery code does', async () => {
  const withScript = await site.newPage();
  await offerNothing(withScript);
  await plugIn(withScript);
  await withScript.goto(`${site.url}/login`);
  await typePassword(withScript, 'grace');
  await withScript.waitForURL(`${site.url}/account`);
  const [recoveryCode = ''] = await addPasskey(withScript, 'grace', 'Phone');

  const page = await site.newPage({ javaScriptEnabled: false });
  await page.goto(`${site.url}/login`);
  expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
  await typePassword(page, 'grace');
  expect(await page.textContent('main')).toContain('needs JavaScript');
  await page.getByLabel('Recovery code').fill(recoveryCode);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${site.url}/account`);
});
