import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const password = 'tea-at-half-past-six';
const mailTo = (email: string) =>
  eventually(`a mail to ${email}`, async () =>
    (await site.mails()).find((mail) => JSON.stringify(mail.to).includes(email)),
  );

/** From the page that asks for the e-mail address to the one that asks for details. */
async function confirmByCode(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send the code' }).click();
  const code = /\b\d{6}\b/.exec((await mailTo(email)).text)?.[0] ?? '';
  await page.getByLabel('Six-digit code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
}

async function fillInDetails(page: Page, name: string): Promise<void> {
  await page.getByLabel('Full name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByLabel('Country').selectOption({ label: 'France' });
  await page.getByRole('button', { name: 'Create the account' }).click();
}

test('a new learner comes from the LMS, registers, and is back at the LMS with an account there', async () => {
  const page = await site.newPage({ javaScriptEnabled: false });
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await confirmByCode(page, 'marie@example.org');
  await fillInDetails(page, 'Marie Curie');
  await page.waitForURL(`${site.lmsUrl}/**`);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as marie-curie');
  const registrations = [...site.gateway.sandbox.state.users.values()].filter(
    (user) => user.username === 'marie-curie',
  );
  expect(registrations).toHaveLength(1);
});

test('the mailed link continues in another browser, and the account page shows the LMS account a moment later', async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/register`);
  await page.getByLabel('E-mail address').fill('blaise@example.org');
  await page.getByRole('button', { name: 'Send the code' }).click();
  const link = /http:\S+\/register\/confirm\?token=\S+/.exec((await mailTo('blaise@example.org')).text)?.[0] ?? '';
  const other = await site.newPage({ viewport: { width: 360, height: 740 }, isMobile: true });
  await other.goto(link);
  await fillInDetails(other, 'Blaise Pascal');
  await other.waitForURL(`${site.url}/account`);
  await eventually('the LMS account of blaise', async () => {
    await other.reload();
    return (await other.textContent('main'))?.includes('Connected');
  });
  await other.getByRole('link', { name: 'Go to your courses' }).click();
  await other.waitForURL(`${site.lmsUrl}/**`);
  await other.goto(site.lmsUrl);
  expect(await other.textContent('main')).toContain('You are signed in as blaise-pascal');
});

test('with the LMS down registration succeeds, says why, and the LMS account follows by itself', async () => {
  await site.lms.faults([{ match: '/user_api/v1/account/registration/*', mode: 'down', times: 1000 }]);
  const page = await site.newPage();
  await page.goto(`${site.url}/register`);
  await confirmByCode(page, 'emilie@example.org');
  await fillInDetails(page, 'Émilie du Châtelet');
  await page.waitForURL(`${site.url}/account`);
  await eventually('the reason', async () => {
    await page.reload();
    return (await page.textContent('main'))?.includes('could not be created yet');
  });
  expect(await page.textContent('main')).toContain('emilie-du-chatelet');
  await site.lms.heal();
  await eventually(
    'the LMS account after the outage',
    async () => {
      await page.reload();
      return (await page.textContent('main'))?.includes('Connected');
    },
    { deadlineMs: 60_000, pauseMs: 250 },
  );
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await page.goto(site.lmsUrl);
  expect(await page.textContent('main')).toContain('You are signed in as emilie-du-chatelet');
}, 120_000);
