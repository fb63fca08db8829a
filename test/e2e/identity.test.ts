import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';
import { problemsOf } from '../support/page-problems.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test('a learner of the demo’s university signs in there, and the LMS knows who they are', async () => {
  const { services } = site.gateway.context;
  const page = await site.newPage();
  await page.goto(`${site.url}/login`);
  const problems = await problemsOf(page, 'sign-in page');
  await page.getByRole('link', { name: 'Sign in with Demo University' }).click();
  await page.getByRole('button', { name: 'Lena Okafor' }).click();
  await page.getByRole('heading', { name: 'Welcome from Demo University' }).waitFor();
  problems.push(...(await problemsOf(page, 'newcomer')));
  expect(await page.getByLabel('Full name').inputValue()).toBe('Lena Okafor');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.waitForURL(`${site.url}/account`);
  expect(await page.textContent('main')).toContain('Your key there: DU-0004');
  problems.push(...(await problemsOf(page, 'account')));

  // The list of learners is read after she came: the LMS hears of her all the same.
  await eventually('her account at the LMS', async () => {
    const account = await services.accounts.findByEmail('lena@demou.example.edu');
    return account && (await services.edxLinks.find(account.id))?.state === 'LINKED';
  });
  const masters = await services.programs.findByKey('masters-in-computer-science');
  if (!masters) throw new Error('the demo has no such program');
  await services.programLearners.read(masters, { purpose: 'schedule' });
  await eventually('the LMS ties her key', async () => {
    const { programs } = site.gateway.sandbox.state;
    return programs.enrollment(masters.discoveryUuid ?? '', 'DU-0004')?.username != null;
  });

  await page.getByRole('link', { name: 'Remove Demo University' }).click();
  await page.getByRole('heading', { name: 'Remove Demo University' }).waitFor();
  problems.push(...(await problemsOf(page, 'removing')));
  await page.getByRole('button', { name: 'Remove' }).click();
  expect(await page.getByRole('status').textContent()).toContain('was removed');
  expect(problems).toEqual([]);
});
