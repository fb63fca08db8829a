import type { Program } from '../../entities/program.entity.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { GraphContext } from '../context.js';

/**
 * Programs with which the caller may do something, in the order in which they became known.
 *
 * @param org - key of the organization that manages them
 */
export async function visiblePrograms(
  { services, programs, viewer }: GraphContext,
  permission: ProgramPermission,
  org?: string,
): Promise<Program[]> {
  const reach = await services.programPermissions.reachOf(viewer, permission);
  if (reach !== 'everywhere' && reach.organizationIds.length + reach.programIds.length === 0) return [];
  const organization = org === undefined ? undefined : await services.programs.findOrganization(org);
  if (org !== undefined && !organization) return [];
  const rows = await services.programs.list({ organizationId: organization?.id });
  const visible = rows.filter(
    ({ id, organizationId }) =>
      reach === 'everywhere' || reach.organizationIds.includes(organizationId) || reach.programIds.includes(id),
  );
  for (const row of visible) programs.program.prime(row.id, row);
  return visible;
}
