import { Secret, TOTP } from 'otpauth';
import { type Inspection, passwordOf } from './inspection.js';

/** Learners who sign in at their school: one who is new, one who has an account, and what they see afterwards. */
export async function walkAsSchoolLearner({ site, newVisitor }: Inspection): Promise<void> {
  const newcomer = await newVisitor();
  await newcomer.page.goto(`${site.url}/login/with/demou`);
  await newcomer.page.getByRole('button', { name: 'Paul Meyer' }).click();
  await newcomer.page.waitForURL(`${site.url}/login/with/new`);
  await newcomer.check('a learner who is new');
  await newcomer.page.getByLabel('I agree to the').check();
  await newcomer.press('Create the account');
  await newcomer.page.waitForURL(`${site.url}/account`);
  await newcomer.check('an account with a school');
  await newcomer.page.getByRole('link', { name: 'Remove Demo University' }).click();
  await newcomer.page.waitForURL(/\/remove$/);
  await newcomer.check('giving a school up');

  const hedwig = { sub: 'hedwig', name: 'Hedwig', email: 'hedwig@example.org', emailVerified: true, studentKey: null };
  await fetch(`${site.gateway.sandbox.identityUrl}/_sandbox/people`, { method: 'PUT', body: JSON.stringify([hedwig]) });
  const { page, check, press, fill, signUp } = await newVisitor();
  await signUp('hedwig');
  await page.goto(`${site.url}/login/with/demou`);
  await page.getByRole('button', { name: 'Hedwig' }).click();
  await page.waitForURL(`${site.url}/account/identities/connect`);
  await check('connecting a school');
  await press('Connect');
  await page.waitForURL(/\/account\?done=connected$/);
  await check('a connected school');
  await page.goto(`${site.url}/account/two-step`);
  await fill({ 'Current password': passwordOf('hedwig') });
  await press('Set up an app');
  await page.waitForURL(`${site.url}/account/two-step/set-up`);
  const key = (await page.locator('.hint code').textContent())?.replaceAll(' ', '') ?? '';
  await fill({ 'Code from the app': new TOTP({ secret: Secret.fromBase32(key) }).generate() });
  await press('Turn on');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  await press('Sign out');
  await page.waitForURL(`${site.url}/`);
  await page.goto(`${site.url}/login/with/demou`);
  await page.getByRole('button', { name: 'Hedwig' }).click();
  await page.waitForURL(/\/login\/with\/demou\/second-step/);
  await check('the second step after a school');
}
