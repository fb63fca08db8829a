import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

const openRun = 'course-v1:DemoU+PHYS101+2026_T1';
let site: GraphSite;
let ada: GraphCaller;
let root: GraphCaller;
let graceId: string;
beforeAll(async () => {
  site = await startGraphSite();
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read learning:write user:read');
  root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
  graceId = toGlobalId('Account', (await site.aPerson({ username: 'grace', isLinked: false })).id);
});
afterAll(() => site[Symbol.asyncDispose]());

const enroll = `mutation ($input: EnrollInCourseInput!) {
  enrollInCourse(input: $input) { enrollment { id state confirmedByLms requestedMode lmsUsername } userErrors { code field message } } }`;
const run = async (caller: GraphCaller, query: string, input: Record<string, unknown>) => {
  const { data, errors } = await askGraph<Record<string, never>>(caller, query, { input });
  return { payload: data ? Object.values(data)[0] : undefined, codes: errors?.map((error) => error.extensions?.code) };
};

test('enrolling answers at once, and the same idempotency key is the same enrollment', async () => {
  const first = await run(ada, enroll, { courseKey: openRun, idempotencyKey: 'k1' });
  expect(first.payload).toMatchObject({ enrollment: { state: 'PENDING', confirmedByLms: false }, userErrors: [] });
  expect(await run(ada, enroll, { courseKey: openRun, idempotencyKey: 'k1' })).toEqual(first);
  const reused = await run(ada, enroll, { courseKey: 'course-v1:DemoU+BIO130+2026_T1', idempotencyKey: 'k1' });
  expect(reused.payload).toMatchObject({ enrollment: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
});

test('a wish is visible among the enrollments before the LMS knows of it', async () => {
  const { data } = await askGraph(
    ada,
    '{ viewer { enrollments { nodes { state courseRun { courseKey title } grade { percent } } } } }',
  );
  expect(data).toMatchObject({
    viewer: {
      enrollments: {
        nodes: expect.arrayContaining([
          { state: 'PENDING', courseRun: { courseKey: openRun, title: 'Classical Mechanics' }, grade: null },
        ]),
      },
    },
  });
});

test('outcomes that the caller can act on are userErrors', async () => {
  const unknown = await run(ada, enroll, { courseKey: 'course-v1:No+Such+Run' });
  expect(unknown.payload).toMatchObject({
    enrollment: null,
    userErrors: [{ code: 'UNKNOWN_COURSE', field: ['courseKey'] }],
  });
  const unenroll = `mutation ($input: UnenrollFromCourseInput!) { unenrollFromCourse(input: $input) { enrollment { id } userErrors { code } } }`;
  expect((await run(ada, unenroll, { courseKey: 'course-v1:DemoU+ECON101+2026_T1' })).payload).toMatchObject({
    userErrors: [{ code: 'NOT_ENROLLED' }],
  });
});

test('only staff chooses paid modes, forces, or acts for others', async () => {
  for (const input of [{ mode: 'verified' }, { force: true }, { accountId: graceId }])
    expect((await run(ada, enroll, { courseKey: openRun, ...input })).codes).toEqual(['FORBIDDEN']);
  const forGrace = await run(root, enroll, { courseKey: openRun, accountId: graceId, mode: 'verified' });
  expect(forGrace.payload).toMatchObject({
    enrollment: { state: 'PENDING', requestedMode: 'verified' },
    userErrors: [],
  });
  expect((await run(root, enroll, { courseKey: openRun, accountId: 'nonsense' })).codes).toEqual(['BAD_USER_INPUT']);
});

test('an edX account is asked for by whoever it is for, or by support', async () => {
  const ensure = `mutation ($input: EnsureEdxAccountInput!) { ensureEdxAccount(input: $input) { edxLink { state account { username } } userErrors { code } } }`;
  const repair = `mutation ($input: RepairEdxLinkInput!) { repairEdxLink(input: $input) { edxLink { state } userErrors { code } } }`;
  expect((await run(ada, ensure, {})).payload).toMatchObject({
    edxLink: { state: 'LINKED', account: { username: 'ada' } },
  });
  expect((await run(ada, ensure, { accountId: graceId })).codes).toEqual(['FORBIDDEN']);
  expect((await run(root, ensure, { accountId: graceId })).payload).toMatchObject({
    edxLink: { state: 'PENDING' },
    userErrors: [],
  });
  expect((await run(root, repair, { accountId: graceId })).payload).toMatchObject({ edxLink: { state: 'PENDING' } });
  const missing = toGlobalId('Account', '01938f0a-0000-7000-8000-000000000009');
  expect((await run(root, repair, { accountId: missing })).payload).toMatchObject({
    edxLink: null,
    userErrors: [{ code: 'NOT_FOUND' }],
  });
});

test('a profile keeps what is absent, empties what is null, and names the field that is wrong', async () => {
  const update = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { account { name profile { country company } } userErrors { code field } } }`;
  const writer = await site.caller(await site.aPerson({ username: 'wim' }), 'accounts:write user:read');
  await run(writer, update, { name: 'Wim Writer', country: 'NL', company: 'Ink' });
  expect((await run(writer, update, { company: null })).payload).toEqual({
    account: { name: 'Wim Writer', profile: { country: 'NL', company: null } },
    userErrors: [],
  });
  expect((await run(writer, update, { country: 'Nowhere' })).payload).toMatchObject({
    account: null,
    userErrors: [{ field: expect.arrayContaining(['country']) }],
  });
  expect((await run(writer, update, { name: null })).payload).toMatchObject({
    account: null,
    userErrors: [{ field: ['name'] }],
  });
  expect((await run(ada, update, { name: 'Ada' })).codes).toEqual(['FORBIDDEN']);
});

test('a repeated change of a profile does not undo a later one', async () => {
  const update =
    'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { account { name } userErrors { code } } }';
  const writer = await site.caller(await site.aPerson({ username: 'rita' }), 'accounts:write user:read');
  await run(writer, update, { name: 'Rita One', idempotencyKey: 'k' });
  await run(writer, update, { name: 'Rita Two' });
  const repeated = await run(writer, update, { name: 'Rita One', idempotencyKey: 'k' });
  expect(repeated.payload).toEqual({ account: { name: 'Rita Two' }, userErrors: [] });
  const reused = await run(writer, update, { name: 'Rita Three', idempotencyKey: 'k' });
  expect(reused.payload).toMatchObject({ userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
});

test('a client’s secret is shown once, and its successor beside it', async () => {
  const create = `mutation ($input: CreateOAuthClientInput!) { createOAuthClient(input: $input) { client { clientId scopes secrets { hint } owner { username } } secret userErrors { code field } } }`;
  const rotate = `mutation ($input: RotateOAuthClientSecretInput!) { rotateOAuthClientSecret(input: $input) { client { secrets { hint expiresAt } } secret userErrors { code } } }`;
  const input = {
    name: 'SIS',
    type: 'CONFIDENTIAL',
    grantTypes: ['CLIENT_CREDENTIALS'],
    scopes: ['learning:read'],
    ownerId: graceId,
  };
  const made = (await run(root, create, input)).payload as unknown as {
    client: { clientId: string; secrets: { hint: string }[] };
    secret: string;
  };
  expect(made).toMatchObject({ client: { scopes: ['learning:read'], owner: { username: 'grace' } }, userErrors: [] });
  expect(made.secret.endsWith(made.client.secrets[0]?.hint ?? '-')).toBe(true);
  const rotated = (await run(root, rotate, { clientId: made.client.clientId })).payload as unknown as {
    client: { secrets: unknown[] };
    secret: string;
  };
  expect(rotated.client.secrets).toHaveLength(2);
  expect(rotated.secret).not.toBe(made.secret);
  expect((await run(root, create, { ...input, scopes: ['no:such'] })).payload).toMatchObject({
    client: null,
    secret: null,
    userErrors: [{ field: ['scopes'] }],
  });
  expect((await run(root, rotate, { clientId: 'nobody' })).payload).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  expect((await run(ada, create, input)).codes).toEqual(['FORBIDDEN']);
});
