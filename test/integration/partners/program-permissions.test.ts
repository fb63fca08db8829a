import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandRoles, nobody, type Role, type Viewer } from '../../../src/access/viewer.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OrganizationEntity } from '../../../src/entities/organization.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import { ProgramEntity } from '../../../src/entities/program.entity.js';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from '../../../src/errors.js';
import { createProgramPermissions } from '../../../src/services/partner-grant/program-permissions.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await createTestDatabase();
  orm = createOrm({ url: database.url, poolSize: 2 });
});
afterAll(async () => {
  await orm.close();
  await database[Symbol.asyncDispose]();
});

async function aProgram(organizationId?: string) {
  const em = orm.em.fork();
  const key = randomUUID();
  const organization = organizationId
    ? { id: organizationId }
    : em.create(OrganizationEntity, { key, name: 'A school' });
  await em.flush();
  const program = em.create(ProgramEntity, { key, organizationId: organization.id });
  await em.flush();
  return program;
}

async function aPartner(...grants: { role: PartnerRole; organizationId?: string; programId?: string }[]) {
  const em = orm.em.fork();
  const username = `p${randomUUID().slice(0, 8)}`;
  const account = em.create(AccountEntity, { username, email: `${username}@example.org`, name: username });
  await em.flush();
  for (const grant of grants) em.create(PartnerGrantEntity, { accountId: account.id, ...grant });
  await em.flush();
  return account;
}

function viewerOf(account: { id: string; username: string }, roles: Role[] = [], scopes?: string[]): Viewer {
  return {
    ...nobody,
    via: scopes ? 'token' : 'session',
    account: { id: account.id, username: account.username, email: '', name: '' },
    scopes: scopes && new Set(scopes),
    roles: expandRoles(roles),
  };
}

const permissionsHere = async (viewer: Viewer, program: { id: string; organizationId: string }) =>
  [...((await createProgramPermissions({ em: orm.em }).of(viewer, [program])).get(program.id) ?? [])].sort();

test.each<[PartnerRole, string[]]>([
  ['ORGANIZATION_READ_METADATA', ['READ_METADATA']],
  ['ORGANIZATION_READ_ENROLLMENTS', ['READ_ENROLLMENTS', 'READ_METADATA']],
  ['ORGANIZATION_READ_WRITE_ENROLLMENTS', ['READ_ENROLLMENTS', 'READ_METADATA', 'WRITE_ENROLLMENTS']],
  ['ORGANIZATION_READ_REPORTS', ['READ_METADATA', 'READ_REPORTS']],
  ['PROGRAM_READ_METADATA', ['READ_METADATA']],
  ['PROGRAM_READ_ENROLLMENTS', ['READ_ENROLLMENTS', 'READ_METADATA']],
  ['PROGRAM_READ_WRITE_ENROLLMENTS', ['READ_ENROLLMENTS', 'READ_METADATA', 'WRITE_ENROLLMENTS']],
  ['PROGRAM_READ_REPORTS', ['READ_METADATA', 'READ_REPORTS']],
])('%s allows %s where it was given, and nothing elsewhere', async (role, permissions) => {
  const [program, foreign] = [await aProgram(), await aProgram()];
  const sibling = await aProgram(program.organizationId);
  const isOfOrganization = role.startsWith('ORGANIZATION');
  const viewer = viewerOf(
    await aPartner({
      role,
      ...(isOfOrganization ? { organizationId: program.organizationId } : { programId: program.id }),
    }),
  );
  expect(await permissionsHere(viewer, program)).toEqual(permissions);
  expect(await permissionsHere(viewer, sibling)).toEqual(isOfOrganization ? permissions : []);
  expect(await permissionsHere(viewer, foreign)).toEqual([]);
});

test('grants in the organization and in the program add up, for a page in one statement', async () => {
  const program = await aProgram();
  const foreign = await aProgram();
  const partner = await aPartner(
    { role: 'ORGANIZATION_READ_REPORTS', organizationId: program.organizationId },
    { role: 'PROGRAM_READ_ENROLLMENTS', programId: program.id },
  );
  const permissions = createProgramPermissions({ em: orm.em });
  const found = await permissions.of(viewerOf(partner), [program, foreign]);
  expect([...(found.get(program.id) ?? [])].sort()).toEqual(['READ_ENROLLMENTS', 'READ_METADATA', 'READ_REPORTS']);
  expect(found.get(foreign.id)?.size).toBe(0);
  const organizations = await permissions.ofOrganizations(viewerOf(partner), [
    program.organizationId,
    foreign.organizationId,
  ]);
  expect([...(organizations.get(program.organizationId) ?? [])].sort()).toEqual(['READ_METADATA', 'READ_REPORTS']);
  expect(organizations.get(foreign.organizationId)?.size).toBe(0);
  expect(await permissions.reachOf(viewerOf(partner), 'READ_ENROLLMENTS')).toEqual({
    organizationIds: [],
    programIds: [program.id],
  });
  expect(await permissions.reachOf(viewerOf(partner), 'READ_REPORTS')).toEqual({
    organizationIds: [program.organizationId],
    programIds: [],
  });
});

test('a token reaches as far as its scopes', async () => {
  const program = await aProgram();
  const partner = await aPartner({ role: 'PROGRAM_READ_WRITE_ENROLLMENTS', programId: program.id });
  const withScopes = (...scopes: string[]) => permissionsHere(viewerOf(partner, [], scopes), program);
  expect(await withScopes('programs:read')).toEqual(['READ_ENROLLMENTS', 'READ_METADATA']);
  expect(await withScopes('programs:write')).toEqual(['WRITE_ENROLLMENTS']);
  expect(await withScopes('accounts:read', 'tpa:read')).toEqual([]);
});

test('administrators hold everything, staff and the role PARTNER alone nothing, a restricted token nothing', async () => {
  const program = await aProgram();
  const someone = await aPartner();
  const permissions = createProgramPermissions({ em: orm.em });
  expect((await permissionsHere(viewerOf(someone, ['ADMIN']), program)).length).toBe(4);
  expect(await permissions.reachOf(viewerOf(someone, ['ADMIN']), 'READ_REPORTS')).toBe('everywhere');
  expect(await permissionsHere(viewerOf(someone, ['SUPPORT', 'PARTNER']), program)).toEqual([]);
  const restricted = {
    ...viewerOf(someone, ['ADMIN'], ['programs:read']),
    restriction: { organizations: [], providers: [] },
  };
  expect(await permissionsHere(restricted, program)).toEqual([]);
  expect(await permissions.reachOf(nobody, 'READ_METADATA')).toEqual({ organizationIds: [], programIds: [] });
});

test('who has no grant finds no program; who has another is told so', async () => {
  const program = await aProgram();
  const partner = await aPartner({ role: 'PROGRAM_READ_METADATA', programId: program.id });
  const { require } = createProgramPermissions({ em: orm.em });
  await expect(require(nobody, program, 'READ_METADATA')).rejects.toBeInstanceOf(UnauthenticatedError);
  await expect(require(viewerOf(await aPartner()), program, 'READ_METADATA')).rejects.toBeInstanceOf(NotFoundError);
  await expect(require(viewerOf(partner), program, 'WRITE_ENROLLMENTS')).rejects.toBeInstanceOf(ForbiddenError);
  await expect(require(viewerOf(partner, [], ['tpa:read']), program, 'READ_METADATA')).rejects.toBeInstanceOf(
    ForbiddenError,
  );
  await expect(require(viewerOf(partner), program, 'READ_METADATA')).resolves.toBeUndefined();
});
