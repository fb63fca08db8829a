import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';
import { problemsOf } from '../support/page-problems.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite({
    PORTICO_TERMS_URL: 'https://example.edu/terms',
    PORTICO_PRIVACY_URL: 'https://example.edu/privacy',
    PORTICO_SUPPORT_EMAIL: 'help@example.edu',
  });
});
afterAll(() => site[Symbol.asyncDispose]());

async function newCode(email: string): Promise<string> {
  const mail = await eventually(`a mail to ${email}`, async () =>
    (await site.mails()).find(({ to }) => JSON.stringify(to).includes(email)),
  );
  return /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
}

test('every page is accessible, by day and by night, on a phone of 320 pixels', async () => {
  const page = await site.newPage({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  const problems: string[] = [];
  const check = async (name: string) => {
    problems.push(...(await problemsOf(page, name)));
  };
  const visit = async (path: string) => {
    await page.goto(site.url + path);
    await check(path);
  };
  const press = (name: string) => page.getByRole('button', { name }).first().click();

  for (const path of ['/', '/login', '/password/reset', '/password/reset/sent', '/no/such/page']) await visit(path);
  await page.goto(`${site.url}/login`);
  await page.getByLabel('E-mail address or username').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('wrong-password');
  await press('Sign in');
  await check('a refused sign-in');

  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await check('a sign-in for a client');
  await visit('/register/confirm?token=nonsense');
  await visit('/register');
  const email = 'maximiliane@example.org';
  await page.getByLabel('E-mail address').fill(email);
  await press('Send the code');
  await check('the code');
  await page.getByLabel('Six-digit code').fill(await newCode(email));
  await press('Continue');
  await check('the details');
  await page.getByLabel('Full name').fill('Maximiliane Wolkenstein-Trostburg-Überlingen');
  await page.getByLabel('Password').fill('password-of-no-strength'.slice(0, 9));
  await page.getByRole('checkbox').check();
  await press('Create the account');
  await check('refused details');
  await page.getByLabel('Password').fill('tea-at-half-past-six');
  await press('Create the account');
  for (const path of ['/', '/account', '/account/profile', '/account/password', '/account?done=profile', '/playground'])
    await visit(path);
  await visit('/account/two-step');
  await page.getByLabel('Current password').fill('tea-at-half-past-six');
  await press('Set up an app');
  await check('setting up an app');
  const key = (await page.locator('.hint code').textContent())?.replaceAll(' ', '') ?? '';
  await page.getByLabel('Code from the app').fill(new TOTP({ secret: Secret.fromBase32(key) }).generate());
  await press('Turn on');
  await check('recovery codes');
  const recoveryCode = (await page.locator('.codes code').first().textContent()) ?? '';
  await visit('/account/two-step');
  await page.goto(`${site.url}/account`);
  await press('Sign out');
  await page.goto(`${site.url}/login`);
  await page.getByLabel('E-mail address or username').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('tea-at-half-past-six');
  await press('Sign in');
  await check('the second step');
  await page.getByLabel('Code from the app').fill(recoveryCode);
  await press('Sign in');
  await visit('/account/email/stop?token=nonsense');
  await visit('/account/email');
  await page.getByLabel('New e-mail address').fill('wolkenstein@example.org');
  await page.getByLabel('Current password').fill('tea-at-half-past-six');
  await press('Send the code');
  await check('the code for a new address');
  const mail = await eventually('a mail to the old address', async () =>
    (await site.mails()).find(({ text }) => text.includes('/account/email/stop')),
  );
  await page.goto(/\S+\/account\/email\/stop\S+/.exec(mail.text)?.[0] ?? '');
  await check('stopping a change');
  await press('Stop the change');
  await check('a stopped change');
  expect(problems).toEqual([]);
}, 90_000);

test('the keyboard alone signs in: the focus is visible and goes from field to field to button', async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/login`);
  await page.locator('#identifier:focus').waitFor();
  await page.keyboard.type('ada@example.org');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.id')).toBe('password');
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await page.keyboard.type('ada-password-1');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Forgot password?');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign in');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${site.url}/account`);
});

test('after a refusal the focus is on what is wrong, and leads to the field', async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/password/reset`);
  await page.getByLabel('E-mail address').fill('not-an-address@nowhere');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.waitForFunction('document.activeElement.getAttribute("role") === "alert"');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('email');
});
