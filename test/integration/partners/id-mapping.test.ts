import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
let staff: { token: string };
let learner: { token: string };

beforeAll(async () => {
  site = await startGraphSite();
  // Made in this order, which is that of the list. The LMS itself knows only some of them: it is not asked.
  const ada = await site.aPerson({ username: 'ada' });
  await site.aPerson({ username: 'grace', isLinked: false });
  await site.people(Array.from({ length: 23 }, (_, index) => `learner${String(index + 1).padStart(2, '0')}`));
  const root = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  [staff, learner] = await Promise.all([site.caller(root, 'tpa:read'), site.caller(ada, 'tpa:read learning:read')]);
});
afterAll(() => site[Symbol.asyncDispose]());

const own = '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users';

async function read(path: string, token: string | undefined = staff.token, scheme = 'Bearer') {
  const answer = await fetch(`${site.url}${path}`, {
    headers: token === '' ? {} : { authorization: `${scheme} ${token}` },
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
}

const ada = { username: 'ada', remote_id: 'ada' };
const root = { username: 'root', remote_id: 'root' };
const one = { next: null, previous: null, num_pages: 1, current_page: 1, start: 0, page: 1, page_size: 10 };

test.each([
  ['one name', '?username=ada', [ada]],
  ['names with commas between them', '?username=ada,root,nobody', [ada, root]],
  ['a parameter that is repeated', '?username=ada&username=root', [ada, root]],
  ['remote ids with commas between them', '?remote_id=ada,root', [ada, root]],
  ['remote ids that are repeated', '?remote_id=ada&remote_id=root', [ada, root]],
  ['either of both', '?username=ada&remote_id=root', [ada, root]],
  ['another letter case', '?username=ADA&remote_id=Root', [ada, root]],
  ['somebody without an LMS account', '?username=grace', []],
  ['names that are nothing', '?username=,', []],
])('the mapping is asked for by %s', async (_, query, results) => {
  const { status, body } = await read(own + query);
  expect([status, body]).toEqual([200, { ...one, count: results.length, results }]);
});

test('without a filter, or with one of another name, everybody is listed, ten to a page', async () => {
  const { body } = await read(`${own}?usernames=ada`);
  expect(body).toMatchObject({
    next: `${site.url}${own}?page=2&usernames=ada`,
    previous: null,
    ...{ count: 25, num_pages: 3, current_page: 1, start: 0, page: 1, page_size: 10 },
    results: [ada, ...Array.from({ length: 9 }, (__, index) => ({ username: `learner0${index + 1}` }))],
  });
  const { body: last } = await read(`${own}?page=last&page_size=20`);
  expect(last).toMatchObject({
    next: null,
    previous: `${site.url}${own}?page_size=20`,
    ...{ count: 25, num_pages: 2, current_page: 2, start: 20, page: 2, page_size: 20 },
  });
  expect((last as { results: object[] }).results).toHaveLength(5);
});

test.each([
  ['0', 10],
  ['many', 10],
  ['1000', 100],
])('a page size of %s is one of %d', async (size, meant) => {
  const { body } = await read(`${own}?page_size=${size}`);
  expect(body).toMatchObject({ page_size: meant, num_pages: Math.ceil(25 / meant) });
});

test.each(['0', '-1', 'x', '99', '99999999999999999999'])('there is no page %s', async (page) => {
  const { status, body } = await read(`${own}?page=${page}`);
  expect([status, body]).toEqual([404, { detail: 'Invalid page.' }]);
});

test('the scheme word may be JWT, and the token one', async () => {
  const person = await site.aPerson({ username: 'jay', roles: ['STAFF'], isLinked: false });
  const { client, secret = '' } = await site.gateway.context.services.oauthClients.create(
    {
      name: 'Partner',
      type: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['tpa:read'],
      ownerId: person.id,
    },
    systemActor,
  );
  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: secret };
  const jwt = await tokenFor({ ...form, token_type: 'jwt' });
  for (const [scheme, token] of [
    ['JWT', jwt],
    ['Bearer', jwt],
    ['JWT', await tokenFor(form)],
  ] as const)
    expect((await read(`${own}?username=ada`, token, scheme)).body).toMatchObject({ results: [ada] });
});

async function tokenFor(form: Record<string, string>): Promise<string> {
  const answer = await fetch(`${site.url}/oauth2/access_token`, { method: 'POST', body: new URLSearchParams(form) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

test.each([
  ['nobody', '', 'Bearer', { detail: 'Authentication credentials were not provided.' }],
  ['a bad JWT', 'a.b.c', 'JWT', { detail: 'Invalid token.' }],
  [
    'a bad token',
    'x',
    'Bearer',
    {
      error_code: 'token_nonexistent',
      developer_message: 'The provided access token does not match any valid tokens.',
    },
  ],
])('%s is asked for credentials as the LMS asks', async (_, token, scheme, body) => {
  const answer = await read(own, token, scheme);
  expect([answer.status, answer.headers.get('www-authenticate'), answer.body]).toEqual([401, 'JWT realm="api"', body]);
});

const forbidden = [403, { detail: 'You do not have permission to perform this action.' }];

test('a learner is refused, before they learn whether there is such a provider', async () => {
  for (const path of [own, own.replace('ol-oauth2', 'nope')]) {
    const { status, body } = await read(path, learner.token);
    expect([status, body]).toEqual(forbidden);
  }
});

test('a token without the scope is refused, whoever it acts for', async () => {
  const someone = await site.aPerson({ username: 'ann', roles: ['ADMIN'], isLinked: false });
  const { status, body } = await read(own, (await site.caller(someone, 'accounts:read')).token);
  expect([status, body]).toEqual(forbidden);
});

test.each(['oa2-nope', 'nope', 'ol-oauth2', 'oa2-..%2F..'])('there is no provider %s', async (provider) => {
  const { status, body } = await read(`/api/third_party_auth/v0/providers/${provider}/users`);
  expect([status, body]).toEqual([404, { detail: 'Not found.' }]);
});

test('nothing is written here', async () => {
  const post = (token: string) =>
    fetch(`${site.url}${own}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  expect((await post(learner.token)).status).toBe(403);
  const answer = await post(staff.token);
  expect([answer.status, answer.headers.get('allow'), await answer.json()]).toEqual([
    405,
    'GET, HEAD, OPTIONS',
    { detail: 'Method "POST" not allowed.' },
  ]);
});
