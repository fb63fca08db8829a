import { describe, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { RegistrationEntity } from '../../../src/entities/registration.entity.js';
import { RateLimitedError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount, startAccountServices, type TestAccountServices } from '../../support/account-services.js';
import { type MailCatcher, startMailCatcher } from '../../support/mail-catcher.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';

interface Desk extends AsyncDisposable {
  services: TestAccountServices;
  catcher: MailCatcher;
  /** The present time; may be set. */
  clock: { now: Date };
  /** Begins for Alice and answers the browser's token with what the mail holds. */
  begin(email?: string): Promise<{ token: string; code: string; linkToken: string }>;
}

const address = '192.0.2.1';
const details = { name: 'Alice Liddell', password: 'tea-at-half-past-six', hasAgreedToTerms: false };

async function openDesk(env: Record<string, string> = {}): Promise<Desk> {
  await using stack = new AsyncDisposableStack();
  const catcher = stack.use(await startMailCatcher());
  const clock = { now: new Date() };
  const services = stack.use(
    await startAccountServices({ clock: () => clock.now, env: { SMTP_URL: catcher.url, ...env } }),
  );
  const resources = stack.move();
  return {
    services,
    catcher,
    clock,
    begin: async (email = 'alice@example.org') => {
      const token = await services.registrations.begin({ email, next: '/oauth2/authorize/?a=b', address });
      const [mail] = await deliverQueuedMail(services, catcher);
      const code = /\b\d{6}\b/.exec(mail?.text ?? '')?.[0] ?? '';
      const linkToken = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
      return { token, code, linkToken };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('registering', () => {
  test('by code: the browser that began goes on, and the address counts as confirmed', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const { token, code } = await desk.begin();
    expect(await registrations.find(token)).toEqual({
      email: 'alice@example.org',
      isConfirmed: false,
      next: '/oauth2/authorize/?a=b',
    });
    await expect(registrations.complete(token, details, address)).rejects.toMatchObject({
      reason: 'REGISTRATION_EXPIRED',
    });
    await registrations.confirm(token, ` ${code.slice(0, 3)} ${code.slice(3)} `, address);
    const { account, next } = await registrations.complete(token, details, address);
    expect(account).toMatchObject({ username: 'alice-liddell', emailVerifiedAt: expect.any(Date) });
    expect(next).toBe('/oauth2/authorize/?a=b');
    expect(await desk.services.accounts.authenticate('alice@example.org', details.password, address)).toMatchObject({
      outcome: 'success',
    });
  });

  test('by link: whoever opens it goes on, in any browser, and whoever began gains nothing by that', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const { token, linkToken } = await desk.begin();
    expect(await registrations.find(linkToken)).toMatchObject({ isConfirmed: true, next: '/oauth2/authorize/?a=b' });
    expect(await registrations.find(token)).toMatchObject({ isConfirmed: false });
    const { account } = await registrations.complete(linkToken, { ...details, username: 'Alice_9' }, address);
    expect(account.username).toBe('Alice_9');
  });

  test('makes one account, however often the last step is repeated', async () => {
    await using desk = await openDesk();
    const { linkToken } = await desk.begin();
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, () => desk.services.registrations.complete(linkToken, details, address)),
    );
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    expect(await desk.services.orm.em.fork().count(AccountEntity)).toBe(1);
    expect(await desk.services.orm.em.fork().count(RegistrationEntity)).toBe(0);
  });

  test('of the same address in two browsers: the second one hears that there is an account', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const { linkToken } = await desk.begin();
    const second = await desk.begin('ALICE@example.org');
    await registrations.complete(linkToken, details, address);
    await expect(registrations.complete(second.linkToken, details, address)).rejects.toMatchObject({
      field: ['email'],
      reason: 'EMAIL_TAKEN',
    });
  });

  test.each([
    [{ name: '<Alice>' }, 'name', 'NAME_INVALID'],
    [{ password: 'alice-liddell' }, 'password', 'TOO_WEAK'],
    [{ username: 'root' }, 'username', 'USERNAME_TAKEN'],
    [{ profile: { country: 'ZZ' } }, 'country', 'COUNTRY_INVALID'],
    [{}, 'terms', 'TERMS_NOT_AGREED'],
  ])('names what is wrong with %j, and the registration goes on', async (wrong, field, reason) => {
    await using desk = await openDesk({ PORTICO_TERMS_URL: 'https://example.edu/terms' });
    const { registrations, accounts, orm } = desk.services;
    await accounts.create(aNewAccount({ email: 'root@example.org', username: 'root' }), systemActor);
    const { linkToken } = await desk.begin();
    const agreed = { ...details, hasAgreedToTerms: field !== 'terms' };
    const refused = await registrations.complete(linkToken, { ...agreed, ...wrong }, address).catch((error) => error);
    expect([refused.field.at(-1), refused.reason]).toEqual([field, reason]);
    const { account } = await registrations.complete(linkToken, { ...details, hasAgreedToTerms: true }, address);
    const stored = await orm.em.fork().findOneOrFail(AccountEntity, { id: account.id });
    expect([stored.termsVersion, stored.termsAgreedAt]).toEqual(['1', expect.any(Date)]);
  });

  test('keeps no terms version where there are no terms', async () => {
    await using desk = await openDesk();
    const { linkToken } = await desk.begin();
    const { account } = await desk.services.registrations.complete(linkToken, details, address);
    expect([account.termsVersion, account.termsAgreedAt]).toEqual([null, null]);
  });
});

describe('the mail', () => {
  test('is a different one for somebody who has an account; the browser sees no difference', async () => {
    await using desk = await openDesk();
    const { registrations, accounts } = desk.services;
    await accounts.create(aNewAccount(), systemActor);
    const token = await registrations.begin({ email: 'Alice@Example.org', next: undefined, address });
    const [mail] = await deliverQueuedMail(desk.services, desk.catcher);
    expect(mail).toMatchObject({ to: 'Alice@example.org', subject: 'You already have an account at Portico' });
    expect(mail?.text).toContain('/login');
    expect(mail?.text).not.toMatch(/\b\d{6}\b/);
    expect(await registrations.find(token)).toMatchObject({ email: 'Alice@Example.org', isConfirmed: false });
    await expect(registrations.confirm(token, '123456', address)).rejects.toMatchObject({ reason: 'CODE_WRONG' });
  });

  test('waits in the queue encrypted', async () => {
    await using desk = await openDesk();
    await desk.services.registrations.begin({ email: 'alice@example.org', next: undefined, address });
    const rows = await desk.services.orm.em.fork().execute('select payload from graphile_worker._private_jobs');
    const stored = await desk.services.orm.em.fork().findAll(RegistrationEntity);
    const [mail] = await deliverQueuedMail(desk.services, desk.catcher);
    const secrets = [/\b\d{6}\b/.exec(mail?.text ?? '')?.[0], /token=([\w-]+)/.exec(mail?.text ?? '')?.[1]];
    for (const secret of secrets) {
      expect(secret).toBeDefined();
      expect(JSON.stringify([rows, stored])).not.toContain(secret);
    }
    expect(JSON.stringify(rows)).not.toContain('alice@example.org');
  });

  test('is not sent any more when it came too late', async () => {
    await using desk = await openDesk();
    await desk.services.registrations.begin({ email: 'alice@example.org', next: undefined, address });
    desk.clock.now = new Date(desk.clock.now.getTime() + 31 * 60_000);
    expect(await deliverQueuedMail(desk.services, desk.catcher)).toEqual([]);
  });

  test('shows what came from people as text', async () => {
    await using desk = await openDesk({ PORTICO_SITE_NAME: 'A & B <i>' });
    await desk.services.registrations.begin({ email: 'alice@example.org', next: undefined, address });
    const [mail] = await deliverQueuedMail(desk.services, desk.catcher);
    expect(mail?.html).toContain('A &#38; B &#60;i&#62;');
  });

  test('cannot be asked for without end', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const ask = (email: string) => registrations.begin({ email, next: undefined, address });
    for (let count = 0; count < 5; count++) await ask(`${count % 2 ? 'alice' : 'ALICE'}@example.org`);
    await expect(ask('alice@example.org')).rejects.toThrow(RateLimitedError);
    await ask('bob@example.org');
  });

  test('cannot be asked for without end at once either', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const asked = await Promise.allSettled(
      Array.from({ length: 15 }, () => registrations.begin({ email: 'alice@example.org', next: undefined, address })),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });
});

describe('code and link', () => {
  test('end after half an hour', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const { token, code, linkToken } = await desk.begin();
    desk.clock.now = new Date(desk.clock.now.getTime() + 30 * 60_000);
    await expect(registrations.confirm(token, code, address)).rejects.toMatchObject({ reason: 'CODE_EXPIRED' });
    expect(await registrations.find(linkToken)).toBeUndefined();
    await expect(registrations.complete(linkToken, details, address)).rejects.toMatchObject({
      reason: 'REGISTRATION_EXPIRED',
    });
  });

  test('five wrong codes make the right one useless, also when they come at once', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const { token, code } = await desk.begin();
    const guesses = Array.from({ length: 8 }, (_, guess) =>
      String((Number(code) + guess + 1) % 1_000_000).padStart(6, '0'),
    );
    const reasons = await Promise.all(
      guesses.map((guess) => registrations.confirm(token, guess, address).catch((error) => error.reason)),
    );
    expect(reasons.sort()).toEqual([...Array<string>(3).fill('CODE_EXPIRED'), ...Array<string>(5).fill('CODE_WRONG')]);
    await expect(registrations.confirm(token, code, address)).rejects.toMatchObject({ reason: 'CODE_EXPIRED' });
  });

  test('a code belongs to the browser that asked for it', async () => {
    await using desk = await openDesk();
    const { registrations } = desk.services;
    const first = await desk.begin();
    const second = await desk.begin();
    await expect(registrations.confirm(second.token, first.code, address)).rejects.toMatchObject({
      reason: 'CODE_WRONG',
    });
    const third = await registrations.resend(second.token, address);
    expect(third).toBeDefined();
    expect(third).not.toBe(second.token);
    expect(await registrations.resend('no-such-token', address)).toBeUndefined();
  });
});
