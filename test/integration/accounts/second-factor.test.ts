import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { AuthenticatorEntity, RecoveryCodeEntity } from '../../../src/entities/second-factor.entity.js';
import { InvalidInputError, RateLimitedError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import type { Proof } from '../../../src/services/second-factor/changes.js';
import { aNewAccount, startAccountServices } from '../../support/account-services.js';

const password = 'tea-at-half-past-six';
const address = '192.0.2.1';
const browser = 'the secret of a browser';
const from = { address, browser };

async function openDesk({ isOn = true } = {}) {
  const clock = { now: new Date('2026-03-01T12:00:00Z') };
  const services = await startAccountServices({ clock: () => clock.now });
  const account = await services.accounts.create(aNewAccount({ password }), systemActor);
  const { id } = account;
  const { secondFactors } = services;
  const wait = (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000);
  };
  const begin = (typed: string) => secondFactors.begin(id, aProof({ password: typed }));
  await begin(password);
  const secret = (await secondFactors.pending(account, browser))?.secret ?? '';
  const codeOf = (at = clock.now) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() });
  const recoveryCodes = isOn ? ((await secondFactors.confirm(account, codeOf(), from)) ?? []) : [];
  wait(30);
  const check = (code: string, from = address) => secondFactors.checkCode(id, code, from);
  const codesLeft = async () => (await secondFactors.codesLeftOf([id]))[0]?.count ?? 0;
  return { ...services, id, account, begin, codesLeft, clock, wait, secret, codeOf, recoveryCodes, check };
}

const aProof = (given: Partial<Proof>): Proof => ({ password, code: '', passkey: '', browser, address, ...given });

const reasonOf = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return error instanceof InvalidInputError ? error.reason : error;
};

test('an app is set up with the password and its first code; its secret is sealed', async () => {
  await using desk = await openDesk({ isOn: false });
  const { secondFactors, id, account } = desk;
  expect(await reasonOf(desk.begin('wrong'))).toBe('WRONG_PASSWORD');
  expect(await secondFactors.isOn(id)).toBe(false);
  expect((await secondFactors.pending(account, browser))?.uri).toMatch(/^otpauth:\/\/totp\/.*secret=[A-Z2-7]{32}/);
  const row = await desk.orm.em.fork().findOneOrFail(AuthenticatorEntity, { accountId: id });
  expect(row.secret).not.toContain(desk.secret);
  const wrong = desk.codeOf(new Date(desk.clock.now.getTime() + 600_000));
  expect(await reasonOf(secondFactors.confirm(account, wrong, from))).toBe('CODE_WRONG');
  const codes = await secondFactors.confirm(account, desk.codeOf(), from);
  expect(new Set(codes).size).toBe(10);
  expect(await secondFactors.isOn(id)).toBe(true);
  expect(await secondFactors.pending(account, browser)).toBeUndefined();
  expect(await reasonOf(secondFactors.begin(id, aProof({ code: codes?.[0] ?? '' })))).toMatchObject({
    code: 'CONFLICT',
  });
});

test('a set-up goes on in the browser that began it, and nowhere else', async () => {
  await using desk = await openDesk({ isOn: false });
  const { secondFactors, account } = desk;
  for (const elsewhere of ['the secret of another browser', '']) {
    expect(await secondFactors.pending(account, elsewhere)).toBeUndefined();
    const confirmed = secondFactors.confirm(account, desk.codeOf(), { address, browser: elsewhere });
    await expect(confirmed).rejects.toMatchObject({ code: 'CONFLICT' });
  }
  expect(await secondFactors.isOn(desk.id)).toBe(false);
  expect(await secondFactors.confirm(account, desk.codeOf(), from)).toHaveLength(10);
});

test('a set-up that was not finished in a quarter of an hour is void', async () => {
  await using desk = await openDesk({ isOn: false });
  desk.wait(15 * 60);
  expect(await desk.secondFactors.pending(desk.account, browser)).toBeUndefined();
  const late = desk.secondFactors.confirm(desk.account, desk.codeOf(), from);
  expect(await reasonOf(late)).toMatchObject({ code: 'CONFLICT' });
});

test('a code works once, also in 50 hands at the same time, and none older after it', async () => {
  await using desk = await openDesk();
  const [older, present] = [desk.codeOf(), desk.codeOf(new Date(desk.clock.now.getTime() + 30_000))];
  desk.wait(30);
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, place) => desk.check(present, `10.${place}.0.1`)),
  );
  expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1);
  expect(await desk.check(older)).toBe(false);
  desk.wait(30);
  expect(await desk.check(desk.codeOf())).toBe(true);
});

test('a recovery code works once, also in 50 hands at the same time, and only its hash is kept', async () => {
  await using desk = await openDesk();
  const [code = '', other = ''] = desk.recoveryCodes;
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, place) => desk.check(code.toUpperCase(), `10.${place}.0.1`)),
  );
  expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1);
  expect(await desk.codesLeft()).toBe(9);
  expect(await desk.check(other.replaceAll('-', ' '))).toBe(true);
  const rows = await desk.orm.em.fork().find(RecoveryCodeEntity, { accountId: desk.id });
  expect(JSON.stringify(rows)).not.toContain(code);
});

test('guessing ends after ten wrong codes, for this network alone, and is recorded', async () => {
  await using desk = await openDesk();
  for (let guess = 0; guess < 10; guess++) expect(await desk.check('000000')).toBe(false);
  expect(await reasonOf(desk.check(desk.codeOf()))).toBeInstanceOf(RateLimitedError);
  expect(await desk.check(desk.codeOf(), '198.51.100.7')).toBe(true);
  const events = await desk.orm.em.fork().find(AuditEventEntity, { action: 'second-factor.checked' });
  const outcomes = events.map(({ outcome, subjectId, address: from }) => ({ outcome, subjectId, from }));
  expect(outcomes).toContainEqual({ outcome: 'throttled', subjectId: desk.id, from: address });
  expect(outcomes.filter(({ outcome }) => outcome === 'wrong-code')).toHaveLength(10);
});

test('new recovery codes and the end of it need password and code', async () => {
  await using desk = await openDesk();
  const { secondFactors, id, account } = desk;
  const proof = () => aProof({ code: desk.codeOf() });
  expect(await reasonOf(secondFactors.removeApp(account, { ...proof(), password: 'wrong' }))).toBe('WRONG_PASSWORD');
  expect(await reasonOf(secondFactors.removeApp(account, { ...proof(), code: '000000' }))).toBe('CODE_WRONG');
  const renewed = await secondFactors.renewRecoveryCodes(account, proof());
  expect(await desk.check(desk.recoveryCodes[0] ?? '')).toBe(false);
  expect(await desk.check(renewed[0] ?? '')).toBe(true);
  desk.wait(30);
  await secondFactors.removeApp(account, proof());
  expect(await secondFactors.isOn(id)).toBe(false);
  expect(await desk.check(renewed[1] ?? '')).toBe(false);
});

test('a right password is remembered for ten minutes, and not beyond a change of it', async () => {
  await using desk = await openDesk();
  const { tickets } = desk.secondFactors;
  const account = await desk.accounts.findById(desk.id);
  if (!account) throw new Error('the account is gone');
  const ticket = await tickets.issue(account);
  expect(await tickets.open(ticket)).toBe(desk.id);
  expect(await tickets.open('forged')).toBeUndefined();
  await desk.accounts.setPassword(desk.id, 'another-one-at-seven', systemActor);
  expect(await tickets.open(ticket)).toBeUndefined();
  const fresh = await tickets.issue((await desk.accounts.findById(desk.id)) ?? account);
  desk.wait(601);
  expect(await tickets.open(fresh)).toBeUndefined();
});
