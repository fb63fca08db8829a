import type { EntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../access/viewer.js';
import { type PartnerRole, partnerRoles } from '../../entities/partner-grant.entity.js';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from '../../errors.js';
import { type ProgramPermission, permissionsOf, programPermissions, rolesWith } from './partner-roles.js';

/** A program as far as permissions depend on it: row ids. */
export interface ProgramTarget {
  readonly id: string;
  readonly organizationId: string;
}

/** Where a viewer has a permission: everywhere, or in these organizations and in these programs. */
export type ProgramReach =
  | 'everywhere'
  | { readonly organizationIds: readonly string[]; readonly programIds: readonly string[] };

/**
 * What a viewer may do with programs: by grants to their account, in the organization or the program, as far as the scopes of
 * their token reach. Administrators have all grants. The grants are read anew each time, so that one that is given or taken
 * counts at once and everywhere.
 */
export interface ProgramPermissions {
  /** By program id, one statement for all; a program that the viewer may do nothing with has an empty set. */
  of(viewer: Viewer, programs: readonly ProgramTarget[]): Promise<Map<string, ReadonlySet<ProgramPermission>>>;
  /** The same by grants in organizations alone, by organization id. */
  ofOrganizations(
    viewer: Viewer,
    organizationIds: readonly string[],
  ): Promise<Map<string, ReadonlySet<ProgramPermission>>>;
  /** Where a list has to look. */
  reachOf(viewer: Viewer, permission: ProgramPermission): Promise<ProgramReach>;
  /**
   * @throws UnauthenticatedError for nobody
   * @throws {@link NotFoundError} for who has no grant there at all: to them the program is not there
   * @throws {@link ForbiddenError} for who has one, but not this permission, or not the scope
   */
  require(viewer: Viewer, program: ProgramTarget, permission: ProgramPermission): Promise<void>;
}

interface GrantRow {
  organizationId: string | null;
  programId: string | null;
  role: PartnerRole;
}

const none: ReadonlySet<ProgramPermission> = new Set();
const all: ReadonlySet<ProgramPermission> = new Set(programPermissions);

export function createProgramPermissions({ em }: { em: EntityManager }): ProgramPermissions {
  const read = (accountId: string, organizationIds: readonly string[], programIds: readonly string[]) =>
    em.fork().execute<GrantRow[]>(
      `select organization_id as "organizationId", program_id as "programId", role from partner_grant
       where account_id = ? and (organization_id = any(?::uuid[]) or program_id = any(?::uuid[]))`,
      [accountId, asArray(organizationIds), asArray(programIds)],
    );

  /** Whatever the token's scopes are. */
  const granted = async (viewer: Viewer, programs: readonly ProgramTarget[]) => {
    if (isAdministrator(viewer)) return new Map(programs.map(({ id }) => [id, all]));
    const accountId = grantHolder(viewer);
    const rows =
      accountId === undefined || programs.length === 0
        ? []
        : await read(
            accountId,
            programs.map(({ organizationId }) => organizationId),
            programs.map(({ id }) => id),
          );
    return new Map(
      programs.map(({ id, organizationId }) => [
        id,
        joined(rows.filter((row) => row.programId === id || row.organizationId === organizationId)),
      ]),
    );
  };

  return {
    async of(viewer, programs) {
      const found = await granted(viewer, programs);
      return new Map([...found].map(([id, permissions]) => [id, withinScopes(viewer, permissions)]));
    },
    async ofOrganizations(viewer, organizationIds) {
      const accountId = grantHolder(viewer);
      const isAll = isAdministrator(viewer);
      const rows = isAll || accountId === undefined ? [] : await read(accountId, organizationIds, []);
      return new Map(
        organizationIds.map((id) => {
          const permissions = isAll ? all : joined(rows.filter(({ organizationId }) => organizationId === id));
          return [id, withinScopes(viewer, permissions)];
        }),
      );
    },
    async reachOf(viewer, permission) {
      const nowhere = { organizationIds: [], programIds: [] };
      if (!hasScopeFor(viewer, permission)) return nowhere;
      if (isAdministrator(viewer)) return 'everywhere';
      const accountId = grantHolder(viewer);
      if (accountId === undefined) return nowhere;
      const rows = await em.fork().execute<GrantRow[]>(
        `select organization_id as "organizationId", program_id as "programId", role from partner_grant
         where account_id = ? and role = any(?::text[])`,
        [accountId, asArray(rolesWith(permission, partnerRoles))],
      );
      return {
        organizationIds: rows.flatMap(({ organizationId }) => organizationId ?? []),
        programIds: rows.flatMap(({ programId }) => programId ?? []),
      };
    },
    async require(viewer, program, permission) {
      if (viewer.via === 'nobody') throw new UnauthenticatedError();
      const permissions = (await granted(viewer, [program])).get(program.id) ?? none;
      if (permissions.size === 0) throw new NotFoundError('There is no such program.');
      if (!permissions.has(permission)) throw new ForbiddenError(`This needs the permission ${permission}.`);
      if (!hasScopeFor(viewer, permission))
        throw new ForbiddenError(`The access token lacks a scope: ${scopeFor(permission)}.`);
    },
  };
}

/** A restricted token opens nothing here, whoever it acts for. */
function isAdministrator({ roles, restriction }: Viewer): boolean {
  return roles.has('ADMIN') && !restriction;
}

function grantHolder({ account, restriction }: Viewer): string | undefined {
  return restriction ? undefined : account?.id;
}

function joined(rows: readonly GrantRow[]): ReadonlySet<ProgramPermission> {
  return rows.length === 0 ? none : new Set(rows.flatMap(({ role }) => permissionsOf(role)));
}

function withinScopes(viewer: Viewer, permissions: ReadonlySet<ProgramPermission>): ReadonlySet<ProgramPermission> {
  if (viewer.scopes === undefined) return permissions;
  return new Set([...permissions].filter((permission) => hasScopeFor(viewer, permission)));
}

function hasScopeFor({ scopes }: Viewer, permission: ProgramPermission): boolean {
  return scopes === undefined || scopes.has(scopeFor(permission));
}

function scopeFor(permission: ProgramPermission): string {
  return permission === 'WRITE_ENROLLMENTS' ? 'programs:write' : 'programs:read';
}

function asArray(values: readonly string[]): string {
  return `{${values.join(',')}}`;
}
