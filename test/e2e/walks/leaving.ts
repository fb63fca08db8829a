import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { type Inspection, mailedLink, passwordOf } from './inspection.js';

/** A copy of one's data, the request for deletion, and the way back. */
export async function walkOut({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signIn } = await newVisitor();
  await page.goto(`${site.url}/login`);
  await signIn('ada');
  await page.getByRole('link', { name: 'Get a copy of your data' }).click();
  await check('asking for data');
  await press('Ask for a copy');
  await page.getByRole('status').waitFor();
  await check('data that is being gathered');
  await mailedLink(site, 'ada@example.org', '/account/data');
  await visit('/account/data');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download your data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('data-of-ada.json');
  expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({
    account: { username: 'ada', name: 'Ada Lovelace' },
    learningSite: { state: 'LINKED', username: 'ada' },
  });

  await page.goto(`${site.url}/account`);
  await page.getByRole('link', { name: 'Delete account' }).click();
  await check('asking for deletion');
  await fill({ 'Current password': 'wrong' });
  await press('Delete my account');
  await page.getByRole('alert').waitFor();
  await check('a refused deletion');
  await fill({ 'Current password': passwordOf('ada') });
  await press('Delete my account');
  await page.getByText('This account will be deleted on').waitFor();
  await check('an account that will be deleted');
  await press('Keep my account');
  await page.getByText('Your account stays. It will not be deleted.').waitFor();

  await page.goto(`${site.url}/account/delete`);
  await fill({ 'Current password': passwordOf('ada') });
  await press('Delete my account');
  await eventually('the second mail', async () => {
    const mails = await site.mails();
    return mails.filter(({ subject }) => subject.includes('will be deleted on')).length === 2;
  });
  await page.goto(await mailedLink(site, 'ada@example.org', '/account/delete/cancel'));
  await check('the link in the mail');
  await press('Keep my account');
  await page.getByRole('heading', { name: 'Your account stays' }).waitFor();
  await check('an account that stays');
  await visit('/account/delete/cancel?token=used');
}
