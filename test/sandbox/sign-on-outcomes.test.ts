import { describe, expect, test } from 'vitest';
import { hashPassword } from '../../sandbox/lms/auth/passwords.js';
import { addUser } from '../../sandbox/lms/population.js';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { Browser } from './browser.js';
import { TEST_SANDBOX } from './credentials.js';
import { type FakePortico, startFakePortico } from './fake-portico.js';

const ME = '/api/user/v1/me';

/** Linked and unlinked, active and inactive people, and one without a usable password. */
function addPeople({ state }: RunningSandbox): void {
  const passwordHash = hashPassword('x');
  const add = (username: string, changes: { isActive?: boolean; passwordHash?: string | null } = {}): void => {
    addUser(state, {
      username,
      email: `${username}@example.org`,
      name: username,
      dateJoined: '2026-01-01T00:00:00Z',
      passwordHash,
      ...changes,
    });
  };
  const link = (username: string): void =>
    state.putLink({ id: state.nextId('link'), username, backend: 'ol-oauth2', uid: username });
  add('linked');
  add('unlinked');
  add('sleepy', { isActive: false });
  add('dormant', { isActive: false });
  add('disabled', { passwordHash: null });
  for (const username of ['linked', 'sleepy', 'disabled']) link(username);
}

interface Case {
  readonly what: string;
  readonly user?: Record<string, unknown>;
  readonly entry?: string;
  readonly next?: string;
  readonly instead?: FakePortico['instead'];
  /** Paths from the callback on, and the last status. */
  readonly hops: readonly string[];
  readonly status: number;
}

const COMPLETE = '/auth/complete/ol-oauth2/';

const CASES: readonly Case[] = [
  {
    what: 'a linked, active user',
    user: { username: 'linked', email: 'linked@example.org' },
    hops: [COMPLETE, COMPLETE, ME],
    status: 200,
  },
  {
    what: 'an unlinked user whose e-mail matches in other letter case',
    user: { username: 'u', email: 'UNLINKED@example.org' },
    hops: [COMPLETE, COMPLETE, ME],
    status: 200,
  },
  {
    what: 'a stranger, verification skipped',
    user: { username: 'new', email: 'new@example.org' },
    hops: [COMPLETE, '/register'],
    status: 200,
  },
  {
    what: 'a stranger who came to register',
    entry: 'register',
    user: { username: 'new', email: 'new@example.org' },
    hops: [COMPLETE, '/register'],
    status: 200,
  },
  {
    what: 'a linked, inactive user',
    user: { username: 'sleepy', email: 'sleepy@example.org' },
    hops: [COMPLETE, COMPLETE, '/auth/inactive', ME],
    status: 200,
  },
  {
    what: 'an unlinked, inactive user',
    user: { username: 'd', email: 'dormant@example.org' },
    hops: [COMPLETE, '/login'],
    status: 200,
  },
  {
    what: 'nobody’s username without an e-mail',
    user: { username: 'free' },
    hops: [COMPLETE, '/register'],
    status: 200,
  },
  {
    what: 'somebody’s username without an e-mail',
    user: { username: 'unlinked' },
    hops: [COMPLETE, '/login'],
    status: 200,
  },
  { what: 'a user without a usable password', user: { username: 'disabled' }, hops: [COMPLETE], status: 403 },
  {
    what: 'a person who refuses',
    instead: { authorize: { error: 'access_denied' } },
    hops: [COMPLETE, '/login'],
    status: 200,
  },
  {
    what: 'a token answer of 400',
    instead: { token: [400, { error: 'invalid_grant' }] },
    hops: [COMPLETE, '/login'],
    status: 200,
  },
  {
    what: 'a token answer of 500',
    instead: { token: [500, { error: 'server_error' }] },
    hops: [COMPLETE],
    status: 500,
  },
  { what: 'a token answer without a token', instead: { token: [200, {}] }, hops: [COMPLETE], status: 500 },
  { what: 'a user answer of 401', instead: { user: [401, {}] }, hops: [COMPLETE, '/login'], status: 200 },
  { what: 'a user answer of 500', instead: { user: [500, {}] }, hops: [COMPLETE], status: 500 },
  { what: 'a user answer in HTML', instead: { user: [200, '<html>'] }, hops: [COMPLETE], status: 500 },
  {
    what: 'a foreign next',
    user: { username: 'linked' },
    next: 'https://evil.example/x',
    hops: [COMPLETE, COMPLETE, '/dashboard'],
    status: 200,
  },
  { what: 'an invalid entry', user: { username: 'linked' }, entry: 'nonsense', hops: [COMPLETE, '/'], status: 200 },
];

describe('sign-on ends as at the LMS', () => {
  test.each(CASES)('for $what', async ({ user, entry = 'login', next = ME, instead = {}, hops, status }) => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    sandbox.state.provider = { ...sandbox.state.provider, syncLearnerProfileData: false };
    addPeople(sandbox);
    if (user) portico.users.set('tok', user);
    Object.assign(portico.instead, instead);
    const browser = new Browser();
    const end = await browser.go(
      `${sandbox.lmsUrl}/auth/login/ol-oauth2/?auth_entry=${entry}&next=${encodeURIComponent(next)}`,
    );
    expect(browser.visited.slice(2).map((url) => new URL(url).pathname)).toEqual(hops);
    expect(end.status).toBe(status);
  });

  test('in a browser of somebody else: a free identity is linked to them, a taken one is refused', async () => {
    await using portico = await startFakePortico();
    await using sandbox = await startSandbox({ ...TEST_SANDBOX, porticoUrl: portico.url });
    const browser = new Browser();
    const start = `${sandbox.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`;
    portico.users.set('tok', { username: 'ada', email: 'ada@example.org' });
    await browser.go(start);
    portico.users.set('tok', { username: 'free', email: 'ada@example.org' });
    await browser.go(start);
    expect(sandbox.state.link('ol-oauth2', 'free')?.username).toBe('ada');
    portico.users.set('tok', { username: 'sam', email: 'sam@example.org' });
    const end = await browser.go(start);
    expect(end.url).toBe(`${sandbox.lmsUrl}/dashboard`);
    expect(end.text).toContain('Signed in as <strong>ada</strong>');
  });
});
