import { expect, test } from 'vitest';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import { type PageSite, startPageSite } from '../../support/page-site.js';
import type { PageVisitor } from '../../support/page-visitor.js';

const password = 'ada-password-1';

async function signIn(site: PageSite, identifier = 'ada'): Promise<PageVisitor> {
  const visitor = site.newVisitor();
  await visitor.go('/login?next=%2Faccount');
  await visitor.submit({ identifier, password });
  return visitor;
}

async function siteWithAda(): Promise<PageSite & { adaId: string }> {
  const site = await startPageSite();
  const ada = aNewAccount({ email: 'ada@example.org', name: 'Ada Lovelace', username: 'ada', password });
  return { ...site, adaId: (await site.services.accounts.create(ada, systemActor)).id };
}

test('the account page needs a sign-in, and comes back after it', async () => {
  await using site = await siteWithAda();
  const visitor = site.newVisitor();
  await visitor.go('/account');
  expect(visitor.path).toBe('/login?next=%2Faccount');
  await visitor.submit({ identifier: 'ada', password });
  expect(visitor.path).toBe('/account');
  for (const text of ['Ada Lovelace', 'ada@example.org', 'On its way', 'Firefox on Linux', 'This browser'])
    expect(visitor.text).toContain(text);
});

test('a session of an account that was closed since opens nothing', async () => {
  await using site = await siteWithAda();
  const visitor = await signIn(site);
  await site.services.orm.em.fork().execute(`update account set status = 'BLOCKED'`);
  await visitor.go('/account');
  expect(visitor.path).toBe('/login?next=%2Faccount');
  await visitor.submit({ identifier: 'ada', password });
  expect(visitor.text).toContain('This account was blocked.');
});

test('the profile is edited by the rules of the LMS', async () => {
  await using site = await siteWithAda();
  const visitor = await signIn(site);
  await visitor.go('/account/profile');
  await visitor.submit({ name: 'Ada <King>', country: 'GB' });
  expect(visitor.response?.statusCode).toBe(422);
  expect(visitor.response?.body).toContain('href="#name"');
  expect(visitor.response?.body).toContain('<option value="GB" selected>');
  await visitor.submit({ name: 'Ada King', country: 'GB' });
  expect(visitor.path).toBe('/account?done=profile');
  for (const text of ['Your profile was saved.', 'Ada King', 'United Kingdom']) expect(visitor.text).toContain(text);
});

test('a new password needs the present one and ends the other sessions', async () => {
  await using site = await siteWithAda();
  const other = await signIn(site);
  const visitor = await signIn(site, 'ada@example.org');
  await visitor.go('/account/password');
  await visitor.submit({ currentPassword: 'wrong', password: 'tea-at-half-past-six' });
  expect(visitor.text).toContain('This is not your current password.');
  await visitor.submit({ currentPassword: password, password: 'tea-at-half-past-six' });
  expect(visitor.path).toBe('/account?done=password');
  await other.go('/account');
  expect(other.path).toBe('/login?next=%2Faccount');
});

test('sessions are ended one by one, or all at once, and only one’s own', async () => {
  await using site = await siteWithAda();
  await site.services.accounts.create(
    aNewAccount({ email: 'eve@example.org', name: 'Eve', username: 'eve', password }),
    systemActor,
  );
  const eve = await signIn(site, 'eve');
  const [first, second] = [await signIn(site), await signIn(site)];
  expect(site.signIn.sessions.size).toBe(3);
  const [eveUid = ''] = [...site.signIn.sessions].find(([, owner]) => owner !== site.adaId) ?? [];
  await first.go('/account');
  await first.submit({ uid: eveUid }, { action: '/account/sessions/revoke' });
  expect(site.signIn.sessions.size).toBe(3);
  await first.submit({}, { action: '/account/sessions/revoke' });
  expect(site.signIn.sessions.size).toBe(2);
  await second.go('/account');
  expect(second.path).toBe('/login?next=%2Faccount');
  await first.submit({}, { action: '/account/sessions/end-all' });
  expect(first.text).toContain('You were signed out everywhere.');
  await eve.go('/account');
  expect(eve.path).toBe('/account');
});

test('what stands against the edX account is said, with what to do', async () => {
  await using site = await siteWithAda();
  const visitor = await signIn(site);
  const em = site.services.orm.em.fork();
  const show = async (
    state: 'LINKED' | 'REJECTED' | 'CONFLICT' | 'NOT_LINKED' | 'MISSING_UPSTREAM' | 'DEACTIVATED',
  ) => {
    const message = 'Somebody else has this e-mail address there.';
    const lastError = { upstream: 'lms', code: 'duplicate-email', message, retryable: false, at: '' };
    await em.nativeUpdate(EdxLinkEntity, {}, { state, edxUsername: 'ada_there', lastError });
    await visitor.go('/account');
    return visitor.text;
  };
  expect(await show('LINKED')).toContain('ada_there');
  expect(visitor.response?.body).toContain('http://lms.localhost:18000/auth/login/ol-oauth2/');
  expect(await show('CONFLICT')).toContain('Somebody else has this e-mail address there. Try again');
  expect(await show('REJECTED')).toContain('Needs attention');
  expect(await show('MISSING_UPSTREAM')).toContain('Create it again');
  expect(await show('DEACTIVATED')).toContain('Closed');
  expect(await show('NOT_LINKED')).toContain('Create it now');
  await visitor.submit({}, { action: '/account/edx' });
  expect(visitor.text).toContain('will be ready in a moment');
});
