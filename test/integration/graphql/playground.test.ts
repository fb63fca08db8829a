import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { launchBrowser } from '../../support/chromium.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';

let site: GraphSite;
let root: Account;
let browser: Browser;
beforeAll(async () => {
  site = await startGraphSite();
  root = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site[Symbol.asyncDispose]();
});

/** Signs in on the way to the playground, as somebody who was sent there does. */
async function openPlayground(page: Page, person: Account): Promise<void> {
  await page.goto(`${site.url}/playground`);
  await page.fill('[name=identifier]', person.email);
  await page.fill('[name=password]', testPassword);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/playground');
}

/** The editor writes its spaces as no-break ones. */
const answerOf = async (page: Page) =>
  ((await page.locator('.result-window').textContent()) ?? '').replaceAll('\u00a0', ' ');
/**
 * Runs the operation of a tab, and waits until the answer has a text or `isDone` says so. While an operation runs the editor
 * ignores clicks on tabs, and it learns the name of a tab's operation a moment after its text: until then it refuses to run.
 */
const runTab = async (page: Page, name: string, isDone: string | (() => Promise<boolean>)) => {
  const tab = page.locator('.graphiql-tab', { has: page.locator(`[title="${name}"]`) });
  await eventually(`the tab ${name}`, async () => {
    await tab.locator('.graphiql-tab-button').click();
    return (await tab.getAttribute('aria-selected')) === 'true';
  });
  await page.click('button.graphiql-execute-button');
  await eventually(`the answer of ${name}`, async () => {
    const answer = await answerOf(page);
    if (answer.includes('Cannot infer operation')) await page.click('button.graphiql-execute-button');
    return typeof isDone === 'string' ? answer.includes(isDone) : isDone();
  });
};

test('the playground runs queries, mutations and subscriptions from its tabs, and contacts no other host', async () => {
  const hosts = new Set<string>();
  const complaints: string[] = [];
  const page = await (await browser.newContext()).newPage();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await openPlayground(page, root);
  await page.waitForSelector('.graphiql-tab');

  await runTab(page, 'Dashboard', '"username": "root"');
  await runTab(page, 'FindAccount', '"account": null');
  await runTab(page, 'Operations', '"breaker": "CLOSED"');
  await runTab(page, 'EnrollInCourse', '"title": "E2E Test Course"');

  await runTab(page, 'EnrollmentChanged', async () => {
    const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === 1;
  });
  const courseKey = 'course-v1:DemoU+PHYS101+2026_T1';
  await site.gateway.context.services.enrollments.request({ accountId: root.id, courseKey }, systemActor);
  await eventually('the event', async () => (await answerOf(page)).includes('"state": "PENDING"'));

  expect([...hosts]).toEqual([new URL(site.url).host]);
  expect(complaints).toEqual([]);
  await page.context().close();
}, 60_000);

test('strangers are sent to sign in, and learners are told that it is not for them', async () => {
  const get = (headers: Record<string, string> = {}) =>
    fetch(`${site.url}/playground`, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
  const stranger = await get();
  expect([stranger.status, stranger.headers.get('location')]).toEqual([302, '/login?next=/playground']);

  const page = await (await browser.newContext()).newPage();
  await openPlayground(page, await site.aPerson({ username: 'ada' }));
  expect(await page.locator('body').textContent()).toContain('members of staff');
  await page.context().close();
});

test('its page runs our scripts only, and its files may be kept for ever', async () => {
  const caller = await site.caller(root, 'user:read');
  const page = await fetch(`${site.url}/playground`, { headers: { authorization: `Bearer ${caller.token}` } });
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
  expect(page.headers.get('cache-control')).toBe('no-store');
  const html = await page.text();
  expect(html).not.toMatch(/<script>|https?:\/\//);
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const asset = await fetch(site.url + path, { headers: { 'accept-encoding': 'gzip' } });
    expect(asset.status, path).toBe(200);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.headers.get('content-encoding')).toBe('gzip');
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(1000);
  }
  for (const path of [
    '/playground/assets/nothing.js',
    '/playground/assets/..%2Findex.html',
    '/playground/assets/%2e%2e/index.html',
  ])
    expect((await fetch(site.url + path)).status, path).toBe(404);
});

test('with introspection off there is no playground', async () => {
  await using quiet = await startGraphSite({ env: { GRAPHQL_INTROSPECTION: 'off' } });
  const caller = await quiet.caller(await quiet.aPerson({ username: 'root', roles: ['ADMIN'] }), 'user:read');
  const answer = await fetch(`${quiet.url}/playground`, { headers: { authorization: `Bearer ${caller.token}` } });
  expect(answer.status).toBe(404);
});
