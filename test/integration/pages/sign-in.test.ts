import { describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import { type PageSite, startPageSite } from '../../support/page-site.js';

const ada = aNewAccount({
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  username: 'ada',
  password: 'ada-password-1',
});
const rightPassword = { identifier: 'ada@example.org', password: 'ada-password-1' };

async function siteWithAda(env?: Record<string, string>): Promise<PageSite & { adaId: string }> {
  const site = await startPageSite(env);
  const { id } = await site.services.accounts.create(ada, systemActor);
  return { ...site, adaId: id };
}

describe('the sign-in page', () => {
  test('signs a person in, and greets them', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    await visitor.submit(rightPassword);
    await visitor.go('/');
    expect(visitor.text).toContain('Hello, Ada Lovelace');
    expect([...site.signIn.sessions.values()]).toEqual([site.adaId]);
  });

  test('goes on at a place of ours and at no other', async () => {
    await using site = await siteWithAda();
    const here = site.newVisitor();
    await here.go('/login?next=%2F%3Fhello%3D1%26more%3D2');
    await here.submit(rightPassword);
    expect(here.path).toBe('/?hello=1&more=2');
    // Signed in already: at once.
    await here.go('/login?next=%2F%3Fagain');
    expect(here.path).toBe('/?again');
    for (const next of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'http://portico.localhost:8053//evil.example',
    ]) {
      const visitor = site.newVisitor();
      await visitor.go(`/login?next=${encodeURIComponent(next)}`);
      await visitor.submit(rightPassword);
      expect(visitor.path).toBe('/account');
    }
  });

  test('says the same about a wrong password and an unknown account, and keeps what was typed', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    for (const identifier of ['ada@example.org', 'nobody@example.org']) {
      await visitor.go('/login');
      await visitor.submit({ identifier, password: 'wrong-password' });
      expect(visitor.response?.statusCode).toBe(422);
      expect(visitor.text).toContain('E-mail address, username or password is not right.');
      expect(visitor.response?.body).toContain(`value="${identifier}"`);
      expect(visitor.response?.body).not.toContain('wrong-password');
    }
    expect(site.signIn.sessions.size).toBe(0);
  });

  test('answers too many failures with 429 and the time to wait', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    for (let attempt = 0; attempt < 11; attempt++)
      await visitor.submit({ ...rightPassword, password: `guess-${attempt}` });
    expect(visitor.response?.statusCode).toBe(429);
    expect(Number(visitor.response?.headers['retry-after'])).toBeGreaterThan(800);
    expect(visitor.text).toContain('Too many sign-ins failed');
  });

  test('takes NUL, 100 KB or half a character for a wrong identifier, not for a fault', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    for (const identifier of ['ada\0@example.org', 'x'.repeat(100_000), '\uD83D']) {
      await visitor.submit({ ...rightPassword, identifier });
      expect(visitor.response?.statusCode).toBe(422);
    }
  });

  test('shows what was typed as text, never as markup', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    await visitor.submit({ identifier: '"><script>alert(1)</script>', password: 'x' });
    expect(visitor.response?.body).not.toContain('<script>');
  });
});

describe('forms', () => {
  test('are taken from our own pages only', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      visitor.go('/login', {
        method: 'POST',
        payload: new URLSearchParams({ ...rightPassword, ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    expect((await send({}))?.statusCode).toBe(403);
    expect(visitor.text).toContain('was not sent from a page of this site');
    await visitor.go('/login');
    const token = /name="_csrf" value="([^"]+)"/.exec(visitor.response?.body ?? '')?.[1] ?? '';
    expect((await send({ _csrf: `${token}x` }))?.statusCode).toBe(403);
    expect((await send({ _csrf: token }, { origin: 'https://evil.example' }))?.statusCode).toBe(403);
    expect((await send({ _csrf: token }, { 'sec-fetch-site': 'cross-site' }))?.statusCode).toBe(403);
    expect(site.signIn.sessions.size).toBe(0);
    await send({ _csrf: token }, { origin: 'null', 'sec-fetch-site': 'same-origin' });
    expect(site.signIn.sessions.size).toBe(1);
  });

  test('keep their cookie beside that of the session', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    expect(visitor.cookie('portico_form')).toBeDefined();
    await visitor.submit(rightPassword);
    expect(visitor.cookie('portico_form')).toBeDefined();
    expect(visitor.cookie('test_session')).toBeDefined();
  });

  test('bind their cookie to the host when the site is on https', async () => {
    await using site = await startPageSite({ PORTICO_PUBLIC_URL: 'https://portico.example.edu' });
    const visitor = site.newVisitor('https://portico.example.edu');
    await visitor.go('/login');
    expect(visitor.response?.cookies).toEqual([
      expect.objectContaining({
        name: '__Host-portico_form',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
      }),
    ]);
  });
});

describe('pages', () => {
  test('cannot be framed, leak no address, load nothing foreign and are not stored', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    for (const path of ['/', '/login', '/no-such-page']) {
      const response = await visitor.go(path);
      expect(response?.headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(response?.headers['content-security-policy']).not.toMatch(/unsafe|script-src (?!'self')/);
    }
    const page = await visitor.go('/login');
    expect(page?.headers['content-security-policy']).not.toContain('form-action');
  });

  test('have one stylesheet, which browsers may keep', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    const page = await visitor.go('/login');
    const href = /<link rel="stylesheet" href="([^"]+)"/.exec(page?.body ?? '')?.[1] ?? '';
    const response = await visitor.go(href);
    expect(response?.headers['content-type']).toContain('text/css');
    expect(response?.headers['cache-control']).toContain('immutable');
  });
});

describe('an authorization request', () => {
  const interaction = {
    uid: 'abc',
    prompt: 'login' as const,
    clientId: 'client',
    clientName: '<b>Courses</b>',
    missingScopes: [],
    loginHint: 'ada@example.org',
    isForLms: false,
    limits: undefined,
    uiLocales: [],
    accountId: undefined,
    mustReauthenticate: false,
    requestPath: '/oauth2/authorize/?client_id=client&state=s',
  };

  test('names the client, and ends where the provider says', async () => {
    await using site = await siteWithAda();
    site.signIn.pending = interaction;
    const visitor = site.newVisitor();
    await visitor.go('/login/abc');
    expect(visitor.text).toContain('to continue to');
    expect(visitor.response?.body).not.toContain('<b>Courses</b>');
    expect(visitor.response?.body).toContain('value="ada@example.org"');
    expect(visitor.response?.body).toContain(`/register?next&#61;${encodeURIComponent(interaction.requestPath)}`);
    await visitor.submit(rightPassword);
    expect(visitor.path).toBe('/oauth2/authorize/resume');
    expect(site.signIn.outcome).toEqual({ login: site.adaId, methods: ['pwd'] });
  });

  test('calls the LMS the learning site, and a namesake of its client by that name', async () => {
    await using site = await siteWithAda();
    const clientName = site.services.config.lms.clientName;
    const visitor = site.newVisitor();
    site.signIn.pending = { ...interaction, clientName, isForLms: true };
    await visitor.go('/login/abc');
    expect(visitor.text).toContain('to continue to the learning site');
    site.signIn.pending = { ...interaction, clientName };
    await visitor.go('/login/abc');
    expect(visitor.text).toContain(`to continue to ${clientName}`);
  });

  test('asks nothing of a person who signed in meanwhile, unless they must prove themselves again', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    await visitor.submit(rightPassword);
    site.signIn.pending = { ...interaction, mustReauthenticate: true };
    await visitor.go('/login/abc');
    expect(visitor.path).toBe('/login/abc');
    site.signIn.pending = interaction;
    await visitor.go('/login/abc');
    expect(visitor.path).toBe('/oauth2/authorize/resume');
  });

  test('of another browser, or one that has expired, opens nothing', async () => {
    await using site = await siteWithAda();
    site.signIn.pending = { ...interaction, uid: 'other' };
    const visitor = site.newVisitor();
    await visitor.go('/login');
    for (const path of ['/login/abc', '/consent/abc']) {
      await visitor.go(path);
      expect(visitor.response?.statusCode).toBe(400);
      expect(visitor.text).toContain('This sign-in has expired');
    }
    expect(site.signIn.outcome).toBeUndefined();
  });

  test('can be declined', async () => {
    await using site = await siteWithAda();
    site.signIn.pending = interaction;
    const visitor = site.newVisitor();
    await visitor.go('/login/abc');
    await visitor.submit({}, { action: '?cancel' });
    expect(visitor.response?.headers.location).toBe('https://client.example/callback?error=access_denied');
    expect(site.signIn.outcome).toBe('aborted');
  });

  test('asks for consent in plain words, and takes a no', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    await visitor.submit(rightPassword);
    const missingScopes = ['learning:read', 'constructor'];
    site.signIn.pending = { ...interaction, prompt: 'consent', accountId: site.adaId, missingScopes };
    await visitor.go('/login/abc');
    expect(visitor.path).toBe('/consent/abc');
    expect(visitor.text).toContain('See your enrollments, grades and certificates');
    await visitor.submit({ decision: 'deny' });
    expect(site.signIn.outcome).toBe('aborted');
    await visitor.go('/consent/abc');
    await visitor.submit({ decision: 'allow' });
    expect(site.signIn.outcome).toEqual({ consent: ['learning:read', 'constructor'] });
  });
});

describe('signing out', () => {
  test('goes on at the LMS, and listens to no address', async () => {
    await using site = await siteWithAda();
    for (const method of ['GET', 'POST'] as const) {
      const visitor = site.newVisitor();
      await visitor.go('/login');
      await visitor.submit(rightPassword);
      const response = await visitor.go(
        '/logout?next=https%3A%2F%2Fevil.example&redirect_url=https%3A%2F%2Fevil.example',
        {
          method,
        },
      );
      expect(response?.statusCode).toBe(302);
      expect(response?.headers.location).toBe(
        'http://lms.localhost:18000/logout?redirect_url=http%3A%2F%2Fportico.localhost%3A8053',
      );
      expect(site.signIn.sessions.size).toBe(0);
    }
  });

  test('in a frame of the LMS answers 200 and goes nowhere', async () => {
    await using site = await siteWithAda();
    const visitor = site.newVisitor();
    await visitor.go('/login');
    await visitor.submit(rightPassword);
    for (const _ of ['signed in', 'nobody']) {
      const response = await visitor.go('/logout?no_redirect=1');
      expect(response?.statusCode).toBe(200);
      expect(response?.headers['content-security-policy']).toContain(
        "frame-ancestors 'self' http://lms.localhost:18000",
      );
      expect(response?.headers['x-frame-options']).toBeUndefined();
      expect(site.signIn.sessions.size).toBe(0);
    }
  });
});

test('the landing of the LMS’s code answers 200 with nothing', async () => {
  await using site = await startPageSite();
  const visitor = site.newVisitor();
  for (const path of ['/login/_private/complete?code=abc', '/_/auth/complete?code=abc']) {
    const response = await visitor.go(path);
    expect([response?.statusCode, response?.body]).toEqual([200, '']);
  }
});
