import { expect, test } from 'vitest';
import { type EdxLink, EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import { eventually } from '../../support/eventually.js';
import { type MailCatcher, startMailCatcher } from '../../support/mail-catcher.js';
import { type PageSite, startPageSite } from '../../support/page-site.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';

interface Town extends AsyncDisposable {
  site: PageSite;
  catcher: MailCatcher;
  /** What the newest mail says. */
  readMail(): Promise<{ text: string; code: string; path: string }>;
  /** What the LMS makes of the next account, as soon as it is there. */
  changeNewLink(change: Partial<Pick<EdxLink, 'state' | 'lastError'>>): Promise<unknown>;
}

async function openTown(env: Record<string, string> = {}): Promise<Town> {
  await using stack = new AsyncDisposableStack();
  const catcher = stack.use(await startMailCatcher());
  const site = stack.use(await startPageSite({ SMTP_URL: catcher.url, ...env }));
  const resources = stack.move();
  return {
    site,
    catcher,
    readMail: async () => {
      const mails = await deliverQueuedMail(site.services, catcher);
      const text = mails.at(-1)?.text ?? '';
      return {
        text,
        code: /\b\d{6}\b/.exec(text)?.[0] ?? '',
        path: /http:\/\/portico\.localhost:8053(\/\S+token=\S+)/.exec(text)?.[1] ?? '',
      };
    },
    changeNewLink: (change) =>
      eventually('a new edX link', async () => {
        const em = site.services.orm.em.fork();
        return (await em.nativeUpdate(EdxLinkEntity, { state: 'PENDING' }, change)) > 0;
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const details = { name: 'Alice Liddell', password: 'tea-at-half-past-six' };

test('a stranger becomes somebody by code, and is signed in', async () => {
  await using town = await openTown();
  const visitor = town.site.newVisitor();
  await visitor.go('/register');
  await visitor.submit({ email: 'alice@example.org' });
  expect(visitor.path).toBe('/register/confirm');
  expect(visitor.text).toContain('We sent a mail to alice@example.org');
  const { code } = await town.readMail();
  await visitor.submit({ code: code === '000000' ? '111111' : '000000' });
  expect(visitor.response?.statusCode).toBe(422);
  expect(visitor.text).toContain('This is not the code from the newest mail.');
  await visitor.submit({ code });
  expect(visitor.path).toBe('/register/details');
  await visitor.submit({ ...details, name: '' });
  expect(visitor.text).toContain('Enter your full name.');
  await visitor.submit({ ...details, country: 'GB' });
  expect(visitor.path).toBe('/account');
  expect(visitor.text).toContain('alice-liddell');
  expect(visitor.text).toContain('United Kingdom');
  expect(visitor.cookie('portico_registration')).toBeUndefined();
});

test('the mailed link goes on in another browser, and with where the person was going', async () => {
  await using town = await openTown();
  const here = town.site.newVisitor();
  await here.go('/register?next=%2Foauth2%2Fauthorize%2F%3Fclient_id%3Dlms%26state%3Dabc');
  await here.submit({ email: 'alice@example.org' });
  const { path } = await town.readMail();
  const there = town.site.newVisitor();
  await there.go(path);
  expect(there.path).toBe('/register/details');
  const submission = there.submit(details);
  await town.changeNewLink({ state: 'LINKED' });
  await submission;
  expect(there.path).toBe('/oauth2/authorize/?client_id=lms&state=abc');
  await here.go('/register/details');
  expect(here.path).toBe('/register');
});

test('a place at the LMS that is not ready is explained, and the way on is open', async () => {
  await using town = await openTown();
  const visitor = town.site.newVisitor();
  await visitor.go('/register?next=%2Foauth2%2Fauthorize%2F%3Fclient_id%3Dlms');
  await visitor.submit({ email: 'alice@example.org' });
  await visitor.go((await town.readMail()).path);
  const down = { upstream: 'lms', code: 'unreachable', message: 'The LMS is down.', retryable: true, at: '' };
  const submission = visitor.submit(details);
  await town.changeNewLink({ lastError: down });
  await submission;
  expect(visitor.text).toContain('Your account at the learning site takes longer than usual.');
  expect(visitor.response?.body).toContain('/oauth2/authorize/?client_id&#61;lms');
  await visitor.go('/account');
  expect(visitor.text).toContain('could not be created yet: The LMS is down.');
});

test('an address that has an account is told so by mail only', async () => {
  await using town = await openTown();
  await town.site.services.accounts.create(aNewAccount(), systemActor);
  const visitor = town.site.newVisitor();
  await visitor.go('/register');
  await visitor.submit({ email: 'alice@example.org' });
  expect(visitor.path).toBe('/register/confirm');
  expect(visitor.text).toContain('We sent a mail to alice@example.org');
  expect((await town.readMail()).text).toContain('You have one already: sign in with it.');
});

test('the mail can be sent again, a few times', async () => {
  await using town = await openTown();
  const visitor = town.site.newVisitor();
  await visitor.go('/register');
  await visitor.submit({ email: 'alice@example.org' });
  await visitor.submit({}, { action: '/register/resend' });
  expect(visitor.text).toContain('We sent another mail.');
  const { code } = await town.readMail();
  for (let count = 0; count < 4; count++) await visitor.submit({}, { action: '/register/resend' });
  expect(visitor.response?.statusCode).toBe(429);
  expect(Number(visitor.response?.headers['retry-after'])).toBeGreaterThan(0);
  expect(visitor.text).toContain('We sent several mails to this address already.');
  expect(code).toMatch(/^\d{6}$/);
});

test('a link that is too old or was never sent says what to do', async () => {
  await using town = await openTown();
  const visitor = town.site.newVisitor();
  await visitor.go('/register/confirm?token=nonsense');
  expect(visitor.response?.statusCode).toBe(400);
  expect(visitor.text).toContain('This registration has expired');
  await visitor.go('/password/reset/choose?token=a.b.c');
  expect(visitor.response?.statusCode).toBe(400);
  expect(visitor.text).toContain('This link does not work any more');
});

test('agreement to the terms is asked where there are terms', async () => {
  await using town = await openTown({
    PORTICO_TERMS_URL: 'https://example.edu/terms',
    PORTICO_PRIVACY_URL: 'https://example.edu/privacy',
    PORTICO_SUPPORT_EMAIL: 'help@example.edu',
  });
  const visitor = town.site.newVisitor();
  await visitor.go('/register');
  expect(visitor.text).toContain('Terms Privacy Help');
  await visitor.submit({ email: 'alice@example.org' });
  await visitor.go((await town.readMail()).path);
  await visitor.submit(details);
  expect(visitor.text).toContain('Agree to the terms to create the account.');
  await visitor.submit({ ...details, terms: 'yes' });
  expect(visitor.path).toBe('/account');
});

test('a forgotten password is replaced by a mailed link, once, and ends every session', async () => {
  await using town = await openTown();
  const { services, signIn, newVisitor } = town.site;
  await services.accounts.create(aNewAccount({ password: 'the-forgotten-one' }), systemActor);
  const elsewhere = newVisitor();
  await elsewhere.go('/login');
  await elsewhere.submit({ identifier: 'alice@example.org', password: 'the-forgotten-one' });
  expect(signIn.sessions.size).toBe(1);

  const visitor = newVisitor();
  await visitor.go('/password/reset?next=%2F%3Fgo');
  await visitor.submit({ email: 'ALICE@example.org' });
  expect(visitor.text).toContain('If there is an account with this e-mail address');
  const { path } = await town.readMail();
  await visitor.go(path);
  await visitor.submit({ password: 'alice' });
  expect(visitor.text).toContain('Use at least 10 characters');
  await visitor.submit({ password: 'tea-at-half-past-six' });
  expect(visitor.text).toContain('Your password was changed and you were signed out everywhere.');
  expect(signIn.sessions.size).toBe(0);
  await visitor.submit({ identifier: 'alice@example.org', password: 'tea-at-half-past-six' });
  expect(visitor.path).toBe('/?go');
  await visitor.go(path);
  expect(visitor.text).toContain('This link does not work any more');
});

test('a reset for an unknown address looks the same and sends nothing', async () => {
  await using town = await openTown();
  const visitor = town.site.newVisitor();
  await visitor.go('/password/reset');
  await visitor.submit({ email: 'nobody@example.org' });
  expect(visitor.path).toBe('/password/reset/sent');
  expect((await town.readMail()).text).toBe('');
});

test('a reset is the same work for an unknown address as for a known one', async () => {
  await using town = await openTown();
  const { services } = town.site;
  await services.accounts.create(aNewAccount({ password: 'the-forgotten-one' }), systemActor);
  const request = { next: undefined, address: '192.0.2.1' };
  for (const email of ['alice@example.org', 'nobody@example.org'])
    await services.passwordResets.begin({ ...request, email });
  const jobs = await services.orm.em
    .fork()
    .execute<{ bytes: number }[]>(
      'select length(payload::text) as bytes from graphile_worker._private_jobs order by id',
    );
  expect(jobs.filter(({ bytes }) => bytes > 1_000)).toHaveLength(2);
  expect(await deliverQueuedMail(services, town.catcher)).toMatchObject([{ to: 'alice@example.org' }]);
});
