/** Plain operations are answered without Apollo's machinery once their document is known; nobody can tell. */
import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  site = await startGraphSite({});
  tokens.ada = (await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read learning:write')).token;
  tokens.root = (await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope)).token;
});
afterAll(() => site[Symbol.asyncDispose]());

interface Asked {
  query: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
  as?: string;
  headers?: Record<string, string>;
  extensions?: Record<string, unknown>;
}

/** One answer without what differs between any two, and whether Apollo was asked for it. */
async function ask({ as, headers, ...body }: Asked) {
  const handled = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
  try {
    const answer = await fetch(`${site.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(as && { authorization: `Bearer ${tokens[as]}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const { date: _date, 'x-request-id': requestId = '', ...rest } = Object.fromEntries(answer.headers);
    return {
      byApollo: handled.mock.calls.length > 0,
      answer: { status: answer.status, headers: rest, text: text.replaceAll(requestId, 'ID') },
    };
  } finally {
    handled.mockRestore();
  }
}

const byKey = 'query ByKey($key: CourseKey!) { courseRun(courseKey: $key) { title } }';
const key = 'course-v1:DemoU+P101+2026';

test.each<[string, Asked]>([
  ['a stranger’s question', { query: '{ __typename }' }],
  ['a learner’s own data', { query: '{ viewer { username enrollments(first: 2) { nodes { mode } } } }', as: 'ada' }],
  ['with variables', { query: byKey, variables: { key }, as: 'ada' }],
  ['one operation of several', { query: 'query A { viewer { id } } query B { __typename }', operationName: 'B' }],
  ['data beside an error', { query: '{ viewer { username } auditEvents(first: 1) { nodes { id } } }', as: 'ada' }],
  ['an error in place of all data', { query: '{ accounts(first: 1) { nodes { id } } }' }],
  ['a cost that is shown', { query: '{ accounts(first: 1) { nodes { username } } }', as: 'root' }],
  ['introspection by staff', { query: '{ __schema { queryType { name } } }', as: 'root' }],
  [
    'a mutation that says what is wrong',
    {
      query:
        'mutation ($input: EnrollInCourseInput!) { enrollInCourse(input: $input) { userErrors { code message } } }',
      variables: { input: { courseKey: 'course-v1:No+Such+Run' } },
      as: 'ada',
    },
  ],
  ['the draft type', { query: '{ a: __typename }', headers: { accept: 'application/graphql-response+json' } }],
  [
    'either type, as Apollo’s client asks',
    { query: '{ b: __typename }', headers: { accept: 'application/graphql-response+json,application/json;q=0.9' } },
  ],
  [
    'either type, the plain one first',
    { query: '{ c: __typename }', headers: { accept: 'application/json, application/graphql-response+json' } },
  ],
  [
    'either type, the draft first',
    { query: '{ d: __typename }', headers: { accept: 'application/graphql-response+json, application/json' } },
  ],
  ['as axios asks', { query: '{ e: __typename }', headers: { accept: 'application/json, text/plain, */*' } }],
  ['any type', { query: '{ f: __typename }', headers: { accept: '*/*' } }],
  ['a named charset', { query: '{ g: __typename }', headers: { 'content-type': 'application/json; charset=utf-8' } }],
  ['variables and name that are null', { query: '{ h: __typename }', variables: null, operationName: null }],
])('%s: the same answer on the short way as on the long one', async (_what, asked) => {
  const first = await ask(asked);
  const second = await ask(asked);
  expect([first.byApollo, second.byApollo]).toEqual([true, false]);
  expect(second.answer).toEqual(first.answer);
});

test.each<[string, Asked, number]>([
  ['a document that is wrong', { query: '{ viewer { nonsense } }' }, 200],
  ['a variable that does not fit', { query: byKey, variables: { key: 7 }, as: 'ada' }, 200],
  ['an operation that is not there', { query: 'query A { __typename }', operationName: 'B' }, 400],
  ['introspection by others', { query: '{ __schema { queryType { name } } }', as: 'ada' }, 403],
  [
    'a costly operation',
    {
      query: '{ accounts(first: 100) { nodes { enrollments(first: 100) { nodes { grade { percent } } } } } }',
      as: 'ada',
    },
    400,
  ],
  ['a text that no database can store', { query: byKey, variables: { key: 'a\0b' }, as: 'ada' }, 200],
  ['an extension', { query: '{ __typename }', extensions: { any: true } }, 200],
  ['a type that must be negotiated', { query: '{ __typename }', headers: { accept: 'application/json;q=0.2' } }, 200],
  ['a type that there is not', { query: '{ __typename }', headers: { accept: 'image/png' } }, 406],
  ['a subscription', { query: 'subscription { edxLinkChanged { __typename } }', as: 'root' }, 400],
])('%s is Apollo’s to answer, however often it comes', async (_what, asked, status) => {
  const answers = [await ask(asked), await ask(asked)];
  expect(answers.map(({ byApollo }) => byApollo)).toEqual([true, true]);
  expect(answers.map(({ answer }) => answer.status)).toEqual([status, status]);
});
