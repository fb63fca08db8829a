import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { systemActor } from '../../../src/services/actor.js';
import { createIdentityProviders } from '../../../src/services/identity-provider/identity-providers.js';
import { parseInstallation } from '../../../src/services/installation/document.js';
import { askGraph as gql } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const document = {
  organizations: [{ key: 'SchoolX', name: 'School X' }],
  identityProviders: [
    {
      slug: 'schoolx',
      organization: 'schoolx',
      kind: 'OIDC',
      label: 'School X',
      issuer: 'https://login.schoolx.example.edu',
      clientId: 'portico',
      secret: 'a secret of School X',
      keyClaim: 'student_key',
    },
  ],
};

const apply = (given: unknown, options?: { isDryRun: boolean }) =>
  site.gateway.context.services.installation.apply(parseInstallation(given), options);
const lastOf = async (rows: ReturnType<typeof apply>) => (await rows).at(-1);

test('a provider is described in a file with its organization, and applied once; its secret is not readable', async () => {
  expect(await lastOf(apply(document, { isDryRun: true }))).toMatchObject({ outcome: 'created' });
  expect(await lastOf(apply(document))).toMatchObject({
    kind: 'identity provider',
    name: 'schoolx',
    outcome: 'created',
  });
  expect(await lastOf(apply(document))).toMatchObject({ outcome: 'unchanged' });
  const [provider] = document.identityProviders;
  const changed = { ...document, identityProviders: [{ ...provider, secret: 'another', enabled: false }] };
  expect(await lastOf(apply(changed))).toMatchObject({ outcome: 'updated', changed: ['clientSecret', 'isEnabled'] });
  const rows = await site.gateway.context.orm.em.fork().execute('select * from identity_provider');
  expect(JSON.stringify(rows)).not.toContain('another');
  const audit = await site.gateway.context.orm.em
    .fork()
    .execute(`select detail from audit_event where action like 'identity-provider.%'`);
  expect(audit).toHaveLength(2);
  expect(JSON.stringify(audit)).not.toContain('another');
});

test('a secret follows the secret keys; one that no key opens is left, and mended by saving the provider', async () => {
  await apply(document);
  const { orm, services } = site.gateway.context;
  const secretKeys = ['an older secret key of at least 32 characters', 'a newer secret key of at least 32 characters'];
  const [older = '', newer = ''] = secretKeys;
  const providersOf = (...keys: string[]) =>
    createIdentityProviders({
      orm,
      audit: services.audit,
      sealer: createSealer(keys, 'identity-provider-secret'),
      mayBeLoopback: false,
      publicUrl: site.url,
    });
  const [{ secret, organization, ...described }] = document.identityProviders as [
    (typeof document.identityProviders)[0],
  ];
  const spec = { ...described, kind: 'OIDC' as const, organizationKey: organization, clientSecret: secret };
  // The key that it was sealed with is none of these.
  expect(await providersOf(older).reseal()).toBe(0);
  expect(await providersOf(older).ensure(spec, systemActor)).toMatchObject({ changed: ['clientSecret'] });
  const rotated = providersOf(newer, older);
  expect(await rotated.reseal()).toBe(1);
  expect(await rotated.reseal()).toBe(0);
  expect(await providersOf(newer).ensure(spec, systemActor)).toMatchObject({ outcome: 'unchanged' });
});

test('what a file has wrong of a provider is said at its place', async () => {
  const [provider] = document.identityProviders;
  const wrong = { identityProviders: [{ ...provider, issuer: 'http://169.254.169.254/' }] };
  await expect(apply(wrong)).rejects.toThrow(/identityProviders\[0\]\.issuer/);
  const foreign = { identityProviders: [{ ...provider, organization: 'nowhere' }] };
  await expect(apply(foreign)).rejects.toThrow(/There is no organization nowhere/);
});

const save = `mutation SaveProvider($input: SaveIdentityProviderInput!) { saveIdentityProvider(input: $input) {
  identityProvider { slug organizationKey kind label isEnabled issuer clientId scopes keyClaim callbackUrl }
  userErrors { code field message } } }`;

test('an administrator describes a provider by the graph, others may not look', async () => {
  const root = await site.aPerson({ username: 'root', roles: ['ADMIN'], isLinked: false });
  const admin = await site.caller(root, staffScope);
  const input = {
    slug: 'graph',
    organizationKey: 'SCHOOLX',
    kind: 'OIDC',
    label: 'Graph',
    issuer: 'https://graph.example.edu',
    clientId: 'portico',
    keyClaim: 'sid',
  };
  const saved = await gql(admin, save, { input });
  expect(saved.errors).toBeUndefined();
  expect(saved.data).toMatchObject({
    saveIdentityProvider: {
      identityProvider: {
        organizationKey: 'SchoolX',
        isEnabled: true,
        scopes: ['openid', 'profile', 'email'],
        callbackUrl: `${site.url}/login/with/graph/callback`,
      },
      userErrors: [],
    },
  });
  const refused = await gql(admin, save, { input: { ...input, kind: 'SAML' } });
  expect(JSON.stringify(refused.data)).toContain('"userErrors":[{');
  const list = `query Providers { identityProviders(organizationKey: "schoolx") { slug isEnabled } }`;
  expect((await gql(admin, list)).data).toEqual({
    identityProviders: [
      { slug: 'graph', isEnabled: true },
      { slug: 'schoolx', isEnabled: false },
    ],
  });
  const sam = await site.aPerson({ username: 'sam', roles: ['SUPPORT'], isLinked: false });
  const support = await site.caller(sam, staffScope);
  expect((await gql(support, list)).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  const gone = await gql(
    admin,
    `mutation DeleteProvider { deleteIdentityProvider(input: { slug: "graph" }) { identityProvider { slug } userErrors { code } } }`,
  );
  expect(gone.data).toMatchObject({ deleteIdentityProvider: { identityProvider: { slug: 'graph' }, userErrors: [] } });
});
