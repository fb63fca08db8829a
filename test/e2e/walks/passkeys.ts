import { offerNothing, plugIn } from '../../support/virtual-authenticator.js';
import { type Inspection, passwordOf } from './inspection.js';

/** A passkey, from adding it to signing in with it. */
export async function walkThroughPasskeys({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signIn, signUp } = await newVisitor();
  await offerNothing(page);
  await plugIn(page);
  await signUp('hedy');
  await visit('/account/passkeys');
  await visit('/account/passkeys/new');
  await fill({ 'Current password': 'wrong' });
  await press('Continue');
  await page.getByRole('alert').waitFor();
  await check('a refused proof');
  await fill({ 'Current password': passwordOf('hedy') });
  await press('Continue');
  await page.waitForURL(`${site.url}/account/passkeys/create`);
  await check('naming the new passkey');
  await fill({ Name: 'Telephone of remarkable length and beauty' });
  await press('Create the passkey');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  for (const path of ['/account/passkeys?done=added', '/account/passkeys/new', '/account/two-step']) await visit(path);

  await page.goto(`${site.url}/account/passkeys`);
  await page.getByRole('link', { name: 'Change' }).click();
  await check('one passkey');
  await fill({ Name: ' ' });
  await press('Save');
  await page.getByRole('alert').waitFor();
  await check('a refused name');
  await press('Use a passkey');
  await page.getByText('Your passkey is ready').waitFor();
  await check('a passkey that is ready');

  await press('Sign out');
  await page.waitForURL(`${site.url}/`);
  await visit('/login');
  await signIn('hedy');
  await page.waitForURL(`${site.url}/login/second-step`);
  await check('the second step with a passkey');
}
