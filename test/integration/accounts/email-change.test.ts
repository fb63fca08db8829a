import { expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { InvalidInputError, RateLimitedError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import {
  aNewAccount,
  startAccountServices,
  type TestAccountServices,
  testPublicUrl,
} from '../../support/account-services.js';
import { type CaughtMail, startMailCatcher } from '../../support/mail-catcher.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';
import { registerPasskey } from '../../support/registered-passkey.js';

const password = 'tea-at-half-past-six';
const address = '192.0.2.1';

async function openDesk() {
  await using stack = new AsyncDisposableStack();
  const catcher = stack.use(await startMailCatcher());
  const clock = { now: new Date() };
  const services = stack.use(await startAccountServices({ clock: () => clock.now, env: { SMTP_URL: catcher.url } }));
  const alice = await services.accounts.create(aNewAccount({ password }), systemActor);
  const resources = stack.move();
  return {
    services,
    clock,
    alice,
    changes: services.emailChanges,
    mails: () => deliverQueuedMail(services, catcher),
    /** Asks for a new address, and answers what the mails hold. */
    async ask(email = 'alice@wonderland.example') {
      await services.emailChanges.begin(alice.id, { email, password, address });
      const mails = await deliverQueuedMail(services, catcher);
      return read(mails);
    },
    email: async () => (await services.accounts.findById(alice.id))?.email,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function read(mails: CaughtMail[]) {
  const tokenOf = (path: string) =>
    mails.flatMap(({ text }) => new RegExp(`/account/email/${path}\\?token=([\\w-]+)`).exec(text)?.[1] ?? [])[0] ?? '';
  return {
    mails,
    code: mails.flatMap(({ text }) => /\b\d{6}\b/.exec(text)?.[0] ?? [])[0] ?? '',
    link: tokenOf('confirm'),
    stop: tokenOf('stop'),
  };
}

const reasonOf = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return error instanceof InvalidInputError ? error.reason : error;
};

const actor = (account: Account) => ({ accountId: account.id, address });

async function actions(services: TestAccountServices): Promise<string[]> {
  const events = await services.orm.em.fork().find(AuditEventEntity, {}, { orderBy: { id: 'asc' } });
  return events.map(({ action }) => action);
}

test('the code from the new mailbox changes the address once; both addresses are told', async () => {
  await using desk = await openDesk();
  const { code, mails, link } = await desk.ask();
  expect(mails.map(({ to }) => to)).toEqual(['alice@wonderland.example', 'alice@example.org']);
  expect(await desk.email()).toBe('alice@example.org');
  expect(await desk.changes.pending(desk.alice.id)).toBe('alice@wonderland.example');
  expect(await reasonOf(desk.changes.confirmByCode(desk.alice.id, '000000x', actor(desk.alice)))).toBe('CODE_WRONG');
  const changed = await desk.changes.confirmByCode(desk.alice.id, ` ${code} `, actor(desk.alice));
  expect(changed).toMatchObject({ email: 'alice@wonderland.example', emailVerifiedAt: desk.clock.now });
  expect(await reasonOf(desk.changes.confirmByCode(desk.alice.id, code, actor(desk.alice)))).toBe('CODE_EXPIRED');
  expect(await reasonOf(desk.changes.confirmByLink(link, address))).toBe('LINK_EXPIRED');
  expect((await desk.mails()).map(({ to, subject }) => [to, subject])).toEqual([
    ['alice@example.org', expect.stringContaining('was changed')],
  ]);
  expect(await actions(desk.services)).toEqual(
    expect.arrayContaining(['account.email-change-requested', 'account.email-changed']),
  );
  const jobs = await desk.services.orm.em
    .fork()
    .execute(`select 1 from graphile_worker.jobs where key = ?`, [`push-email:${desk.alice.id}`]);
  expect(jobs).toHaveLength(1);
});

test('the password is asked again, and nothing is sent without it', async () => {
  await using desk = await openDesk();
  const wrong = { email: 'a@wonderland.example', password: 'wrong', address };
  expect(await reasonOf(desk.changes.begin(desk.alice.id, wrong))).toBe('WRONG_PASSWORD');
  const same = { email: desk.alice.email, password, address };
  expect(await reasonOf(desk.changes.begin(desk.alice.id, same))).toBe('EMAIL_UNCHANGED');
  expect(await desk.mails()).toEqual([]);
  for (let attempt = 0; attempt < 10; attempt++) await reasonOf(desk.changes.begin(desk.alice.id, wrong));
  expect(await reasonOf(desk.changes.begin(desk.alice.id, wrong))).toBeInstanceOf(RateLimitedError);
});

test('with a second factor, the password alone is not enough', async () => {
  await using desk = await openDesk();
  const { passkeys } = desk.services;
  const { recoveryCodes } = await registerPasskey(passkeys, desk.alice, { origin: testPublicUrl, password });
  await desk.mails();
  const wish = { email: 'a@wonderland.example', password, address };
  expect(await reasonOf(desk.changes.begin(desk.alice.id, wish))).toBe('CODE_WRONG');
  expect(await desk.mails()).toEqual([]);
  expect(await desk.changes.pending(desk.alice.id)).toBeUndefined();
  await desk.changes.begin(desk.alice.id, { ...wish, code: recoveryCodes[0] ?? '' });
  expect(await desk.changes.pending(desk.alice.id)).toBe('a@wonderland.example');
});

test('of many who use one link at the same time, one changes the address', async () => {
  await using desk = await openDesk();
  const { link } = await desk.ask();
  expect(await desk.changes.findByLink(link)).toBe('alice@wonderland.example');
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => reasonOf(desk.changes.confirmByLink(link, address))),
  );
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
  expect(new Set(outcomes)).toEqual(new Set([undefined, 'LINK_EXPIRED']));
});

test('who reads the old mailbox stops it', async () => {
  await using desk = await openDesk();
  const { code, link, stop } = await desk.ask();
  expect(await desk.changes.canStop(link)).toBe(false);
  expect(await desk.changes.canStop(stop)).toBe(true);
  await desk.changes.stop(stop, address);
  expect(await reasonOf(desk.changes.stop(stop, address))).toBe('LINK_EXPIRED');
  expect(await reasonOf(desk.changes.confirmByLink(link, address))).toBe('LINK_EXPIRED');
  expect(await reasonOf(desk.changes.confirmByCode(desk.alice.id, code, actor(desk.alice)))).toBe('CODE_EXPIRED');
  expect(await desk.email()).toBe('alice@example.org');
  expect(await actions(desk.services)).toContain('account.email-change-stopped');
});

test('code and link end after half an hour, after five guesses, and with the next request', async () => {
  await using desk = await openDesk();
  const first = await desk.ask();
  const second = await desk.ask('alice@looking-glass.example');
  expect(await reasonOf(desk.changes.confirmByLink(first.link, address))).toBe('LINK_EXPIRED');
  for (let guess = 0; guess < 5; guess++)
    expect(await reasonOf(desk.changes.confirmByCode(desk.alice.id, 'guess', actor(desk.alice)))).toBe('CODE_WRONG');
  const guessed = desk.changes.confirmByCode(desk.alice.id, second.code, actor(desk.alice));
  expect(await reasonOf(guessed)).toBe('CODE_EXPIRED');
  desk.clock.now = new Date(desk.clock.now.getTime() + 31 * 60_000);
  expect(await reasonOf(desk.changes.confirmByLink(second.link, address))).toBe('LINK_EXPIRED');
  expect(await desk.changes.pending(desk.alice.id)).toBeUndefined();
});

test('an address that has an account is told of at that address only', async () => {
  await using desk = await openDesk();
  await desk.services.accounts.create(aNewAccount({ email: 'bob@example.org', name: 'Bob' }), systemActor);
  const { mails, code, link } = await desk.ask('BOB@example.org');
  expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
    ['BOB@example.org', expect.stringContaining('already has an account')],
    ['alice@example.org', expect.stringContaining('about to change')],
  ]);
  expect([code, link]).toEqual(['', '']);
  expect(await desk.changes.pending(desk.alice.id)).toBe('BOB@example.org');
});

test('whoever was faster has the address, and the other one is told when they confirm', async () => {
  await using desk = await openDesk();
  const { link } = await desk.ask();
  const rival = aNewAccount({ email: 'ALICE@wonderland.example', name: 'Rival' });
  await desk.services.accounts.create(rival, systemActor);
  expect(await reasonOf(desk.changes.confirmByLink(link, address))).toBe('EMAIL_TAKEN');
  expect(await desk.email()).toBe('alice@example.org');
});

test('only the spelling of the same address changes as well', async () => {
  await using desk = await openDesk();
  const { code } = await desk.ask('Alice@Example.org');
  const changed = await desk.changes.confirmByCode(desk.alice.id, code, actor(desk.alice));
  expect(changed.email).toBe('Alice@Example.org');
});
