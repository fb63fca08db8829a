import { type Inspection, mailedCode } from './inspection.js';

/** From an e-mail address to an account. */
export async function walkThroughRegistration({ site, person, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill } = await newVisitor();
  const email = 'maximiliane@example.org';
  await visit('/register/confirm?token=nonsense');
  await visit('/register');
  await fill({ 'E-mail address': email });
  await press('Send the code');
  await check('the code');
  await fill({ 'Six-digit code': '000000' });
  await press('Continue');
  await page.getByRole('alert').waitFor();
  await check('a refused code');
  await fill({ 'Six-digit code': await mailedCode(site, email) });
  await press('Continue');
  await page.waitForURL(`${site.url}/register/details`);
  await check('the details');
  await fill({ 'Full name': person, Password: 'password1' });
  await page.getByRole('checkbox').check();
  await press('Create the account');
  await page.getByRole('alert').waitFor();
  await check('refused details');
  await fill({ Password: 'tea-at-half-past-six' });
  await press('Create the account');
  await page.waitForURL(`${site.url}/account`);
  await check('a new account');
  await visit('/');
}
