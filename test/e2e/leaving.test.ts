import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';
import { problemsOf } from '../support/page-problems.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const mailTo = (to: string, word: string) =>
  eventually(`a mail to ${to} with ${word}`, async () =>
    (await site.mails()).find((mail) => JSON.stringify(mail.to).includes(to) && mail.subject.includes(word)),
  );

test('on a small phone: a copy of one’s data, the request for deletion, and the way back', async () => {
  const page = await site.newPage({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  const problems: string[] = [];
  const check = async (name: string) => {
    problems.push(...(await problemsOf(page, name)));
  };
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  await page.goto(`${site.url}/login`);
  await page.getByLabel('E-mail address or username').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('ada-password-1');
  await press('Sign in');
  await page.getByRole('link', { name: 'Get a copy of your data' }).click();
  await check('asking for data');
  await press('Ask for a copy');
  await page.getByRole('status').waitFor();
  await mailTo('ada@example.org', 'is ready');
  await page.goto(`${site.url}/account/data`);
  await check('data that is ready');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download your data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('data-of-ada.json');
  const copy = JSON.parse(await readFile(await download.path(), 'utf8'));
  expect(copy).toMatchObject({
    account: { username: 'ada', name: 'Ada Lovelace' },
    learningSite: { state: 'LINKED', username: 'ada' },
  });

  await page.goto(`${site.url}/account`);
  await page.getByRole('link', { name: 'Delete account' }).click();
  await check('asking for deletion');
  await page.getByLabel('Current password').fill('wrong');
  await press('Delete my account');
  await check('a refused deletion');
  await page.getByLabel('Current password').fill('ada-password-1');
  await press('Delete my account');
  await page.getByText('This account will be deleted on').waitFor();
  await check('an account that will be deleted');
  await press('Keep my account');
  await page.getByText('Your account stays. It will not be deleted.').waitFor();

  await page.goto(`${site.url}/account/delete`);
  await page.getByLabel('Current password').fill('ada-password-1');
  await press('Delete my account');
  const mails = await eventually('the second mail', async () => {
    const all = (await site.mails()).filter(({ subject }) => subject.includes('will be deleted on'));
    return all.length === 2 && all;
  });
  await page.goto(/\S+\/account\/delete\/cancel\S+/.exec(mails.at(-1)?.text ?? '')?.[0] ?? '');
  await check('the link in the mail');
  await press('Keep my account');
  await check('an account that stays');
  await page.goto(`${site.url}/account/delete/cancel?token=used`);
  await check('a link that was used');
  expect(problems).toEqual([]);
}, 60_000);
