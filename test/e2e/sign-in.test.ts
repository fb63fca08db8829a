import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function fillIn(page: Page, identifier: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(identifier);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signInAtLms(page: Page): Promise<void> {
  await page.goto(site.lmsUrl);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.waitForURL(`${site.url}/login/**`);
  expect(await page.textContent('main')).toContain('to continue to the learning site');
  await fillIn(page, 'ada@example.org', 'ada-password-1');
  await page.waitForURL(`${site.lmsUrl}/**`);
}

test('ada signs in at the LMS through Portico, and the second visit asks nothing', async () => {
  const page = await site.newPage();
  await signInAtLms(page);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as ada');

  // The LMS forgets her; Portico does not.
  await page.context().clearCookies({ name: 'sessionid' });
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  expect(page.url().startsWith(site.lmsUrl)).toBe(true);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as ada');

  await page.goto(`${site.url}/account`);
  expect(await page.textContent('main')).toContain('ada@example.org');
  expect(await page.textContent('main')).toContain('Connected');
  expect(await page.textContent('main')).toContain('Chrome on Linux');
});

test('a wrong password stays at Portico, says so, and the next try goes on to the LMS', async () => {
  const page = await site.newPage();
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await fillIn(page, 'ada@example.org', 'not-the-password');
  expect(page.url().startsWith(`${site.url}/login/`)).toBe(true);
  expect(await page.getByRole('alert').textContent()).toContain('is not right');
  await fillIn(page, 'ada', 'ada-password-1');
  await page.waitForURL(`${site.lmsUrl}/**`);
});

test('who declines goes back to the LMS and is not signed in', async () => {
  const page = await site.newPage();
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await page.getByRole('button', { name: 'Cancel and go back' }).click();
  await page.waitForURL(`${site.lmsUrl}/**`);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are not signed in');
});

test('without JavaScript the sign-in at the LMS works as well, on a phone too', async () => {
  const page = await site.newPage({ javaScriptEnabled: false, viewport: { width: 360, height: 740 }, isMobile: true });
  await signInAtLms(page);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as ada');
});

test('signing out at the LMS signs out of Portico', async () => {
  const page = await site.newPage();
  await signInAtLms(page);
  await page.goto(site.lmsUrl);
  await page.getByRole('main').getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${site.lmsUrl}/`);
  expect(await page.textContent('main')).toContain('You are not signed in');
  await page.goto(`${site.url}/account`);
  expect(page.url()).toContain('/login?next=');
});

test('signing out of Portico signs out of the LMS and comes back', async () => {
  const page = await site.newPage();
  await signInAtLms(page);
  await page.goto(`${site.url}/account`);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL(`${site.url}/`);
  expect(await page.textContent('main')).toContain('Sign in');
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are not signed in');
});
