import { describe, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { InvalidInputError, RateLimitedError } from '../../../src/errors.js';
import { createSignInThrottle } from '../../../src/services/account/sign-in-throttle.js';
import { systemActor } from '../../../src/services/actor.js';
import { createPasswordHasher } from '../../../src/services/password/hash.js';
import { createProvePassword } from '../../../src/services/password/proof.js';
import { aNewAccount, startAccountServices, type TestAccountServices } from '../../support/account-services.js';

const jobs = (services: TestAccountServices) =>
  services.orm.em
    .fork()
    .execute<{ task_identifier: string; key: string | null }[]>(
      'select task_identifier, key from graphile_worker.jobs',
    );

describe('creating an account', () => {
  test('comes with its edX link, the job that makes the LMS account, and an audit event', async () => {
    await using services = await startAccountServices();
    const account = await services.accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    expect(account.username).toBe('alice-liddell');
    const em = services.orm.em.fork();
    expect(await em.findOneOrFail(EdxLinkEntity, { accountId: account.id })).toMatchObject({ state: 'PENDING' });
    expect(await jobs(services)).toEqual([
      expect.objectContaining({ task_identifier: 'create-edx-account', key: `edx-link:${account.id}` }),
    ]);
    expect(await em.findOneOrFail(AuditEventEntity, { subjectId: account.id })).toMatchObject({
      action: 'account.created',
      outcome: 'success',
    });
    const stored = await em.findOneOrFail(AccountEntity, { id: account.id }, { populate: ['passwordHash'] });
    expect(stored.passwordHash).toMatch(/^\$argon2id\$/);
    expect(stored.emailVerifiedAt).toBeInstanceOf(Date);
  });

  test('leaves the edX account for later when asked to', async () => {
    await using services = await startAccountServices();
    const account = await services.accounts.create(aNewAccount({ isEdxAccountWanted: false }), systemActor);
    const link = await services.orm.em.fork().findOneOrFail(EdxLinkEntity, { accountId: account.id });
    expect(link.state).toBe('NOT_LINKED');
    expect(await jobs(services)).toEqual([]);
  });

  test('ten rivals for one e-mail address and one username: one wins, nine hear why', async () => {
    await using services = await startAccountServices();
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (_, number) =>
        services.accounts.create(
          aNewAccount(
            number % 2 ? { email: 'ALICE@example.org' } : { username: 'Alice', email: `alice${number}@example.org` },
          ),
          systemActor,
        ),
      ),
    );
    const reasons = attempts.map((attempt) =>
      attempt.status === 'fulfilled' ? 'created' : attempt.reason instanceof InvalidInputError && attempt.reason.reason,
    );
    expect(reasons.filter((_, number) => number % 2).sort()).toEqual([
      ...Array<string>(4).fill('EMAIL_TAKEN'),
      'created',
    ]);
    expect(reasons.filter((_, number) => number % 2 === 0).sort()).toEqual([
      ...Array<string>(4).fill('USERNAME_TAKEN'),
      'created',
    ]);
    expect(await services.orm.em.fork().count(EdxLinkEntity)).toBe(2);
  });

  test('two people of the same name get different usernames', async () => {
    await using services = await startAccountServices();
    const made = await Promise.all(
      [1, 2, 3].map((number) =>
        services.accounts.create(aNewAccount({ email: `a${number}@example.org` }), systemActor),
      ),
    );
    expect(made.map((account) => account.username).sort()).toEqual([
      'alice-liddell',
      'alice-liddell1',
      'alice-liddell2',
    ]);
  });

  test('refuses what the LMS would refuse, and keeps a country in upper case, as the LMS wants it', async () => {
    await using services = await startAccountServices();
    await expect(services.accounts.create(aNewAccount({ name: '<Alice>' }), systemActor)).rejects.toMatchObject({
      field: ['name'],
    });
    const account = await services.accounts.create(aNewAccount({ profile: { country: 'us' } }), systemActor);
    expect(account.profile).toEqual({ country: 'US' });
  });
});

describe('finding accounts', () => {
  test('is blind to case, and takes an e-mail address or a username to sign in', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount(), systemActor);
    for (const found of await Promise.all([
      accounts.findById(alice.id),
      accounts.findByUsername('ALICE-Liddell'),
      accounts.findByEmail(' Alice@Example.ORG '),
      accounts.findByIdentifier('alice@example.org'),
      accounts.findByIdentifier('alice-liddell'),
    ]))
      expect(found?.id).toBe(alice.id);
    expect(await accounts.findByUsername('alice\0')).toBeNull();
    expect(await accounts.findByIds([alice.id, '01890000-0000-7000-8000-000000000000'])).toHaveLength(1);
  });

  test('searches by a part of username, e-mail address or name, taken literally', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    await accounts.create(aNewAccount(), systemActor);
    await accounts.create(aNewAccount({ email: 'bob@example.org', name: 'Bob_Sto%ne', roles: ['STAFF'] }), systemActor);
    const names = async (filter: Parameters<typeof accounts.search>[0]) =>
      (await accounts.search(filter, { size: 10 })).rows.map((account) => account.name);
    expect(await names({ text: 'LIDD' })).toEqual(['Alice Liddell']);
    expect(await names({ text: 'example' })).toEqual(['Alice Liddell', 'Bob_Sto%ne']);
    expect(await names({ text: 'o%n' })).toEqual(['Bob_Sto%ne']);
    expect(await names({ text: 'A_i' })).toEqual([]);
    expect(await names({ role: 'STAFF' })).toEqual(['Bob_Sto%ne']);
    expect(await names({ status: 'BLOCKED' })).toEqual([]);
    const first = await accounts.search({}, { size: 1 });
    expect([first.hasNextPage, await first.count()]).toEqual([true, 2]);
  });
});

describe('changing the profile', () => {
  test('has the LMS told once, and only when something changed', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount(), systemActor);
    const pushes = async () => (await jobs(services)).filter((job) => job.task_identifier === 'push-profile');
    await accounts.updateProfile(alice.id, { name: alice.name }, { accountId: alice.id });
    expect(await pushes()).toEqual([]);
    await accounts.updateProfile(alice.id, { name: 'Alice  P. Liddell' }, { accountId: alice.id });
    await accounts.updateProfile(alice.id, { profile: { country: 'GB' } }, { accountId: alice.id });
    expect(await pushes()).toEqual([expect.objectContaining({ key: `push-profile:${alice.id}` })]);
    expect(await accounts.findById(alice.id)).toMatchObject({ name: 'Alice P. Liddell', profile: { country: 'GB' } });
  });
});

const home = '192.0.2.1';
const elsewhere = '192.0.2.2';

describe('signing in', () => {
  test('takes the e-mail address or the username, and keeps when', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    for (const identifier of ['ALICE@example.org', 'alice-liddell'])
      expect(await accounts.authenticate(identifier, 'ada-password-1', home)).toMatchObject({
        outcome: 'success',
        account: { id: alice.id },
      });
    expect((await accounts.findById(alice.id))?.lastSignedInAt).toBeInstanceOf(Date);
  });

  test('says the same about a wrong password, an unknown account and one without a password', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    await accounts.create(aNewAccount({ email: 'bob@example.org', name: 'Bob' }), systemActor);
    for (const identifier of ['alice@example.org', 'nobody@example.org', 'bob@example.org'])
      expect(await accounts.authenticate(identifier, 'wrong', home)).toEqual({ outcome: 'wrong' });
  });

  test('tells a person with the right password why the account is closed, and nobody else', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    await services.orm.em.fork().nativeUpdate(AccountEntity, { id: alice.id }, { status: 'BLOCKED' });
    expect(await accounts.authenticate('alice@example.org', 'ada-password-1', home)).toEqual({
      outcome: 'inactive',
      status: 'BLOCKED',
    });
    expect(await accounts.authenticate('alice@example.org', 'wrong', home)).toEqual({ outcome: 'wrong' });
  });

  test('leaves one audit event for each outcome, without what was typed', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    await accounts.authenticate('alice@example.org', 'ada-password-1', home);
    await accounts.authenticate('alice@example.org', 'guessed-password', home);
    await accounts.authenticate('nobody@example.org', 'guessed-password', home);
    const events = await services.orm.em
      .fork()
      .find(AuditEventEntity, { action: 'sign-in' }, { orderBy: { id: 'asc' } });
    expect(events.map(({ outcome, subjectId, address }) => ({ outcome, subjectId, address }))).toEqual([
      { outcome: 'success', subjectId: alice.id, address: home },
      { outcome: 'wrong-credentials', subjectId: alice.id, address: home },
      { outcome: 'wrong-credentials', subjectId: null, address: home },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/guessed|nobody/);
  });

  test('makes a hash of yesterday’s cost anew', async () => {
    await using services = await startAccountServices();
    const { accounts, orm } = services;
    const alice = await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    const hashOf = async () =>
      (await orm.em.fork().findOneOrFail(AccountEntity, { id: alice.id }, { populate: ['passwordHash'] })).passwordHash;
    const prove = createProvePassword({
      orm,
      hasher: createPasswordHasher({ cost: { memoryKib: 128, passes: 2 } }),
      throttle: createSignInThrottle({
        store: services.throttles,
        addressFailures: services.throttles.create({ name: 'address', limit: 300, windowSeconds: 60 }),
        failuresPerAccount: 10,
      }),
    });
    expect(await hashOf()).toContain('m=64,t=1');
    expect(await prove(alice, alice.email, 'ada-password-1', home)).toBe(true);
    expect(await hashOf()).toContain('m=128,t=2');
    expect(await prove(alice, alice.email, 'ada-password-1', home)).toBe(true);
  });
});

describe('guessing passwords', () => {
  test('the eleventh try on one account from one address is refused, in every process, whatever the password', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    for (let attempt = 0; attempt < 10; attempt++)
      expect(await accounts.authenticate('alice@example.org', `guess-${attempt}`, home)).toEqual({ outcome: 'wrong' });
    const refused = await accounts
      .authenticate('alice-liddell', 'ada-password-1', home)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitedError);
    expect((refused as RateLimitedError).retryAfterSeconds).toBeGreaterThan(800);
    expect((refused as RateLimitedError).retryAfterSeconds).toBeLessThanOrEqual(900);
    // From elsewhere the right password still opens.
    expect(await accounts.authenticate('alice@example.org', 'ada-password-1', elsewhere)).toMatchObject({
      outcome: 'success',
    });
  });

  test('an unknown account is throttled in the same way', async () => {
    await using services = await startAccountServices({ env: { SIGN_IN_FAILURES_PER_ACCOUNT: '3' } });
    for (let attempt = 0; attempt < 3; attempt++) await services.accounts.authenticate('nobody', 'guess', home);
    await expect(services.accounts.authenticate('Nobody', 'guess', home)).rejects.toThrow(RateLimitedError);
  });

  test('an address that fails all the time is told to wait, and a right password from there still opens', async () => {
    await using services = await startAccountServices({ env: { FAILURES_PER_ADDRESS_PER_MINUTE: '5' } });
    const { accounts } = services;
    await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    for (let attempt = 0; attempt < 5; attempt++) await accounts.authenticate(`nobody${attempt}`, 'guess', home);
    await expect(accounts.authenticate('nobody6', 'guess', home)).rejects.toThrow(RateLimitedError);
    expect(await accounts.authenticate('alice@example.org', 'ada-password-1', home)).toMatchObject({
      outcome: 'success',
    });
  });

  test('failures of others on the same account slow it down and do not lock it', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    await Promise.all(
      Array.from({ length: 25 }, (_, number) =>
        accounts.authenticate('alice@example.org', 'guess', `198.51.100.${number}`),
      ),
    );
    expect(await accounts.authenticate('alice@example.org', 'ada-password-1', home)).toMatchObject({
      outcome: 'success',
    });
  });
});

describe('changing the password', () => {
  test('needs the present one, and refuses a weak one', async () => {
    await using services = await startAccountServices();
    const { accounts } = services;
    const alice = await accounts.create(aNewAccount({ password: 'ada-password-1' }), systemActor);
    await expect(accounts.changePassword(alice.id, 'wrong', 'a-much-better-one', home)).rejects.toMatchObject({
      reason: 'WRONG_PASSWORD',
    });
    await expect(accounts.changePassword(alice.id, 'ada-password-1', 'short', home)).rejects.toMatchObject({
      reason: 'TOO_SHORT',
    });
    await expect(accounts.changePassword(alice.id, 'ada-password-1', 'alice-liddell', home)).rejects.toMatchObject({
      reason: 'TOO_WEAK',
    });
    await accounts.changePassword(alice.id, 'ada-password-1', 'a-much-better-one', home);
    expect(await accounts.authenticate('alice-liddell', 'ada-password-1', home)).toEqual({ outcome: 'wrong' });
    expect(await accounts.authenticate('alice-liddell', 'a-much-better-one', home)).toMatchObject({
      outcome: 'success',
    });
  });
});
