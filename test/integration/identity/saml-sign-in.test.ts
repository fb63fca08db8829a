import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { startUniversity, type University } from './university.js';

let university: University;
beforeAll(async () => {
  university = await startUniversity();
  const { identityUrl } = university.site.gateway.sandbox;
  const key = await (await fetch(`${identityUrl}/saml/key`)).text();
  await university.site.gateway.context.services.identityProviders.ensure(
    {
      slug: 'saml',
      organizationKey: 'DemoU',
      kind: 'SAML',
      label: 'DemoU by SAML',
      issuer: identityUrl,
      ssoUrl: `${identityUrl}/saml/sso`,
      certificates: [key],
      keyClaim: 'student_key',
    },
    systemActor,
  );
  await university.setPeople([person('lena', 'DU-0004'), person('root', 'DU-1')]);
});
afterAll(() => university[Symbol.asyncDispose]());

const person = (sub: string, studentKey: string) => ({
  sub,
  name: `${sub} of Demo`,
  email: `${sub}@demou.example.edu`,
  emailVerified: true,
  studentKey,
});
type Browser = ReturnType<University['newBrowser']>;
const isSignedIn = async (browser: Browser) => (await browser.visit('/account')).status === 200;

/** The form that takes an answer back, as the browser would send it. */
async function answerOf(browser: Browser, form: Record<string, string>): Promise<URLSearchParams> {
  const away = await browser.go('/login/with/saml');
  const { origin, pathname, searchParams } = new URL(away.url);
  const body = new URLSearchParams(searchParams);
  for (const [name, value] of Object.entries(form)) body.set(name, value);
  const html = await (await fetch(origin + pathname, { method: 'POST', body })).text();
  const read = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  const plain = (value: string) => value.replace(/&#(\d+);/g, (_mark, code) => String.fromCharCode(Number(code)));
  return new URLSearchParams({ SAMLResponse: plain(read('SAMLResponse')), RelayState: plain(read('RelayState')) });
}

/** From another site: without the cookies of this one. */
async function post(browser: Browser, body: URLSearchParams) {
  const { origin } = new URL(university.site.gateway.sandbox.identityUrl);
  const answer = await fetch(`${university.site.url}/login/with/saml/callback`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { origin, 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status).toBe(303);
  return browser.go(answer.headers.get('location') ?? '');
}

test('a learner signs in by a signed assertion, and is the learner of its key', async () => {
  const { services } = university.site.gateway.context;
  const browser = university.newBrowser();
  const welcome = await post(browser, await answerOf(browser, { person: 'lena' }));
  expect(welcome.text).toContain('lena@demou.example.edu');
  expect((await browser.submit({ name: 'Lena', username: '' })).text).toContain('Your key there: DU-0004');
  const organizationId = (await services.programs.findOrganization('DemoU'))?.id ?? '';
  await eventually('the learner is tied', async () => {
    const [learner] = await services.learnerLinks.find({ organizationId, externalKey: 'du-0004' });
    return learner?.state === 'LINKED';
  });
  const again = university.newBrowser();
  expect((await post(again, await answerOf(again, { person: 'lena' }))).url).toContain('/account');
  expect(await isSignedIn(again)).toBe(true);
});

test.each(['unsigned', 'foreign-key', 'audience', 'saml-expired', 'in-response-to', 'saml-issuer', 'transient'])(
  'an assertion that is spoiled, %s, signs nobody in',
  async (mode) => {
    await university.spoil(mode);
    const browser = university.newBrowser();
    const page = await post(browser, await answerOf(browser, { person: 'lena' })).finally(() => university.spoil(null));
    expect(page.status).toBe(502);
    expect(page.text).toContain('could not be used');
    expect(await isSignedIn(browser)).toBe(false);
  },
);

test('an assertion that is wrapped around a signed one counts for nobody else', async () => {
  await university.spoil('wrapped');
  const browser = university.newBrowser();
  const body = await answerOf(browser, { person: 'root', other: 'lena' });
  const page = await post(browser, body).finally(() => university.spoil(null));
  expect(page.text).not.toContain('lena@demou.example.edu');
  expect(await isSignedIn(browser)).toBe(false);
});

test('an answer counts once, for the browser that asked, and not for another request', async () => {
  const browser = university.newBrowser();
  const body = await answerOf(browser, { person: 'lena' });
  await post(browser, body);
  expect(await isSignedIn(browser)).toBe(true);

  const replaying = university.newBrowser();
  expect((await post(replaying, body)).status).toBe(400);
  // The assertion of one request in the place of another's.
  const fresh = await answerOf(replaying, { person: 'root' });
  fresh.set('SAMLResponse', body.get('SAMLResponse') ?? '');
  expect((await post(replaying, fresh)).status).toBe(502);
  expect(await isSignedIn(replaying)).toBe(false);

  const victim = university.newBrowser();
  await answerOf(victim, { person: 'root' });
  const thief = university.newBrowser();
  expect((await post(victim, await answerOf(thief, { person: 'lena' }))).status).toBe(400);
  expect(await isSignedIn(victim)).toBe(false);
});

test('whoever says no is told so', async () => {
  const browser = university.newBrowser();
  expect((await post(browser, await answerOf(browser, { person: '' }))).status).toBe(403);
});
