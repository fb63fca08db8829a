import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemoSite } from '../support/demo-site.js';
import { type RouteWatch, watchRoutes } from '../support/route-watch.js';
import { walkThroughAccount } from './walks/account.js';
import { walkThroughApplications } from './walks/applications.js';
import { createInspection, type Inspection } from './walks/inspection.js';
import { walkOut } from './walks/leaving.js';
import { walkAsPartner } from './walks/partners.js';
import { walkThroughPasskeys } from './walks/passkeys.js';
import { walkThroughRegistration } from './walks/registration.js';
import { walkAsSchoolLearner } from './walks/schools.js';
import { walkAsStaff } from './walks/staff.js';
import { walkAsStranger } from './walks/strangers.js';
import { walkThroughTwoStep } from './walks/two-step.js';

let routes: RouteWatch;
let site: DemoSite;
let inspection: Inspection;
beforeAll(async () => {
  routes = watchRoutes();
  site = await startDemoSite({
    PORTICO_TERMS_URL: 'https://example.edu/terms',
    PORTICO_PRIVACY_URL: 'https://example.edu/privacy',
    PORTICO_SUPPORT_EMAIL: 'help@example.edu',
  });
  inspection = createInspection(site);
});
afterAll(async () => {
  routes[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

const walks = {
  'of a stranger': walkAsStranger,
  'of the registration': walkThroughRegistration,
  'of the account': walkThroughAccount,
  'of two-step sign-in': walkThroughTwoStep,
  'of passkeys': walkThroughPasskeys,
  'of a copy of one’s data, and of deletion': walkOut,
  'of applications and devices': walkThroughApplications,
  'of staff': walkAsStaff,
  'of learners of schools': walkAsSchoolLearner,
  'of partner schools': walkAsPartner,
};

test.each(Object.entries(walks))(
  'the pages %s are accessible, by day and by night, on a phone of 320 pixels',
  async (_name, walk) => {
    // Told also when the walk cannot go on: a problem may be why.
    await walk(inspection).finally(() => expect(inspection.problems.splice(0)).toEqual([]));
  },
  60_000,
);

/** What answers programs, or has no page but those of errors. All else that answers a GET is a page. */
const withoutPage = [
  '/_/auth/complete',
  '/account/data/download',
  '/api/openapi.json',
  '/api/operations/:operationId/download',
  '/api/program-reports/:programId/:name',
  '/api/third_party_auth/v0/providers/:providerId/users',
  '/api/users/me',
  '/api/users/me/',
  '/api/v0/userinfo',
  '/api/v0/userinfo/',
  '/assets/:name',
  '/graphql',
  '/graphql/stream',
  '/health',
  '/health/full',
  '/health/live',
  '/health/liveness',
  '/health/readiness',
  '/health/ready',
  '/health/startup',
  '/login/_private/complete',
  '/login/with/:slug',
  '/login/with/:slug/callback',
  '/metrics',
  '/oauth2/authorize',
  '/oauth2/device-authorization',
  '/oauth2/introspect',
  '/oauth2/jwks',
  '/oauth2/par',
  '/oauth2/revoke_token',
  '/oauth2/token',
  '/oauth2/userinfo',
  '/partner/programs/:programKey/operations/:id/download',
  '/partner/programs/:programKey/operations/:id/failed-rows.csv',
  '/partner/programs/:programKey/reports/:name',
  '/playground/assets/:name',
];

test('every page that there is was looked at', async () => {
  const known = await knownPaths();
  const looked = [...withoutPage, ...[...inspection.seen].map(pageOf)];
  expect(known.filter((path) => !looked.includes(path))).toEqual([]);
  expect(looked.filter((path) => !known.includes(path))).toEqual([]);
});

test('docs/pages.md names every page', async () => {
  const named = [...(await readFile('docs/pages.md', 'utf8')).matchAll(/^\| `(\/[^`]*)` \|/gm)].map(([, path]) => path);
  expect(named.sort()).toEqual((await knownPaths()).filter((path) => !withoutPage.includes(path)).sort());
});

/** The provider's pages have one route of the web server for all, and are told apart by their paths. */
function pageOf(path: string): string {
  const route = routes.routeOf(path) ?? path;
  return route.endsWith('/*') ? path.replace(/\/[\w-]{40,}$/, '/:uid') : route;
}

/** Everything that answers a GET: routes of the web server, and below `/oauth2/` the provider's endpoints by its own word. */
async function knownPaths(): Promise<string[]> {
  const answer = await fetch(`${site.url}/.well-known/openid-configuration`);
  const metadata = (await answer.json()) as Record<string, unknown>;
  const endpoints = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name));
  const routePaths = [...routes.gets]
    .filter((path) => !path.endsWith('/*'))
    .map((path) => path.replace(/^\/assets\/.+/, '/assets/:name'));
  return [
    ...new Set(routePaths),
    ...endpoints.map(([, url]) => new URL(String(url)).pathname),
    // What its metadata does not hold: where the person of a device goes and ends, and where a sign-out ends.
    '/oauth2/device',
    '/oauth2/device/:uid',
    '/oauth2/logout/success',
  ];
}

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
