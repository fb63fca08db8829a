import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/errors.js';
import { parseInstallation } from '../../../src/services/installation/document.js';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';

let site: ProviderSite;
beforeAll(async () => {
  site = await startProviderSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const document = {
  accounts: [
    {
      username: 'sis',
      email: 'sis@school.example.edu',
      name: 'Student information system',
      password: 'a long walk on a short pier 7',
      roles: [],
      edxAccount: false,
    },
  ],
  clients: [
    {
      clientId: 'school',
      secret: 'school-secret-1',
      name: 'School',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['programs:read', 'tpa:read'],
      owner: 'sis',
      providers: ['oa2-ol-oauth2', 'saml-school'],
    },
  ],
  organizations: [{ key: 'SchoolX', name: 'School X' }],
  programs: [{ key: 'masters-x', uuid: '0a0a0a0a-0000-4000-8000-000000000001', organization: 'schoolx' }],
  partnerGrants: [
    { account: 'sis', role: 'ORGANIZATION_READ_ENROLLMENTS', organization: 'SchoolX' },
    { email: 'dean@school.example.edu', role: 'PROGRAM_READ_REPORTS', program: 'masters-x' },
  ],
};

const apply = (given: unknown, options?: { isDryRun: boolean }) =>
  site.services.installation.apply(parseInstallation(given), options);
const outcomesOf = (rows: Awaited<ReturnType<typeof apply>>) => rows.map(({ kind, outcome }) => `${kind} ${outcome}`);

test('a school, its programs and its partners are described in a file, and applied once', async () => {
  const created = ['account', 'client', 'organization', 'program', 'partner grant', 'partner grant'].map(
    (kind) => `${kind} created`,
  );
  expect(outcomesOf(await apply(document, { isDryRun: true }))).toEqual(created);
  expect(await site.services.programs.findByKey('masters-x')).toBeNull();
  expect(outcomesOf(await apply(document))).toEqual(created);
  // A role that follows from a grant is none that the row of the account could take.
  expect(outcomesOf(await apply(document))).toEqual(created.map((row) => row.replace('created', 'unchanged')));

  const { services } = site;
  const sis = await services.accounts.findByUsername('sis');
  expect(sis?.roles).toEqual(['PARTNER']);
  expect(await services.providerGrants.ofClient('school')).toEqual(['oa2-ol-oauth2', 'saml-school']);
  const program = await services.programs.findByKey('MASTERS-X');
  expect(program?.organizationId).toBe((await services.programs.findOrganization('schoolx'))?.id);
  const { rows } = await services.partnerGrants.list({ organizationKey: 'SchoolX' }, { size: 10 });
  expect(rows.map(({ role, email }) => [role, email])).toEqual([
    ['ORGANIZATION_READ_ENROLLMENTS', null],
    ['PROGRAM_READ_REPORTS', 'dean@school.example.edu'],
  ]);
});

test('what differs is brought in line and named', async () => {
  const [school] = document.clients;
  const rows = await apply({
    ...document,
    clients: [{ ...school, providers: ['saml-school'] }],
    organizations: [{ key: 'schoolx', name: 'The School of X' }],
    programs: [{ ...document.programs[0], uuid: '0a0a0a0a-0000-4000-8000-000000000002' }],
  });
  expect(
    rows.filter(({ outcome }) => outcome !== 'unchanged').map(({ kind, outcome, changed }) => [kind, outcome, changed]),
  ).toEqual([
    ['client', 'updated', ['providers']],
    ['organization', 'updated', ['name']],
    ['program', 'updated', ['uuid']],
  ]);
  expect(await site.services.providerGrants.ofClient('school')).toEqual(['saml-school']);
});

test('mistakes are named with their places, and nothing is applied', async () => {
  const wrong = {
    clients: [{ ...document.clients[0], owner: undefined, providers: ['nothing'] }],
    organizations: [{ key: 'no good', name: 'X' }],
    programs: [{ key: 'p', uuid: 'x', organization: 'Nowhere' }],
    partnerGrants: [
      { account: 'stranger', role: 'PROGRAM_READ_REPORTS', program: 'masters-x' },
      { email: 'a@b.example', role: 'PROGRAM_READ_REPORTS', organization: 'SchoolX' },
      { email: 'a@b.example', role: 'PROGRAM_READ_REPORTS', program: 'nope' },
    ],
  };
  const refusal = await apply(wrong).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(InvalidInputError);
  expect((refusal as InvalidInputError).field).toEqual([
    'clients[0].providers',
    'organizations[0].key',
    'programs[0]',
    'partnerGrants[0]',
    'partnerGrants[1].programKey',
    'partnerGrants[2]',
  ]);
  expect(() => parseInstallation({ partnerGrants: [{ role: 'PROGRAM_READ_REPORTS', program: 'p' }] })).toThrow(
    /partnerGrants\[0\]/,
  );
});
