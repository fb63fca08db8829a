import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';
import { connect } from '../../support/graph-socket.js';

let site: GraphSite;
let root: GraphCaller & { token: string };
beforeAll(async () => {
  site = await startGraphSite();
  root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

/** NUL, half of a surrogate pair, and more than any index takes. */
const hostile = ['\0', 'a\ud800', randomBytes(30_000).toString('hex')];
const run = 'course-v1:edX+DemoX+Demo_Course';
const created = 'name: "x", type: CONFIDENTIAL, grantTypes: [AUTHORIZATION_CODE], redirectUris: ["https://a.example/"]';

/** Every place of the graph where a text comes in. */
const places = [
  'account(by: { username: $text }) { id }',
  'account(by: { email: $text }) { id }',
  'account(by: { edxUsername: $text }) { id }',
  'account(by: { remoteId: $text }) { id }',
  'accounts(filter: { text: $text }) { nodes { id } }',
  'accounts(first: 1, after: $text) { nodes { id } }',
  'courseRuns(filter: { text: $text }) { nodes { id } }',
  'courseRuns(filter: { org: $text }) { nodes { id } }',
  'oauthClient(clientId: $text) { id }',
];
const changes = [
  'rotateOAuthClientSecret(input: { clientId: $text }) { userErrors { code } }',
  `createOAuthClient(input: { ${created.replace('"x"', '$text')} }) { userErrors { code } }`,
  `createOAuthClient(input: { ${created.replace('"https://a.example/"', '$text')} }) { userErrors { code } }`,
  `createOAuthClient(input: { ${created}, scopes: [$text] }) { userErrors { code } }`,
  'updateProfile(input: { name: $text }) { userErrors { code } }',
  'updateProfile(input: { country: $text }) { userErrors { code } }',
  'updateProfile(input: { company: $text }) { userErrors { code } }',
  'updateProfile(input: { company: "c", idempotencyKey: $text }) { userErrors { code } }',
  `enrollInCourse(input: { courseKey: "${run}", mode: $text }) { userErrors { code } }`,
  `enrollInCourse(input: { courseKey: "${run}", idempotencyKey: $text }) { userErrors { code } }`,
  `unenrollFromCourse(input: { courseKey: "${run}", idempotencyKey: $text }) { userErrors { code } }`,
  `changeEnrollmentMode(input: { courseKey: "${run}", mode: $text }) { userErrors { code } }`,
  'ensureEdxAccount(input: { idempotencyKey: $text }) { userErrors { code } }',
  'repairEdxLink(input: { idempotencyKey: $text }) { userErrors { code } }',
];

test.each([
  ...places.map((place) => `query ($text: String!) { ${place} }`),
  ...changes.map((change) => `mutation ($text: String!) { ${change} }`),
])('is no fault of ours in %s', async (operation) => {
  for (const text of hostile) {
    const { errors } = await askGraph(root, operation, { text });
    expect(errors?.map((error) => error.extensions?.code) ?? []).not.toContain('INTERNAL_SERVER_ERROR');
  }
});

test('is refused in the document itself and over a socket as well', async () => {
  const literal = '{ oauthClient(clientId: "\\u0000") { id } }';
  const variable = 'query ($text: String!) { oauthClient(clientId: $text) { id } }';
  expect(await askGraph(root, literal)).toMatchObject({ status: 400 });
  expect(await askGraph(root, variable, { text: 'a\ud800' })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  await using connection = connect({ url: site.url, connectionParams: { authorization: `Bearer ${root.token}` } });
  await expect(connection.subscribe(literal).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  await expect(connection.subscribe(variable, { text: '\0' }).next()).rejects.toMatchObject([
    { extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});
