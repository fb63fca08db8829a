import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { OrganizationEntity } from '../../../src/entities/organization.entity.js';
import { type Program, ProgramEntity } from '../../../src/entities/program.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';

let site: GraphSite;
let root: GraphCaller & { token: string };
let program: Program;

beforeAll(async () => {
  site = await startGraphSite();
  root = await site.caller(
    await site.aPerson({ username: 'root', roles: ['ADMIN'] }),
    'accounts:read accounts:write clients:admin',
  );
  const em = site.gateway.context.orm.em.fork();
  const organization = em.create(OrganizationEntity, { key: 'DemoU', name: 'Demo University' });
  await em.flush();
  program = em.create(ProgramEntity, { key: 'masters-in-cs', organizationId: organization.id });
  await em.flush();
});
afterAll(() => site[Symbol.asyncDispose]());

const inOrganization = { role: 'ORGANIZATION_READ_ENROLLMENTS', organizationKey: 'demou' };
const inProgram = { role: 'PROGRAM_READ_WRITE_ENROLLMENTS', programKey: 'Masters-in-CS' };

interface Granted {
  grant: Record<string, unknown> | null;
  userErrors: { code: string; field: string[] | null }[];
}

const grantFields = 'role organizationKey programKey isPending invitedEmail account { username roles }';
async function change(mutation: 'inviteProgramPartner' | 'revokeProgramPartner', input: object): Promise<Granted> {
  const word = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const document = `mutation ($input: ${word}Input!) {
    ${mutation}(input: $input) { grant { ${grantFields} } userErrors { code field } } }`;
  const data = await dataOf(askGraph<Record<string, Granted>>(root, document, { input }));
  return data[mutation] as Granted;
}
const invite = (email: string, role: object) => change('inviteProgramPartner', { email, ...role });
const revoke = (email: string, role: object) => change('revokeProgramPartner', { email, ...role });

async function permissionsOf(accountId: string) {
  const { programPermissions, accounts } = site.gateway.context.services;
  const account = await accounts.findById(accountId);
  if (!account) throw new Error('no such account');
  const viewer = { via: 'session', account, roles: new Set(), scopes: undefined } as never;
  return [...((await programPermissions.of(viewer, [program])).get(program.id) ?? [])].sort();
}

const read = (accountId: string) => site.gateway.context.orm.em.fork().findOneOrFail(AccountEntity, { id: accountId });

test('whoever has an account has the role at once, and PARTNER with it; both go with the last role', async () => {
  const pat = await site.aPerson({ username: 'pat' });
  const { grant } = await invite('Pat@Example.org', inOrganization);
  expect(grant).toEqual({
    role: 'ORGANIZATION_READ_ENROLLMENTS',
    organizationKey: 'DemoU',
    programKey: null,
    isPending: false,
    invitedEmail: null,
    account: { username: 'pat', roles: expect.arrayContaining(['PARTNER']) },
  });
  expect(await permissionsOf(pat.id)).toEqual(['READ_ENROLLMENTS', 'READ_METADATA']);
  // Once more is once.
  await invite('pat@example.org', inOrganization);
  await invite('pat@example.org', inProgram);
  expect(await site.gateway.context.services.partnerGrants.ofAccounts([pat.id])).toHaveLength(2);
  expect(await permissionsOf(pat.id)).toContain('WRITE_ENROLLMENTS');
  await revoke('pat@example.org', inProgram);
  expect((await read(pat.id)).roles).toEqual(['PARTNER']);
  await revoke('pat@example.org', inOrganization);
  expect((await revoke('pat@example.org', inOrganization)).grant).toBeNull();
  expect((await read(pat.id)).roles).toEqual([]);
  expect(await permissionsOf(pat.id)).toEqual([]);
});

test('an invitation waits for the account that shows to read its mail', async () => {
  const { services, orm } = site.gateway.context;
  const email = 'new.partner@example.org';
  expect((await invite(email, inProgram)).grant).toMatchObject({
    isPending: true,
    invitedEmail: email,
    account: null,
    organizationKey: 'DemoU',
    programKey: 'masters-in-cs',
  });
  await deliverQueuedMail({ orm, mail: services.mail }, { mails: [] });
  const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as {
    to: unknown;
    text: string;
  }[];
  const mail = mails.find(({ to }) => JSON.stringify(to).includes(email));
  expect(mail?.text).toContain('/register');
  // Somebody who only says that the address is theirs gets nothing of it.
  const doubtful = await services.accounts.create(
    { username: 'doubtful', email, name: 'Somebody', isEmailVerified: false },
    systemActor,
  );
  expect(await permissionsOf(doubtful.id)).toEqual([]);
  const token = await resetTokenFor(email);
  await services.passwordResets.complete(token, 'a new pass phrase of mine', '127.0.0.1');
  expect(await permissionsOf(doubtful.id)).toEqual(['READ_ENROLLMENTS', 'READ_METADATA', 'WRITE_ENROLLMENTS']);
  expect((await read(doubtful.id)).roles).toEqual(['PARTNER']);
});

async function resetTokenFor(email: string): Promise<string> {
  const { services, orm } = site.gateway.context;
  await services.passwordResets.begin({ email, next: undefined, address: '127.0.0.1' });
  await deliverQueuedMail({ orm, mail: services.mail }, { mails: [] });
  const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as { text: string }[];
  const token = mails
    .map(({ text }) => /\/password\/reset\/choose\?token=([\w.~-]+)/.exec(text)?.[1])
    .findLast(Boolean);
  if (!token) throw new Error(`no link in ${JSON.stringify(mails.at(-1))}`);
  return token;
}

test('an account that is made later with a confirmed address has what waits for it', async () => {
  const { services } = site.gateway.context;
  await invite('later@example.org', inOrganization);
  await invite('LATER@example.org', inProgram);
  const later = await services.accounts.create(
    { username: 'later', email: 'Later@example.org', name: 'Later', isEmailVerified: true },
    systemActor,
  );
  expect(await permissionsOf(later.id)).toEqual(['READ_ENROLLMENTS', 'READ_METADATA', 'WRITE_ENROLLMENTS']);
  const acts = await site.gateway.context.orm.em
    .fork()
    .find(AuditEventEntity, { action: 'partner.granted', subjectId: later.id });
  expect(acts.map(({ detail }) => detail?.via)).toEqual(['invitation', 'invitation']);
});

test('an invitation that is taken back opens nothing to whoever comes', async () => {
  const { services } = site.gateway.context;
  await invite('nobody@example.org', inProgram);
  expect((await revoke('nobody@example.org', inProgram)).grant).toMatchObject({ isPending: true });
  const late = await services.accounts.create(
    { username: 'late', email: 'nobody@example.org', name: 'Late', isEmailVerified: true },
    systemActor,
  );
  expect(await permissionsOf(late.id)).toEqual([]);
});

test('roles of partners are given and taken with the other roles, too', async () => {
  const { id } = await site.aPerson({ username: 'gina' });
  const input = {
    accountId: toGlobalId('Account', id),
    role: 'PARTNER',
    partnerRole: inProgram.role,
    programKey: program.key,
  };
  const run = (mutation: string, values: object = input) =>
    dataOf(
      askGraph<Record<string, { account: { roles: string[] } | null; userErrors: { code: string }[] }>>(
        root,
        `mutation ($input: ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!) {
          ${mutation}(input: $input) { account { roles } userErrors { code } } }`,
        { input: values },
      ),
    );
  expect((await run('grantRole')).grantRole?.account?.roles).toContain('PARTNER');
  expect(await permissionsOf(id)).toContain('WRITE_ENROLLMENTS');
  expect((await run('grantRole', { ...input, role: 'STAFF' })).grantRole?.userErrors).toEqual([
    { code: 'PARTNER_ROLE_REQUIRED' },
  ]);
  expect((await run('revokeRole')).revokeRole?.account?.roles).not.toContain('PARTNER');
  expect(await permissionsOf(id)).toEqual([]);
});

test.each([
  ['no address', 'nobody', inProgram, 'EMAIL_INVALID'],
  ['no program', 'a@example.org', { ...inProgram, programKey: 'nope' }, 'NOT_FOUND'],
  ['no organization', 'a@example.org', { ...inOrganization, organizationKey: 'nope' }, 'NOT_FOUND'],
  [
    'a role of the other kind',
    'a@example.org',
    { ...inProgram, programKey: null, organizationKey: 'DemoU' },
    'ROLE_OF_OTHER_KIND',
  ],
  ['two places', 'a@example.org', { ...inProgram, organizationKey: 'DemoU' }, 'ROLE_OF_OTHER_KIND'],
])('%s is an error that names what is wrong', async (_, email, role, code) => {
  expect((await invite(email, role)).userErrors.map((error) => error.code)).toEqual([code]);
});

test('all grants are listed for support, and one’s own to everybody', async () => {
  const sue = await site.aPerson({ username: 'sue' });
  await invite('sue@example.org', inOrganization);
  await invite('waits@example.org', inProgram);
  const list = `query ($filter: AccessGrantFilter) {
    accessGrants(filter: $filter) { nodes { organizationKey programKey isPending invitedEmail account { username } } } }`;
  const grants = async (filter: object) => {
    const { accessGrants } = await dataOf(askGraph<{ accessGrants: { nodes: object[] } }>(root, list, { filter }));
    return accessGrants.nodes;
  };
  const waiting = {
    organizationKey: 'DemoU',
    programKey: program.key,
    isPending: true,
    invitedEmail: 'waits@example.org',
    account: null,
  };
  const own = {
    organizationKey: 'DemoU',
    programKey: null,
    isPending: false,
    invitedEmail: null,
    account: { username: 'sue' },
  };
  expect(await grants({ isPending: true })).toContainEqual(waiting);
  expect(await grants({ email: 'WAITS@example.org' })).toEqual([waiting]);
  expect(await grants({ accountId: toGlobalId('Account', sue.id) })).toEqual([own]);
  expect(await grants({ programKey: 'MASTERS-IN-CS' })).toContainEqual(waiting);
  expect(await grants({ organizationKey: 'demou' })).toEqual(expect.arrayContaining([waiting, own]));
  const { token } = await site.caller(sue, 'programs:read');
  const asSue = { url: site.url, token };
  expect((await askGraph(asSue, list)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const viewer = await dataOf(askGraph(asSue, '{ viewer { accessGrants { role organizationKey programKey } } }'));
  expect(viewer).toEqual({
    viewer: { accessGrants: [{ role: inOrganization.role, organizationKey: 'DemoU', programKey: null }] },
  });
});
