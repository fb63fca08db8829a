import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Account } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { UpstreamUnavailableError } from '../../src/errors.js';
import { createLinkageBench, type Node } from '../integration/linkage/linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;
const tokenCalls = /^POST \/oauth2\/access_token/;

test('43: the whole exchange, without a browser: the pair is stored sealed, with its end ten seconds early', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const before = Date.now();
  const token = await node.edxApiTokens.getValidToken(alice.id);

  const link = await storedLink(bench, alice);
  expect(link.apiAccessToken).toMatch(/^ey/);
  expect(link.apiAccessToken).not.toContain(token);
  const lifeMs = (link.apiTokenExpiresAt?.getTime() ?? 0) - before;
  expect(lifeMs).toBeGreaterThan((36_000 - 15) * 1000);
  expect(lifeMs).toBeLessThanOrEqual((36_000 - 10) * 1000 + (Date.now() - before));
  // It acts as the learner, as nobody else may.
  const outcome = await node.api.updateAccount('alice', { name: 'Alice II' }, token, { purpose: 'job' });
  expect(outcome).toMatchObject({ kind: 'updated', user: { name: 'Alice II' } });
});

test('45: a token that is good for another minute costs no call', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const token = await node.edxApiTokens.getValidToken(alice.id);
  await bench.lever('DELETE', '/_sandbox/requests');
  expect(await node.edxApiTokens.getValidToken(alice.id)).toBe(token);
  expect(await bench.requests(/./)).toEqual([]);
});

test('46: twenty callers in two processes refresh once', async () => {
  await using bench = await createLinkageBench();
  await using one = await bench.node();
  await using other = await bench.node();
  const alice = await linkedAccount(bench, one);
  const old = await one.edxApiTokens.getValidToken(alice.id);
  await expire(bench, alice);
  await bench.lever('DELETE', '/_sandbox/requests');
  const callers = Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other));
  const tokens = await Promise.all(callers.map((node) => node.edxApiTokens.getValidToken(alice.id)));
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).not.toBe(old);
  expect(await bench.requests(tokenCalls)).toHaveLength(1);
  expect(await bench.requests(/^GET \/auth\/login/)).toHaveLength(0);
});

test('47: a refresh token that the LMS no longer knows is replaced by a new exchange', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  await expire(bench, alice);
  forgetTokens(bench);
  await bench.lever('DELETE', '/_sandbox/requests');
  const token = await node.edxApiTokens.getValidToken(alice.id);
  expect(await bench.requests(/^GET \/auth\/login/)).toHaveLength(1);
  const outcome = await node.api.updateAccount('alice', { name: 'A' }, token, { purpose: 'job' });
  expect(outcome.kind).toBe('updated');
});

test.each([
  ['html500', 'server-error'],
  ['down', 'server-error'],
  ['forbidden', 'throttled'],
])('48: %s at the token endpoint keeps the pair and says so', async (mode, code) => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  await expire(bench, alice);
  const before = await storedLink(bench, alice);
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/oauth2/access_token*', mode, times: 100, ms: 60_000 }]);
  await bench.lever('DELETE', '/_sandbox/requests');
  await expect(node.edxApiTokens.getValidToken(alice.id)).rejects.toBeInstanceOf(UpstreamUnavailableError);
  const after = await storedLink(bench, alice);
  expect(after.apiRefreshToken).toBe(before.apiRefreshToken);
  expect(after.apiTokenLastError).toMatchObject({ code, retryable: true });
  expect(await bench.requests(/^GET \/auth\/login/)).toEqual([]);
  await bench.lever('DELETE', '/_sandbox/faults');
});

test('48: a wrong client secret is a fault of configuration: no new exchange, the pair is kept', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  await expire(bench, alice);
  const before = await storedLink(bench, alice);
  await bench.lever('PUT', '/_sandbox/settings', { misconfigured: ['secret-mismatch'] });
  await bench.lever('DELETE', '/_sandbox/requests');
  await expect(node.edxApiTokens.getValidToken(alice.id)).rejects.toMatchObject({ why: 'credentials' });
  const after = await storedLink(bench, alice);
  expect(after.apiRefreshToken).toBe(before.apiRefreshToken);
  expect(after.apiTokenLastError).toMatchObject({ code: 'client-misconfigured' });
  expect(await bench.requests(/^GET \/auth\/login/)).toEqual([]);
});

test('a lost answer to a refresh costs one more exchange, nothing else', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await node.edxApiTokens.getValidToken(alice.id);
  await expire(bench, alice);
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/oauth2/access_token*', mode: 'lost-answer', times: 1 }]);
  await expect(node.edxApiTokens.getValidToken(alice.id)).rejects.toBeInstanceOf(UpstreamUnavailableError);
  expect(await node.edxApiTokens.getValidToken(alice.id)).toBeTypeOf('string');
  expect(await storedLink(bench, alice)).toMatchObject({ apiTokenLastError: null });
});

test.each([
  ['missing-backend', 'backend-missing'],
  ['redirect-mismatch', 'foreign-redirect'],
  ['wrong-slug', 'backend-missing'],
])('44: an LMS with %s is told as %s, and the link stays', async (misconfigured, step) => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  await bench.lever('PUT', '/_sandbox/settings', { misconfigured: [misconfigured] });
  await node.edxApiTokens.provide(alice.id);
  expect(await storedLink(bench, alice)).toMatchObject({
    state: 'LINKED',
    apiTokenLastError: { code: step },
    lastError: null,
  });
});

test('44: a sign-on that Portico denies ends on the LMS’s sign-in page, and is told so', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  bench.portico.instead.authorize = { error: 'access_denied' };
  await expect(node.edxApiTokens.getValidToken(alice.id)).rejects.toMatchObject({ step: 'login-page' });
});

test.each<[string, string, (request: URL, self: string, portico: string) => { status: number; location?: string }]>([
  ['foreign-redirect', 'a third host', () => ({ status: 302, location: 'https://evil.example/?code=1' })],
  [
    'too-many-hops',
    'a circle',
    (url, self) => ({ status: 302, location: `${self}/auth/login/again?n=${url.search.length}` }),
  ],
  [
    'sso-unclear',
    'a page of Portico that says nothing',
    (_url, _self, portico) => ({ status: 302, location: `${portico}/login` }),
  ],
  [
    'login-page',
    'the LMS’s sign-in page',
    (url) => (url.pathname === '/login' ? { status: 200 } : { status: 302, location: '/login' }),
  ],
  [
    'consent-asked',
    'a consent page',
    (url) => (url.pathname === '/oauth2/authorize' ? { status: 200 } : { status: 302, location: '/oauth2/authorize' }),
  ],
  [
    'authorize-refused',
    'an unknown client',
    (url) => (url.pathname === '/oauth2/authorize' ? { status: 400 } : { status: 302, location: '/oauth2/authorize' }),
  ],
  ['lms-user-disabled', 'a disabled user', () => ({ status: 403 })],
  [
    'no-code',
    'a call-back without code',
    (url, _self, portico) => ({ status: 302, location: `${portico}/login/_private/complete?state=${stateOf(url)}` }),
  ],
  [
    'state-mismatch',
    'a call-back of another request',
    (_url, _self, portico) => ({ status: 302, location: `${portico}/login/_private/complete?code=1&state=other` }),
  ],
])('44: the code %s tells of an exchange that ends at %s', async (step, _where, answer) => {
  await using bench = await createLinkageBench();
  await using lms = await startStrangeLms((url, self) => answer(url, self, bench.portico.url));
  await using setup = await bench.node();
  const alice = await linkedAccount(bench, setup);
  await using node = await bench.node({}, { baseUrl: lms.url, browserUrl: lms.url });
  await expect(node.edxApiTokens.getValidToken(alice.id)).rejects.toMatchObject({ step });
  expect((await storedLink(bench, alice)).apiTokenLastError).toMatchObject({ code: step });
});

test('49: tokens are sealed at rest, follow the secret keys, and are in no log line', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const token = await node.edxApiTokens.getValidToken(alice.id);
  const sealedBefore = await storedLink(bench, alice);
  const stored = await bench.em.fork().execute<Record<string, unknown>[]>('select * from edx_link');
  expect(JSON.stringify(stored)).not.toContain(token);
  const jobs = await bench.em.fork().execute<Record<string, unknown>[]>('select * from graphile_worker._private_jobs');
  expect(JSON.stringify(jobs)).not.toContain(token);

  const lines: string[] = [];
  const newKey = 'another-secret-key-of-at-least-32-characters';
  const log = { write: (line: string) => void lines.push(line) };
  await using rotated = await bench.node({}, {}, { keys: [newKey, ...bench.keys], log });
  expect(await rotated.edxApiTokens.getValidToken(alice.id)).toBe(token);
  expect(await rotated.edxApiTokens.reseal()).toBe(1);
  expect(await rotated.edxApiTokens.reseal()).toBe(0);
  const sealedAfter = await storedLink(bench, alice);
  expect(sealedAfter.apiRefreshToken).not.toBe(sealedBefore.apiRefreshToken);
  // The old key can go.
  await using withoutOldKey = await bench.node({}, {}, { keys: [newKey], log });
  await bench.lever('DELETE', '/_sandbox/requests');
  expect(await withoutOldKey.edxApiTokens.getValidToken(alice.id)).toBe(token);
  expect(await bench.requests(/./)).toEqual([]);
  await withoutOldKey.edxApiTokens.refresh(alice.id);
  const renewed = await withoutOldKey.edxApiTokens.getValidToken(alice.id);
  expect(lines.length).toBeGreaterThan(0);
  for (const secret of [token, renewed]) expect(lines.join('')).not.toContain(secret);
});

test('51: each call goes out with the token that it is for: nobody’s, the learner’s or the service worker’s', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linkedAccount(bench, node);
  const token = await node.edxApiTokens.getValidToken(alice.id);
  const options = { purpose: 'job' } as const;
  const courseKey = 'course-v1:edX+DemoX+Demo_Course';
  const { api } = node;
  await api.updateAccount('alice', { name: 'Alice' }, token, options);
  await api.accountByEmail('alice@example.org', options);
  await api.postEnrollment({ username: 'alice', courseKey, isActive: true, mode: 'audit' }, options);
  await api.listEnrollments({ usernames: ['alice'] }, options);
  await api.courses({ courseKeys: [courseKey] }, options);
  await api.courseModes(courseKey, options);
  await api.gradesOf(courseKey, 'alice', options);
  await api.certificatesOf('alice', options);
  await api.mappings({ usernames: ['alice'] }, options);

  const all = await bench.requests(/./);
  const authOf = (pattern: RegExp) => [
    ...new Set(all.filter(({ method, path }) => pattern.test(`${method} ${path}`)).map(({ auth }) => auth)),
  ];
  const worker = [`jwt:${bench.config.lms.workerUsername}`];
  expect(authOf(/^POST \/user_api\/v1\/account\/registration/)).toEqual(['none']);
  expect(authOf(/^PATCH \/api\/user\/v1\/accounts\/alice/)).toEqual(['bearer:alice']);
  expect(authOf(/^GET \/api\/user\/v1\/accounts/)).toEqual(worker);
  expect(authOf(/^POST \/api\/enrollment/)).toEqual(worker);
  expect(authOf(/^GET \/api\/enrollment/)).toEqual(worker);
  expect(authOf(/^GET \/api\/courses/)).toEqual(worker);
  expect(authOf(/^GET \/api\/course_modes/)).toEqual(worker);
  expect(authOf(/^GET \/api\/grades/)).toEqual(worker);
  expect(authOf(/^GET \/api\/certificates/)).toEqual(worker);
  expect(authOf(/^GET \/api\/third_party_auth/)).toEqual(worker);
});

/** The state that the authorization request inside `next` carries. */
function stateOf(url: URL): string {
  const next = url.searchParams.get('next') ?? '';
  return new URL(next, 'http://lms').searchParams.get('state') ?? '';
}

async function startStrangeLms(answer: (url: URL, self: string) => { status: number; location?: string }) {
  const server: Server = createServer((request, response) => {
    const { status, location } = answer(new URL(request.url ?? '/', self()), self());
    response.writeHead(status, location === undefined ? {} : { location }).end('<html></html>');
  });
  const self = () => `http://localhost:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    url: self(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function linkedAccount(bench: Bench, node: Node): Promise<Account> {
  const alice = await bench.account({ username: 'alice' });
  await node.edxLinks.create(alice.id);
  return alice;
}

function storedLink(bench: Bench, account: Account) {
  return bench.em
    .fork()
    .findOneOrFail(EdxLinkEntity, { accountId: account.id }, { populate: ['apiAccessToken', 'apiRefreshToken'] });
}

async function expire(bench: Bench, account: Account): Promise<void> {
  await bench.em.fork().execute('update edx_link set api_token_expires_at = now() where account_id = ?', [account.id]);
}

/** What the LMS does when somebody asks for a password reset of the user, or cleans up. */
function forgetTokens(bench: Bench): void {
  const { state } = bench.sandbox;
  state.atomically(() => {
    for (const [key] of [...state.refreshTokens.entries()]) state.refreshTokens.delete(key);
  });
}
