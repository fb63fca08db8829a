import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInstallation } from '../../../src/cli/apply/read-installation.js';
import { parseInstallation } from '../../../src/services/installation/document.js';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';
import { runCommand } from '../../support/run-command.js';
import { post } from '../oauth/clients.js';

let site: ProviderSite;
let folder: string;
beforeAll(async () => {
  site = await startProviderSite();
  folder = await mkdtemp(join(tmpdir(), 'portico-apply-'));
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const apply = (document: unknown, options?: { isDryRun: boolean }) =>
  site.services.installation.apply(parseInstallation(document), options);

/** Of one new public key. */
async function aKeySet() {
  const { publicKey } = await generateKeyPair('ES256');
  return { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
}

const document = {
  accounts: [
    {
      username: 'olga',
      email: 'olga@example.edu',
      name: 'Olga Ops',
      password: 'a long walk on a short pier 7',
      roles: ['STAFF'],
      profile: { country: 'NO' },
      edxAccount: false,
    },
  ],
  clients: [
    {
      clientId: 'reports',
      secret: 'reports-secret-1',
      name: 'Reports',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['learning:read'],
      owner: 'olga',
    },
    {
      clientId: 'campus',
      name: 'Campus',
      type: 'PUBLIC',
      redirectUris: ['https://campus.example.edu/cb'],
      scopes: ['openid', 'profile'],
      restriction: { mode: 'SCOPED_JWT', organizations: ['DemoU'] },
    },
  ],
  grants: [{ account: 'olga', client: 'campus', scopes: ['openid'] }],
};

test('a dry run says what it would make and makes nothing; then it is made, and made once', async () => {
  const rows = [
    { kind: 'account', name: 'olga', outcome: 'created', changed: [] },
    { kind: 'client', name: 'reports', outcome: 'created', changed: ['secret'] },
    { kind: 'client', name: 'campus', outcome: 'created', changed: [] },
    { kind: 'grant', name: 'olga to campus', outcome: 'created', changed: [] },
  ];
  expect(await apply(document, { isDryRun: true })).toEqual(rows);
  expect(await site.accounts.findByUsername('olga')).toBeNull();
  expect(await site.clients.findByClientIds(['reports', 'campus'])).toEqual([]);

  expect(await apply(document)).toEqual(rows);
  expect(await site.accounts.findByUsername('olga')).toMatchObject({ roles: ['STAFF'], profile: { country: 'NO' } });
  expect(await site.clients.findByClientId('campus')).toMatchObject({
    restriction: { mode: 'SCOPED_JWT', organizations: ['DemoU'] },
  });
  const asked = { grant_type: 'client_credentials', client_id: 'reports', client_secret: 'reports-secret-1' };
  expect(await post(`${site.url}/oauth2/token/`, asked)).toMatchObject({ status: 200 });

  const { rows: before } = await site.audit.list({}, { size: 100 });
  expect((await apply(document)).map(({ outcome }) => outcome)).toEqual(Array(4).fill('unchanged'));
  expect((await site.audit.list({}, { size: 100 })).rows).toHaveLength(before.length);
});

test('what differs is brought in line and named; what belongs to the person stays', async () => {
  const [olga] = document.accounts;
  const changed = {
    accounts: [
      { ...olga, name: 'Olga Opsdottir', profile: { country: 'IS' }, roles: ['SUPPORT'], password: 'another' },
    ],
    clients: [
      { ...document.clients[0], scopes: ['learning:read', 'user:read'] },
      { ...document.clients[1], redirectUris: ['https://campus.example.edu/return'], restriction: undefined },
    ].map((row) => JSON.parse(JSON.stringify(row))),
    grants: [{ account: 'olga', client: 'campus', scopes: ['openid', 'profile'] }],
  };
  const rows = [
    { kind: 'account', name: 'olga', outcome: 'updated', changed: ['name', 'profile.country', 'roles'] },
    { kind: 'client', name: 'reports', outcome: 'updated', changed: ['scopes'] },
    { kind: 'client', name: 'campus', outcome: 'updated', changed: ['redirectUris', 'restriction'] },
    { kind: 'grant', name: 'olga to campus', outcome: 'updated', changed: ['scopes'] },
  ];
  expect(await apply(changed, { isDryRun: true })).toEqual(rows);
  expect(await apply(changed)).toEqual(rows);
  expect(await site.accounts.findByUsername('olga')).toMatchObject({ name: 'Olga Opsdottir', roles: ['SUPPORT'] });
  expect(await site.accounts.authenticate('olga', document.accounts[0]?.password ?? '', '::1')).toMatchObject({});
  expect(await site.clients.findByClientId('campus')).toMatchObject({
    redirectUris: ['https://campus.example.edu/return'],
    restriction: null,
  });
});

test('every row that cannot be is named at its place, and then nothing is changed', async () => {
  await site.anAccount({ username: 'taken', email: 'taken@example.org' });
  const wrong = {
    accounts: [
      { username: 'fresh', email: 'taken@example.org', name: 'Fresh' },
      { username: 'weak', email: 'weak@example.org', name: 'Weak', password: 'password' },
      { username: 'taken', email: 'other@example.org', name: 'Taken' },
    ],
    clients: [
      { clientId: 'good', name: 'Good', redirectUris: ['https://good.example.edu/cb'] },
      { clientId: 'bad', name: 'Bad', redirectUris: ['https://*.example.edu/cb'], scopes: ['openid'] },
      { clientId: 'ownerless', name: 'O', grantTypes: ['CLIENT_CREDENTIALS'], owner: 'nobody' },
    ],
    grants: [
      { account: 'nobody', client: 'good', scopes: [] },
      { account: 'taken', client: 'bad', scopes: ['email'] },
    ],
  };
  await expect(apply(wrong)).rejects.toMatchObject({
    reason: 'INVALID_INSTALLATION',
    field: [
      'accounts[0].email',
      'accounts[1].password',
      'accounts[2]',
      'clients[1].redirectUris',
      'clients[2]',
      'grants[0]',
      'grants[1].scopes',
    ],
  });
  expect(await site.clients.findByClientId('good')).toBeNull();
});

test.each<[string, unknown, string[]]>([
  ['what is no document', 'text', ['']],
  ['an unknown list', { organisations: [] }, ['organisations']],
  ['an unknown key', { clients: [{ clientId: 'a', name: 'A', redirect: [] }] }, ['clients[0].redirect']],
  ['what is missing', { accounts: [{ username: 'a' }] }, ['accounts[0].email', 'accounts[0].name']],
  [
    'an unknown word',
    { clients: [{ clientId: 'a', name: 'A', grantTypes: ['PASSWORD'] }] },
    ['clients[0].grantTypes[0]'],
  ],
  [
    'the same twice',
    {
      clients: [
        { clientId: 'a', name: 'A' },
        { clientId: 'a', name: 'B' },
      ],
    },
    ['clients[1]'],
  ],
])('%s is refused with its place', (_what, content, field) => {
  expect(() => parseInstallation(content)).toThrow(expect.objectContaining({ field }));
});

test('a client of FAPI 2.0 has keys and no secret; new keys replace those before', async () => {
  const bank = {
    clientId: 'bank',
    name: 'Campus bank',
    securityProfile: 'FAPI2',
    redirectUris: ['https://bank.example.edu/cb'],
    scopes: ['openid'],
  };
  const first = await aKeySet();
  const made = { kind: 'client', name: 'bank', outcome: 'created', changed: [] };
  expect(await apply({ clients: [{ ...bank, jwks: first }] })).toEqual([made]);
  expect(await apply({ clients: [{ ...bank, jwks: JSON.stringify(first) }] })).toEqual([
    { ...made, outcome: 'unchanged' },
  ]);
  const stored = await site.clients.findByClientId('bank');
  expect(stored).toMatchObject({ securityProfile: 'FAPI2', metadata: { jwks: first } });
  expect(await site.clients.secretsOf([stored?.id ?? ''])).toEqual([]);

  expect(await apply({ clients: [{ ...bank, jwks: await aKeySet() }] })).toEqual([
    { ...made, outcome: 'updated', changed: ['metadata.jwks'] },
  ]);
  const elsewhere = { ...bank, jwksUri: 'https://bank.example.edu/keys' };
  expect(await apply({ clients: [elsewhere] })).toEqual([
    { ...made, outcome: 'updated', changed: ['metadata.jwks', 'metadata.jwks_uri'] },
  ]);
});

test('pairwise names and audiences of exchanges are applied, and end when the document has them no more', async () => {
  const client = {
    clientId: 'survey',
    name: 'Survey',
    grantTypes: ['AUTHORIZATION_CODE', 'TOKEN_EXCHANGE'],
    redirectUris: ['https://survey.example.edu/cb'],
    scopes: ['openid', 'learning:read'],
  };
  const asked = { ...client, subjectType: 'PAIRWISE', exchangeAudiences: ['https://reports.example.edu'] };
  expect(await apply({ clients: [asked] })).toMatchObject([{ outcome: 'created' }]);
  expect(await apply({ clients: [asked] })).toMatchObject([{ outcome: 'unchanged' }]);
  expect((await site.clients.findByClientId('survey'))?.metadata).toEqual({
    subject_type: 'pairwise',
    exchange_audiences: ['https://reports.example.edu'],
  });
  expect(await apply({ clients: [client] })).toMatchObject([
    { outcome: 'updated', changed: ['metadata.subject_type', 'metadata.exchange_audiences'] },
  ]);
});

test('what a client cannot be is said of the field that says so', async () => {
  const row = { name: 'N', redirectUris: ['https://n.example.edu/cb'], scopes: ['openid'] };
  const bank = { ...row, securityProfile: 'FAPI2' };
  const keys = await generateKeyPair('ES256', { extractable: true });
  const clients = [
    { ...bank, clientId: 'a' },
    { ...bank, clientId: 'b', jwks: { keys: [await exportJWK(keys.privateKey)] } },
    { ...bank, clientId: 'c', jwks: await aKeySet(), secret: 'a-secret-of-its-own' },
    { ...bank, clientId: 'd', jwks: await aKeySet(), jwksUri: 'https://n.example.edu/keys' },
    { ...row, clientId: 'e', exchangeAudiences: ['https://n.example.edu'] },
    { ...row, clientId: 'f', subjectType: 'PAIRWISE', scopes: ['email'] },
    { ...row, clientId: 'g', subjectType: 'PAIRWISE', sectorIdentifierUri: 'http://n.example.edu/list' },
  ];
  await expect(apply({ clients })).rejects.toMatchObject({
    field: [
      'clients[0].metadata',
      'clients[1].jwks',
      'clients[2].secret',
      'clients[3].jwksUri',
      'clients[4].exchangeAudiences',
      'clients[5].scopes',
      'clients[6].sectorIdentifierUri',
    ],
  });
});

test('secrets come from the environment and from files beside the document', async () => {
  const path = join(folder, 'secrets.yml');
  await writeFile(join(folder, 'secret.txt'), 'from-a-file\n');
  const row = (clientId: string, secret: string) => `  - { clientId: ${clientId}, name: N, secret: ${secret} }\n`;
  await writeFile(path, `clients:\n${row('a', '{ env: SECRET_A }')}${row('b', '{ file: secret.txt }')}`);
  const read = await readInstallation(path, { SECRET_A: 'from-the-environment' });
  expect(read.clients?.map(({ secret }) => secret)).toEqual(['from-the-environment', 'from-a-file']);
  await expect(readInstallation(path, {})).rejects.toThrow(
    'clients[0].secret: the environment variable SECRET_A is not',
  );
  await writeFile(path, `clients:\n${row('a', '{ file: none.txt }')}${row('b', '{ vault: x }')}`);
  await expect(readInstallation(path, {})).rejects.toMatchObject({ field: ['clients[0].secret', 'clients[1].secret'] });
  await writeFile(join(folder, 'keys.json'), '{"keys":[{"kty":"EC"}]}');
  const keyed = (clientId: string, jwks: string) => `  - { clientId: ${clientId}, name: N, jwks: ${jwks} }\n`;
  await writeFile(path, `clients:\n${keyed('a', '{ file: keys.json }')}${keyed('b', '{ keys: [{ kty: EC }] }')}`);
  expect((await readInstallation(path, {})).clients?.map(({ jwks }) => jwks)).toEqual([
    '{"keys":[{"kty":"EC"}]}',
    { keys: [{ kty: 'EC' }] },
  ]);
  await writeFile(path, 'clients: [');
  await expect(readInstallation(path, {})).rejects.toThrow('is not YAML or JSON');
});

test('portico apply sets up the clients and the account of the OpenID certification', async () => {
  const file = 'docs/certification/portico.yml';
  const names = [...(await readFile(file, 'utf8')).matchAll(/env: (\w+)/g)].map(([, name = '']) => name);
  const valueFor = async (name: string) =>
    name.includes('JWKS') ? JSON.stringify(await aKeySet()) : `${name}-a-long-value-1`;
  const secrets = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await valueFor(name)])));
  const env = { DATABASE_URL: site.config.database.url, PORTICO_PUBLIC_URL: site.url, ...secrets };
  const dryRun = await runCommand(['apply', file, '--dry-run'], env);
  expect(dryRun).toMatchObject({ status: 0, stderr: '' });
  expect(dryRun.stdout).toMatch(/^created {2}account certification\n.*\nNothing was changed: this was a dry run\.\n$/s);
  const applied = await runCommand(['apply', file, '--json'], env);
  expect(applied).toMatchObject({ status: 0, stderr: '' });
  const { rows } = JSON.parse(applied.stdout);
  expect(new Set(rows.map(({ outcome }: { outcome: string }) => outcome))).toEqual(new Set(['created']));
  expect(await runCommand(['apply', file], env)).toMatchObject({
    stdout: expect.not.stringMatching(/created|updated/),
  });
  expect(await runCommand(['apply', file], { ...env, CERTIFICATION_PASSWORD: '' })).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('accounts[0].password: the environment variable CERTIFICATION_PASSWORD is not set'),
  });
}, 120_000);

test('a client that shall be restricted is never there without its restriction', async () => {
  const row = {
    clientId: 'held',
    name: 'Held',
    type: 'PUBLIC',
    redirectUris: ['https://held.example.edu/cb'],
    scopes: ['openid'],
    restriction: { mode: 'SSO_ONLY' },
  };
  const em = site.orm.em.fork();
  await em.execute(`create function refuse_restriction() returns trigger language plpgsql as $$
    begin
      if new.action in ('client.restricted', 'client.unrestricted') then raise 'not now'; end if;
      return new;
    end $$`);
  await em.execute(
    'create trigger refuse before insert on audit_event for each row execute function refuse_restriction()',
  );
  try {
    await expect(apply({ clients: [row] })).rejects.toThrow('not now');
  } finally {
    await em.execute('drop trigger refuse on audit_event');
  }
  expect(await site.clients.findByClientId('held')).toBeNull();
  expect(await apply({ clients: [row] })).toMatchObject([{ outcome: 'created' }]);
  expect(await site.clients.findByClientId('held')).toMatchObject({ restriction: { mode: 'SSO_ONLY' } });
  expect(await apply({ clients: [row] })).toMatchObject([{ outcome: 'unchanged', changed: [] }]);
});
