import { type Inspection, mailedLink } from './inspection.js';

/** What whoever is not signed in sees, up to a new password. */
export async function walkAsStranger({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signIn } = await newVisitor();
  for (const path of ['/', '/no/such/page', '/api/docs', '/login', '/login/none', '/login/second-step'])
    await visit(path);
  await page.goto(`${site.url}/login`);
  await signIn('grace', 'wrong-password');
  await check('a refused sign-in');

  await visit('/password/reset/choose?token=nonsense');
  await visit('/password/reset');
  await fill({ 'E-mail address': 'nobody@nowhere' });
  await press('Send the link');
  await check('a refused address');
  await fill({ 'E-mail address': 'grace@example.org' });
  await press('Send the link');
  await page.waitForURL(`${site.url}/password/reset/sent`);
  await check('a mail on its way');
  await page.goto(await mailedLink(site, 'grace@example.org', '/password/reset/choose'));
  await check('choosing a new password');
  await fill({ 'New password': 'password1' });
  await press('Save the password');
  await page.getByRole('alert').waitFor();
  await check('a refused password');
  await fill({ 'New password': 'grace-password-1' });
  await press('Save the password');
  await page.waitForURL(/done=password-reset/);
  await check('after a new password');

  // She has no account in the LMS, so that nothing has to be waited for.
  await signIn('grace');
  await page.waitForURL(`${site.url}/account`);
  await visit('/register/welcome');
  await visit('/playground');
}
