import { type Inspection, mailedLink, passwordOf } from './inspection.js';

/** What people see and change of themselves. */
export async function walkThroughAccount({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signUp } = await newVisitor();
  await signUp('leonhard');
  for (const path of ['/account', '/account?done=profile', '/account/profile', '/account/password']) await visit(path);
  await fill({ 'Current password': 'wrong', 'New password': 'tea-at-half-past-six' });
  await press('Change password');
  await page.getByRole('alert').waitFor();
  await check('a refused change of the password');

  await visit('/account/email/stop?token=nonsense');
  await visit('/account/email/confirm?token=nonsense');
  const changeTo = async (email: string) => {
    await fill({ 'New e-mail address': email, 'Current password': passwordOf('leonhard') });
    await press('Send the code');
    await page.waitForURL(`${site.url}/account/email/code`);
  };
  await visit('/account/email');
  await changeTo('leonhard-wolkenstein-trostburg@example.org');
  await check('the code for a new address');
  await page.goto(await mailedLink(site, 'leonhard@example.org', '/account/email/stop'));
  await check('stopping a change');
  await press('Stop the change');
  await check('a stopped change');
  await page.goto(`${site.url}/account/email`);
  await changeTo('euler@example.org');
  await page.goto(await mailedLink(site, 'euler@example.org', '/account/email/confirm'));
  await check('confirming a new address');
  await press('Confirm this address');
  await check('a changed address');
}
