import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { OrganizationEntity } from '../../entities/organization.entity.js';
import type { PartnerGrant, PartnerRole } from '../../entities/partner-grant.entity.js';
import { ProgramEntity } from '../../entities/program.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { targetKindOf } from './partner-roles.js';

/** Where a role is given: by keys, of which exactly one counts. */
export interface PartnerTargetKeys {
  organizationKey?: string | null | undefined;
  programKey?: string | null | undefined;
}

/** What an organization or program is called; of a program, its organization too. */
export interface PartnerTargetNames {
  id: string;
  organizationKey: string;
  programKey: string | null;
}

export type PartnerTarget = Pick<PartnerGrant, 'organizationId' | 'programId'> & { name: string };

/**
 * Finds the organization or program of a grant, whatever the case of its key.
 *
 * @throws {@link InvalidInputError} unless there is exactly one key, of the kind that the role is for
 * @throws {@link NotFoundError} when there is none with this key
 */
export async function findPartnerTarget(
  em: EntityManager,
  role: PartnerRole,
  { organizationKey, programKey }: PartnerTargetKeys,
): Promise<PartnerTarget> {
  const kind = targetKindOf(role);
  const [key, other] = kind === 'ORGANIZATION' ? [organizationKey, programKey] : [programKey, organizationKey];
  const field = kind === 'ORGANIZATION' ? 'organizationKey' : 'programKey';
  if (key == null || other != null)
    throw new InvalidInputError(
      `The role ${role} is one of ${kind.toLowerCase()}s: name one by ${field}, and nothing else.`,
      {
        field: [field],
        reason: 'ROLE_OF_OTHER_KIND',
      },
    );
  if (kind === 'ORGANIZATION') {
    const organization = await em.findOne(OrganizationEntity, { [raw('lower(key)')]: key.toLowerCase() });
    if (!organization) throw new NotFoundError('There is no such organization.');
    return { organizationId: organization.id, programId: null, name: organization.name };
  }
  const program = await em.findOne(ProgramEntity, { [raw('lower(key)')]: key.toLowerCase() });
  if (!program) throw new NotFoundError('There is no such program.');
  return { organizationId: null, programId: program.id, name: program.title ?? program.key };
}
