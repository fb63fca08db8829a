import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';

const folder = 'docs/images';

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(`${username}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(`${username}-password-1`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('pictures', async () => {
  await mkdir(folder, { recursive: true });
  await using site = await startDemoSite();
  const size = { width: 1280, height: 760 };

  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await site.newPage({ viewport: size, colorScheme });
    await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
    await page.screenshot({ path: `${folder}/sign-in-${colorScheme}.png` });
  }

  const ada = await site.newPage({ viewport: size });
  await ada.goto(`${site.url}/account`);
  await signIn(ada, 'ada');
  await ada.waitForURL(`${site.url}/account`);
  await ada.screenshot({ path: `${folder}/account.png`, fullPage: true });

  const root = await site.newPage({ viewport: { width: 1280, height: 820 } });
  await root.goto(`${site.url}/playground`);
  await signIn(root, 'root');
  await root.locator('.graphiql-tab-button').getByText('FindAccount', { exact: true }).click();
  await root.locator('.graphiql-query-editor .view-lines').getByText('FindAccount').first().waitFor();
  await root.getByRole('button', { name: /^Execute query/ }).click();
  await eventually('the answer', async () =>
    (await root.locator('.result-window .view-lines').textContent())?.includes('grace'),
  );
  await root.screenshot({ path: `${folder}/playground.png` });
}, 120_000);
