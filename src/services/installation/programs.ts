import { NotFoundError } from '../../errors.js';
import { systemActor } from '../actor.js';
import type { OrganizationRow, ProgramRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

/** Makes an organization, or brings the one there is in line. @throws InvalidInputError, ConflictError */
export async function applyOrganization(
  { ensureOrganization }: Pick<InstallationDeps, 'ensureOrganization'>,
  row: OrganizationRow,
  { isDryRun }: ApplyMode,
): Promise<AppliedRow> {
  const { outcome, changed } = await ensureOrganization(row, systemActor, { isDryRun });
  return { kind: 'organization', name: row.key, outcome, changed };
}

/**
 * Ties a key to a program of Discovery and to the organization that manages it.
 *
 * @throws {@link NotFoundError} when there is no such organization
 * @throws InvalidInputError, ConflictError
 */
export async function applyProgram(
  { programs }: Pick<InstallationDeps, 'programs'>,
  { key, uuid, organization: organizationKey }: ProgramRow,
  { isDryRun, announced }: ApplyMode,
): Promise<AppliedRow> {
  const [program, organization] = await Promise.all([
    programs.findByKey(key),
    programs.findOrganization(organizationKey),
  ]);
  if (!organization && !(isDryRun && announced.organizationKeys.has(organizationKey.toLowerCase())))
    throw new NotFoundError(`There is no organization ${organizationKey}.`);
  const changed = program
    ? [
        ...(program.discoveryUuid === uuid.toLowerCase() ? [] : ['uuid']),
        ...(program.organizationId === organization?.id ? [] : ['organization']),
      ]
    : [];
  const outcome = program ? (changed.length > 0 ? 'updated' : 'unchanged') : 'created';
  if (!isDryRun && outcome !== 'unchanged') await programs.link({ key, uuid, organizationKey }, systemActor);
  return { kind: 'program', name: key, outcome, changed };
}
