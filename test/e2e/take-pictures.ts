import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { eventually } from '../support/eventually.js';
import { walkThroughApplications } from './walks/applications.js';
import { createInspection, type Inspection, passwordOf } from './walks/inspection.js';
import { walkOut } from './walks/leaving.js';
import { walkAsPartner } from './walks/partners.js';
import { walkThroughPasskeys } from './walks/passkeys.js';
import { walkThroughRegistration } from './walks/registration.js';
import { walkThroughTwoStep } from './walks/two-step.js';

const folder = 'docs/images';
const viewport = { width: 560, height: 660 };

let site: DemoSite;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  site = await startDemoSite({ PORTICO_TERMS_URL: 'https://example.edu/terms' });
});
afterAll(() => site[Symbol.asyncDispose]());

type Take = (page: Page, file: string) => Promise<unknown>;
const take: Take = (page, file) => page.screenshot({ path: `${folder}/${file}.png` });

const takeByDayAndNightAndOnAPhone: Take = async (page, file) => {
  await take(page, `${file}-light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, `${file}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 320, height: 660 });
  await take(page, `${file}-phone`);
  await page.setViewportSize(viewport);
};

/** Of pages with much text, so that the files stay small. */
const lower =
  (takeIt: Take): Take =>
  async (page, file) => {
    await page.setViewportSize({ ...viewport, height: 480 });
    await takeIt(page, file);
    await page.setViewportSize(viewport);
  };

/** At which page of a walk a picture is taken. */
const walks: {
  walk: (inspection: Inspection) => Promise<void>;
  pictures: Record<string, [file: string, take: Take]>;
}[] = [
  { walk: walkThroughRegistration, pictures: { 'the details': ['register', take] } },
  {
    walk: walkThroughTwoStep,
    pictures: { 'setting up an app': ['authenticator-app', take], 'the second step': ['second-step', take] },
  },
  { walk: walkThroughPasskeys, pictures: { '/account/passkeys?done=added': ['passkeys', take] } },
  {
    walk: walkAsPartner,
    pictures: {
      'a program with uploads': ['partner-program', lower(take)],
      'failed rows of an upload': ['partner-rows', lower(takeByDayAndNightAndOnAPhone)],
    },
  },
  { walk: walkOut, pictures: { 'asking for data': ['data', take] } },
  {
    walk: walkThroughApplications,
    pictures: {
      consent: ['consent', take],
      'is it your device': ['device', take],
      '/account': ['account', take],
      'a sign-in for the LMS': ['sign-in', takeByDayAndNightAndOnAPhone],
    },
  },
];

test.each(walks)(
  'pictures of $walk.name',
  async ({ walk, pictures }) => {
    const taken: string[] = [];
    const inspection = createInspection(site, {
      device: { viewport },
      person: 'Emmy Noether',
      application: 'Lecture Player',
      look: async (page, name) => {
        const [file, takeIt] = pictures[name] ?? [];
        if (file && takeIt) {
          await takeIt(page, file);
          taken.push(name);
        }
        return [];
      },
    });
    await walk(inspection);
    expect(taken.sort()).toEqual(Object.keys(pictures).sort());
  },
  60_000,
);

test('a picture of the playground', async () => {
  const page = await site.newPage({ viewport: { width: 740, height: 420 } });
  await page.goto(`${site.url}/playground`);
  await page.getByLabel('E-mail address or username').fill('root');
  await page.getByLabel('Password', { exact: true }).fill(passwordOf('root'));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.graphiql-tab-button').getByText('FindAccount', { exact: true }).click();
  await page.locator('.graphiql-query-editor .view-lines').getByText('FindAccount').first().waitFor();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await eventually('the answer', async () =>
    (await page.locator('.result-window .view-lines').textContent())?.includes('grace'),
  );
  await page.screenshot({ path: `${folder}/playground.png` });
}, 60_000);
