import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../../support/browser.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';

const draftType = 'application/graphql-response+json';
let site: GraphSite;
let ada: GraphCaller & { token: string };
let root: GraphCaller & { token: string };
beforeAll(async () => {
  site = await startGraphSite({ env: { GRAPHQL_ALLOWED_ORIGINS: 'https://app.example.edu' } });
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

interface Sent {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
  path?: string;
}
async function send({ method = 'POST', body, headers = {}, path = '/graphql' }: Sent) {
  const answer = await fetch(site.url + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  return { answer, status: answer.status, text, json: text ? JSON.parse(text) : undefined };
}
const jsonPost = (body: unknown, headers: Record<string, string> = {}): Sent => ({
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', accept: draftType, ...headers },
});

test('nobody sees nothing, and is not told off for asking who they are', async () => {
  expect(await askGraph({ url: site.url }, '{ viewer { username } }')).toEqual({ status: 200, data: { viewer: null } });
  const refused = await askGraph({ url: site.url }, '{ courseRuns { nodes { title } } }');
  expect(refused.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('a token that is none is refused before anything runs, whatever the rest of the request is', async () => {
  const bad = { authorization: 'Bearer nonsense' };
  for (const sent of [jsonPost({ query: '{ viewer { id } }' }, bad), jsonPost('{"broken', bad)]) {
    const { status, json, answer } = await send(sent);
    expect(status).toBe(401);
    expect(json.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  }
});

test.each([
  ['broken JSON', jsonPost('{"query": "{ viewer'), 400],
  ['a wrong field', jsonPost({ query: '{ viewer { nonsense } }' }), 400],
  ['a syntax error', jsonPost({ query: '{ viewer {' }), 400],
  ['a body that is no object', jsonPost('"text"'), 400],
  ['no query', jsonPost({ variables: {} }), 400],
  ['variables that are no object', jsonPost({ query: '{ viewer { id } }', variables: 'x' }), 400],
  [
    'a variable of the wrong type',
    jsonPost({ query: 'query ($k: CourseKey!) { courseRun(courseKey: $k) { id } }', variables: { k: 7 } }),
    400,
  ],
  ['an unknown operation', jsonPost({ query: 'query A { viewer { id } }', operationName: 'B' }), 400],
  ['several operations at once', jsonPost([{ query: '{ viewer { id } }' }]), 400],
  ['text', { body: '{ viewer { id } }', headers: { 'content-type': 'text/plain' } }, 415],
  ['a form', { body: 'query={viewer{id}}', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
  ['a body of 2 MB', jsonPost({ query: `{ viewer { id } } #${'x'.repeat(2e6)}` }), 413],
  ['a GET that a page of another site could send', { method: 'GET', path: '/graphql?query=%7Bviewer%7Bid%7D%7D' }, 400],
  ['another method', { ...jsonPost({ query: '{ viewer { id } }' }), method: 'PUT' }, 405],
])('%s is answered with 4xx and errors, never with 500', async (_what, sent, status) => {
  const answered = await send(sent);
  expect(answered.status).toBe(status);
  expect(answered.json.errors[0].extensions.code).not.toBe('INTERNAL_SERVER_ERROR');
  expect(answered.json.data).toBeUndefined();
});

test('clients that take application/json only get their request errors with 200', async () => {
  const sent = jsonPost({ query: '{ viewer { nonsense } }' }, { accept: 'application/json' });
  const { status, answer, json } = await send(sent);
  expect(status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('GET answers queries of callers who show that no form sent them, and no mutation', async () => {
  const get = (query: string) =>
    send({
      method: 'GET',
      path: `/graphql?query=${encodeURIComponent(query)}`,
      headers: { authorization: `Bearer ${ada.token}` },
    });
  expect((await get('{ viewer { username } }')).json.data).toEqual({ viewer: { username: 'ada' } });
  expect((await get('mutation { ensureEdxAccount(input: {}) { userErrors { code } } }')).status).toBe(405);
});

test('a page of another site may call only when it is on the list', async () => {
  const preflight = (origin: string, path = '/graphql') =>
    send({
      method: 'OPTIONS',
      path,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  const { answer } = await preflight('https://app.example.edu');
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.edu');
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  expect((await preflight('https://evil.example')).answer.headers.get('access-control-allow-origin')).toBeNull();
  expect(
    (await preflight('https://app.example.edu', '/api/users/me')).answer.headers.get('access-control-allow-origin'),
  ).toBeNull();
});

test('introspection and the cost of an operation are for staff to see', async () => {
  const query = '{ __schema { queryType { name } } }';
  expect(await askGraph(root, query)).toMatchObject({ status: 200, extensions: { cost: expect.any(Number) } });
  expect(await askGraph(ada, query)).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect(await askGraph({ url: site.url }, query)).toMatchObject({ status: 401 });
  expect((await askGraph(ada, '{ viewer { id } }')).extensions).toBeUndefined();
});

test('what is too deep, too wide or too costly is refused, as scanners find out', async () => {
  const aliases = Array.from({ length: 101 }, (_, n) => `a${n}: __typename`).join(' ');
  expect(await askGraph(ada, `{ ${aliases} }`)).toMatchObject({ status: 400 });
  expect(await askGraph(ada, `{ ${'__typename '.repeat(2001)} }`)).toMatchObject({ status: 400 });
  const circular = `{ viewer { ${'edx { account { '.repeat(9)} id ${'} } '.repeat(9)} } }`;
  expect(await askGraph(ada, circular)).toMatchObject({ status: 400 });
  const costly = await askGraph(
    ada,
    `{ ${[1, 2, 3].map((n) => `a${n}: viewer { enrollments(first: 200) { nodes { account { enrollments(first: 200) { nodes { grade { percent } } } } } } }`).join(' ')} }`,
  );
  expect(costly).toMatchObject({ status: 400, errors: [{ extensions: { code: 'OPERATION_TOO_COSTLY' } }] });
});

test('no hint at the schema helps a stranger to guess', async () => {
  const { errors } = await askGraph({ url: site.url }, '{ viewr { id } }');
  expect(errors?.[0]?.message).toBe('Cannot query field "viewr" on type "Query".');
});

test('a signed-in browser calls by its cookie; a form of another site does not get through', async () => {
  const person = await site.aPerson({ username: 'wim', isLinked: false });
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: person.email, password: testPassword });
  const cookie = browser.cookieHeader('/graphql');
  expect(await askGraph({ url: site.url, cookie }, '{ viewer { username } }')).toMatchObject({
    data: { viewer: { username: 'wim' } },
  });
  const form = await send({
    body: 'query=mutation{ensureEdxAccount(input:{}){userErrors{code}}}',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(form.status).toBe(415);
  const link = await send({ method: 'GET', path: '/graphql?query=%7Bviewer%7Bid%7D%7D', headers: { cookie } });
  expect(link.status).toBe(400);
});

test('the audit of GraphQL over HTTP finds no error and nothing to warn of', async () => {
  const fetchFn = (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${root.token}` } });
  const results = await auditServer({ url: `${site.url}/graphql`, fetchFn });
  expect(results.length).toBeGreaterThan(50);
  const complaints = results.filter(({ status }) => status === 'error' || status === 'warn');
  expect(complaints.map(({ id, name }) => `${id} ${name}`)).toEqual([]);
});
