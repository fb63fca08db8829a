import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const partnerRoles = [
  'ORGANIZATION_READ_METADATA',
  'ORGANIZATION_READ_ENROLLMENTS',
  'ORGANIZATION_READ_WRITE_ENROLLMENTS',
  'ORGANIZATION_READ_REPORTS',
  'PROGRAM_READ_METADATA',
  'PROGRAM_READ_ENROLLMENTS',
  'PROGRAM_READ_WRITE_ENROLLMENTS',
  'PROGRAM_READ_REPORTS',
] as const;
export type PartnerRole = (typeof partnerRoles)[number];

/**
 * A role of a partner's account in one organization, or in one program. Before there is such an account, an invitation: the
 * e-mail address of whoever shall have it.
 */
export const PartnerGrantEntity = defineEntity({
  name: 'PartnerGrant',
  tableName: 'partner_grant',
  properties: {
    ...baseProperties,
    /** Exactly one of `accountId` and `email` is set. */
    accountId: p.uuid().nullable(),
    email: p.text().nullable(),
    /** Exactly one of `organizationId` and `programId` is set. */
    organizationId: p.uuid().nullable(),
    programId: p.uuid().nullable(),
    role: p.enum(partnerRoles).$type<PartnerRole>(),
    /** Who gave it; null: the system itself. */
    grantedBy: p.uuid().nullable(),
  },
});
export type PartnerGrant = InferEntity<typeof PartnerGrantEntity>;
