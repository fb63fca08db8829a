import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { problemsOf } from '../support/page-problems.js';
import { csvFile } from './walks/partners.js';

const program = '/partner/programs/masters-in-computer-science';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function signIn(page: Page): Promise<void> {
  await page.goto(`${site.url}${program}`);
  await page.getByLabel('E-mail address or username').fill('dana');
  await page.getByLabel('Password', { exact: true }).fill('dana-password-1');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${site.url}${program}`);
}

async function upload(page: Page, content: string): Promise<void> {
  await page.getByLabel('CSV file').setInputFiles(csvFile(content));
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/operations\//);
}

test('a file is written while its progress is shown; what failed is put right, and sent alone', async () => {
  const page = await site.newPage();
  const failures: string[] = [];
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  await signIn(page);
  const good = Array.from({ length: 400 }, (_, index) => `BU-${index},enrolled`);
  await site.lms.faults([{ match: '/api/program_enrollments/*', method: 'PUT', mode: 'slow', ms: 1_500 }]);
  await upload(page, `student_key,status\n${good.join('\n')}\nBU-wrong,Enrolled\n`);
  await page.locator('[data-progress] progress').waitFor();
  const problems = await problemsOf(page, 'progress');
  // Nobody loads the page again: its script does when the file is written.
  await page.getByText('401 of 401 rows, 1 of them failed').waitFor();
  await page.getByRole('heading', { name: 'Failed rows' }).waitFor();
  problems.push(...(await problemsOf(page, 'failed rows')));
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the failed rows' }).click(),
  ]);
  const rows = await readFile(await file.path(), 'utf8');
  expect(rows).toContain('BU-wrong,Enrolled');
  await page.goto(`${site.url}${program}`);
  await upload(page, rows.replace('BU-wrong,Enrolled', 'BU-wrong,enrolled'));
  await page.getByText('1 of 1 rows, 0 of them failed').waitFor();
  expect([...problems, ...failures]).toEqual([]);
});

test('without scripts a file is uploaded, the page loads itself again, and a list is downloaded', async () => {
  const page = await site.newPage({ javaScriptEnabled: false });
  await signIn(page);
  await upload(page, 'student_key,status\nNS-1,enrolled\nNS-2,bogus\n');
  await page.getByText('2 of 2 rows, 1 of them failed').waitFor();
  await page.getByText('“bogus” is no status.').waitFor();
  await page.goto(`${site.url}${program}`);
  await page.getByRole('button', { name: 'Learners of the program' }).click();
  await page.waitForURL(/\/operations\//);
  const link = page.getByRole('link', { name: 'Download enrollments.csv' });
  await link.waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(await readFile(await file.path(), 'utf8')).toMatch(/^student_key,status,account_exists\r\n/);
});
