import { Secret, TOTP } from 'otpauth';
import { type Inspection, passwordOf } from './inspection.js';

/** An authenticator app, from setting it up to signing in with it. */
export async function walkThroughTwoStep({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signIn, signUp } = await newVisitor();
  await signUp('sofia');
  await visit('/account/two-step');
  await fill({ 'Current password': passwordOf('sofia') });
  await press('Set up an app');
  await page.waitForURL(`${site.url}/account/two-step/set-up`);
  await check('setting up an app');
  const key = (await page.locator('.hint code').textContent())?.replaceAll(' ', '') ?? '';
  await fill({ 'Code from the app': '000000' });
  await press('Turn on');
  await page.getByRole('alert').waitFor();
  await check('a refused code');
  await fill({ 'Code from the app': new TOTP({ secret: Secret.fromBase32(key) }).generate() });
  await press('Turn on');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  await check('recovery codes');
  const recoveryCode = (await page.locator('.codes code').first().textContent()) ?? '';
  await visit('/account/two-step');

  await press('Sign out');
  await page.waitForURL(`${site.url}/`);
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await signIn('sofia');
  await page.waitForURL(/\/login\/[^/]+\/second-step$/);
  await check('the second step on the way to an application');
  await page.goto(`${site.url}/login`);
  await signIn('sofia');
  await page.waitForURL(`${site.url}/login/second-step`);
  await check('the second step');
  await fill({ 'Code from the app': 'wrong' });
  await press('Sign in');
  await page.getByRole('alert').waitFor();
  await check('a refused second step');
  await fill({ 'Code from the app': recoveryCode });
  await press('Sign in');
  await page.waitForURL(`${site.url}/account`);
}
