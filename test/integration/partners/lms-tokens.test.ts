import { type CryptoKey, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PartnerGrantEntity } from '../../../src/entities/partner-grant.entity.js';
import { askGraph } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { testClients } from '../../support/settings.js';

let site: GraphSite;
let issuer: string;
let keys: { secret: string; privateJwk: JWK };

beforeAll(async () => {
  site = await startGraphSite({ env: { OPENEDX_JWT_AUDIENCE: 'lms-key' } });
  const { lmsUrl, state } = site.gateway.sandbox;
  issuer = `${lmsUrl}/oauth2`;
  keys = state.single('signingKeys');
  await site.aPerson({ username: 'sam', roles: ['STAFF'] });
  await site.aPerson({ username: 'ada' });
  await site.aPerson({ username: 'root', roles: ['ADMIN'], isLinked: false });
});
afterAll(() => site[Symbol.asyncDispose]());

const mapping = '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users?username=ada';

async function read(token: string, scheme = 'JWT') {
  const answer = await fetch(`${site.url}${mapping}`, { headers: { authorization: `${scheme} ${token}` } });
  return [answer.status, await answer.json()];
}

/** A token as the LMS makes it, but for what is said. */
async function aToken(
  changes: Record<string, unknown> = {},
  { alg = 'RS512', key }: { alg?: string; key?: unknown } = {},
) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: issuer, aud: 'lms-key', iat: now, exp: now + 3600, version: '1.2.0', grant_type: 'client-credentials' },
    ...{ sub: '0'.repeat(32), preferred_username: 'sam', scopes: ['read'], filters: [], is_restricted: false },
    ...changes,
  };
  const signing = (key ?? (await importJWK(keys.privateJwk, alg))) as CryptoKey | Uint8Array;
  const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(defined).setProtectedHeader({ alg, typ: 'JWT' }).sign(signing);
}

const ok = [200, expect.objectContaining({ count: 1 })];
const invalid = [401, { detail: 'Invalid token.' }];
const forbidden = [403, { detail: 'You do not have permission to perform this action.' }];

test('a token of the LMS stands for the account that is tied to its user', async () => {
  expect(await read(await aToken())).toEqual(ok);
  expect(await read(await aToken({ preferred_username: 'SAM' }))).toEqual(ok);
  expect(await read(await aToken({ preferred_username: undefined, username: 'sam' }))).toEqual(ok);
  expect(await read(await aToken({ aud: ['other', 'lms-key'] }))).toEqual(ok);
  expect(await read(await aToken(), 'jwt')).toEqual(ok);
});

test('it opens what the account may, which for a learner, and for whoever has no account, is nothing here', async () => {
  expect(await read(await aToken({ preferred_username: 'ada' }))).toEqual(forbidden);
  expect(await read(await aToken({ preferred_username: 'nobody-here' }))).toEqual(forbidden);
  // The names are equal; nothing ties the account to the LMS user.
  expect(await read(await aToken({ preferred_username: 'root' }))).toEqual(forbidden);
});

test('one that the LMS issues is taken as it is', async () => {
  const form = {
    grant_type: 'client_credentials',
    client_id: testClients.worker.clientId,
    client_secret: testClients.worker.clientSecret,
    token_type: 'jwt',
  };
  const tokenFor = async (more: object) => {
    const body = new URLSearchParams({ ...form, ...more });
    const answer = await fetch(`${issuer}/access_token`, { method: 'POST', body });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  expect(await read(await tokenFor({ asymmetric_jwt: 'true' }))).toEqual(forbidden);
  await site.aPerson({ username: 'portico_worker', roles: ['STAFF'] });
  expect(await read(await tokenFor({ asymmetric_jwt: 'true' }))).toEqual(ok);
  // Signed with a secret that this Portico was not told.
  expect(await read(await tokenFor({}))).toEqual(invalid);
});

const past = Math.floor(Date.now() / 1000) - 7200;
const future = Math.floor(Date.now() / 1000) + 7200;

test.each<[string, Record<string, unknown>]>([
  ['has expired', { iat: past, exp: past + 3600 }],
  ['never expires', { exp: undefined }],
  ['does not say when it was issued', { iat: undefined }],
  ['was issued in the future', { iat: future }],
  ['is not valid yet', { nbf: future }],
  ['is for another audience', { aud: 'portico' }],
  ['is for no audience', { aud: undefined }],
  ['is of another issuer', { iss: 'https://lms.example/oauth2' }],
  ['is of no issuer', { iss: undefined }],
  ['is of a version that is not known', { version: '2.0.0' }],
])('one that %s is refused', async (_, changes) => {
  expect(await read(await aToken(changes))).toEqual(invalid);
});

test('one that another key signed, or none, is refused', async () => {
  const { privateKey } = await generateKeyPair('RS512');
  expect(await read(await aToken({}, { key: privateKey }))).toEqual(invalid);
  const secret = new TextEncoder().encode(keys.secret);
  expect(await read(await aToken({}, { alg: 'HS256', key: secret }))).toEqual(invalid);
  expect(await read(await aToken({}, { alg: 'RS384' }))).toEqual(invalid);
  const [, claims] = (await aToken()).split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  expect(await read(`${none}.${claims}.`)).toEqual(invalid);
});

test('one that names nobody is refused in words of its own', async () => {
  expect(await read(await aToken({ preferred_username: undefined }))).toEqual([
    401,
    { detail: 'JWT must include a preferred_username or username claim!' },
  ]);
});

test('that of a restricted application may not, whoever it is of', async () => {
  const restricted = { is_restricted: true, scopes: ['tpa:read'], filters: ['tpa_provider:oa2-ol-oauth2'] };
  expect(await read(await aToken(restricted))).toEqual(forbidden);
});

test('nowhere else is it worth anything, nor under another word', async () => {
  const token = await aToken();
  expect((await read(token, 'Bearer'))[0]).toBe(401);
  const graph = await fetch(`${site.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `JWT ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { id } }' }),
  });
  expect(graph.status).toBe(401);
  expect((await askGraph({ url: site.url, token }, '{ viewer { id } }')).status).toBe(401);
});

test('it opens the programs that the account was granted', async () => {
  const { services, orm } = site.gateway.context;
  await services.programs.link(
    { key: 'of-elsewhere', uuid: '77777777-0000-4000-8000-000000000001', organizationKey: 'Elsewhere' },
    { accountId: null },
  );
  const organization = await services.programs.findOrganization('Elsewhere');
  const keysFor = async (username: string) => {
    const authorization = `JWT ${await aToken({ preferred_username: username })}`;
    const answer = await fetch(`${site.url}/api/v1/programs/`, { headers: { authorization } });
    return ((await answer.json()) as { program_key: string }[]).map(({ program_key }) => program_key);
  };
  expect(await keysFor('ada')).toEqual([]);
  const ada = await services.accounts.findByUsername('ada');
  const em = orm.em.fork();
  em.create(PartnerGrantEntity, {
    accountId: ada?.id ?? null,
    organizationId: organization?.id ?? null,
    role: 'ORGANIZATION_READ_METADATA',
  });
  await em.flush();
  expect(await keysFor('ada')).toEqual(['of-elsewhere']);
});
