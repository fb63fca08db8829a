import { type FilterQuery, raw } from '@mikro-orm/postgresql';
import type { PartnerGrant } from '../../entities/partner-grant.entity.js';

/** Which grants: all that is given must hold. */
export interface GrantFilter {
  accountId?: string | undefined;
  /** Of invitations. */
  email?: string | undefined;
  /** In the organization, or in one of its programs. */
  organizationKey?: string | undefined;
  programKey?: string | undefined;
  /** Whether it waits for an account. */
  isPending?: boolean | undefined;
}

/** The condition of a filter. */
export function whereGrants(filter: GrantFilter): FilterQuery<PartnerGrant> {
  const { accountId, email, organizationKey, programKey, isPending } = filter;
  const conditions: FilterQuery<PartnerGrant>[] = [];
  if (accountId !== undefined) conditions.push({ accountId });
  if (email !== undefined) conditions.push({ [raw('lower(email)')]: email.toLowerCase() });
  if (organizationKey !== undefined)
    conditions.push({
      $or: [
        {
          organizationId: { $in: raw('(select id from organization where lower(key) = lower(?))', [organizationKey]) },
        },
        {
          programId: {
            $in: raw(
              `(select program.id from program join organization on organization.id = program.organization_id
                where lower(organization.key) = lower(?))`,
              [organizationKey],
            ),
          },
        },
      ],
    } as FilterQuery<PartnerGrant>);
  if (programKey !== undefined)
    conditions.push({
      programId: { $in: raw('(select id from program where lower(key) = lower(?))', [programKey]) },
    } as FilterQuery<PartnerGrant>);
  if (isPending !== undefined) conditions.push({ accountId: isPending ? null : { $ne: null } });
  return { $and: conditions };
}
