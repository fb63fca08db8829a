import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { publishChange } from '../../../src/changes/publish-change.js';
import type { Account } from '../../../src/entities/account.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import type { GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';

type Holder = GraphCaller & { token: string };
const changes = 'subscription { edxLinkChanged { state account { username } } }';

let site: GraphSite;
let adaAccount: Account;
let ada: Holder;
let sam: Holder;
const cuts: AbortController[] = [];
beforeAll(async () => {
  site = await startGraphSite();
  adaAccount = await site.aPerson({ username: 'ada' });
  ada = await site.caller(adaAccount, 'learning:read learning:write user:read');
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
  await site.gateway.context.changes.everyoneHeard();
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(async () => {
  for (const cut of cuts.splice(0)) cut.abort();
  await followed(0);
});

const followed = (count: number) =>
  eventually(`${count} subscriptions`, async () => {
    const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === count;
  });
const linkChanges = async (account: Account) => {
  const { services, orm } = site.gateway.context;
  const [link] = await services.edxLinks.findByAccountIds([account.id]);
  const change = { topic: 'edx-link', accountId: account.id, edxLinkId: String(link?.id) } as const;
  await publishChange(orm.em.fork(), change);
};
const ask = (
  { query, variables, method = 'POST' }: { query: string; variables?: Record<string, unknown>; method?: string },
  headers: Record<string, string>,
) => {
  const cut = new AbortController();
  cuts.push(cut);
  const all = { accept: 'text/event-stream', ...headers };
  const search = new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) });
  return method === 'GET'
    ? fetch(`${site.url}/graphql/stream?${search}`, { headers: all, signal: cut.signal })
    : fetch(`${site.url}/graphql/stream`, {
        method,
        headers: { 'content-type': 'application/json', ...all },
        body: JSON.stringify({ query, ...(variables && { variables }) }),
        signal: cut.signal,
      });
};
const by = ({ token }: Holder) => ({ authorization: `Bearer ${token}` });
/** The events of an answer as they come, comments left out. */
async function* eventsOf(answer: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
      if (event) yield { event, data: data && JSON.parse(data) };
    }
  }
}
const allOf = async (answer: Response) => {
  const events: { event: string; data: unknown }[] = [];
  for await (const event of eventsOf(answer)) events.push(event);
  return events;
};

test('the kept client hears of changes', async () => {
  const client = createClient({ url: `${site.url}/graphql/stream`, headers: by(ada), retryAttempts: 0 });
  const results = client.iterate({ query: changes });
  const next = results.next();
  await followed(1);
  await linkChanges(adaAccount);
  expect(await next).toEqual({
    done: false,
    value: { data: { edxLinkChanged: { state: 'LINKED', account: { username: 'ada' } } } },
  });
  await results.return?.();
  client.dispose();
});

test('plain fetch gets the events, and sockets and streams are one group', async () => {
  const query = 'subscription ($id: ID) { edxLinkChanged(accountId: $id) { state } }';
  const variables = { id: toGlobalId('Account', adaAccount.id) };
  const answers = [await ask({ query, variables }, by(sam)), await ask({ query, variables, method: 'GET' }, by(sam))];
  expect(answers.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual(
    Array(2).fill([200, 'text/event-stream; charset=utf-8']),
  );
  expect(answers[0]?.headers.get('x-accel-buffering')).toBe('no');
  expect(
    answers[0]?.headers.get('strict-transport-security') ?? answers[0]?.headers.get('x-frame-options'),
  ).toBeTruthy();
  await followed(2);
  const groups = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscription_groups')?.get();
  expect(groups?.values[0]?.value).toBe(1);
  const events = answers.map((answer) => eventsOf(answer).next());
  await linkChanges(adaAccount);
  const expected = { event: 'next', data: { data: { edxLinkChanged: { state: 'LINKED' } } } };
  for (const event of await Promise.all(events)) expect(event.value).toEqual(expected);
});

test('queries are answered, and bad documents are judged, in the same form', async () => {
  expect(await allOf(await ask({ query: '{ viewer { username } }' }, by(ada)))).toEqual([
    { event: 'next', data: { data: { viewer: { username: 'ada' } } } },
    { event: 'complete', data: '' },
  ]);
  for (const [query, code] of [
    ['{ viewer { nonsense } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    ['{ __schema { queryType { name } } }', 'FORBIDDEN'],
    [`subscription { edxLinkChanged(accountId: "${toGlobalId('Account', randomUUID())}") { state } }`, 'FORBIDDEN'],
  ] as const)
    expect(await allOf(await ask({ query }, by(ada))), query).toMatchObject([
      { event: 'next', data: { errors: [{ extensions: { code } }] } },
      { event: 'complete' },
    ]);
});

test('operations are counted by name and outcome as those over HTTP are, and staff see what they cost', async () => {
  const asks = [
    ['query Mine { viewer { username } }', 'Mine', 'query', 'OK'],
    ['query Schema { __schema { queryType { name } } }', 'Schema', 'query', 'FORBIDDEN'],
    [
      'mutation Enroll { enrollInCourse(input: { courseKey: "course-v1:A+B+C" }) { userErrors { code } } }',
      'Enroll',
      'mutation',
      'OK',
    ],
    [
      `subscription Theirs { edxLinkChanged(accountId: "${toGlobalId('Account', randomUUID())}") { state } }`,
      'Theirs',
      'subscription',
      'FORBIDDEN',
    ],
    ['query Broken { viewer { nonsense } }', 'anonymous', 'none', 'GRAPHQL_VALIDATION_FAILED'],
  ] as const;
  for (const [query] of asks) await allOf(await ask({ query }, by(ada)));
  await ask({ query: 'subscription Links { edxLinkChanged { state } }' }, by(ada));
  await followed(1);
  const figures = await site.gateway.context.metrics.metrics();
  for (const [, operation, type, code] of [...asks, ['', 'Links', 'subscription', 'OK']]) {
    const labels = `\\{operation="${operation}",type="${type}",code="${code}"\\}`;
    expect(figures).toMatch(new RegExp(`^portico_graphql_operation_duration_seconds_count${labels} [1-9]`, 'm'));
  }
  const [event] = await allOf(await ask({ query: '{ viewer { username } }' }, by(sam)));
  expect(event?.data).toMatchObject({ extensions: { cost: expect.any(Number) } });
});

test('what is no stream, or comes from nobody, is refused before it begins', async () => {
  const query = '{ viewer { username } }';
  const mutation = 'mutation { enrollInCourse(input: { courseKey: "course-v1:A+B+C" }) { userErrors { code } } }';
  const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
  expect(await statusOf({ query }, {})).toBe(401);
  expect(await statusOf({ query }, { authorization: 'Bearer nonsense' })).toBe(401);
  expect(await statusOf({ query }, { ...by(ada), accept: 'application/json' })).toBe(406);
  expect(await statusOf({ query: mutation, method: 'GET' }, by(ada))).toBe(405);
  expect(await statusOf({ query, method: 'PUT' }, by(ada))).toBe(404);
});

test('a cookie serves pages of ours only', async () => {
  const person = await site.aPerson({ username: 'wim', isLinked: false });
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: person.email, password: testPassword });
  const cookie = browser.cookieHeader('/graphql');
  const query = '{ viewer { username } }';
  const statusOf = async (method: string, headers: Record<string, string>) =>
    (await ask({ query, method }, { cookie, ...headers })).status;
  expect(await statusOf('GET', { origin: 'https://evil.example' })).toBe(403);
  expect(await statusOf('GET', { 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusOf('GET', {})).toBe(403);
  expect(await statusOf('GET', { 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await statusOf('POST', { origin: site.url })).toBe(200);
  const stream = await ask({ query: changes }, { cookie, origin: site.url });
  await followed(1);
  const ended = expect(allOf(stream)).rejects.toThrow('terminated');
  await site.gateway.context.oauth.signIn.revokeAll(person.id);
  await linkChanges(person);
  await ended;
});
