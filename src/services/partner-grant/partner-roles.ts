import type { PartnerRole } from '../../entities/partner-grant.entity.js';

/** What a partner may do with a program, in the words that Registrar's clients know in lower case. */
export const programPermissions = ['READ_METADATA', 'READ_ENROLLMENTS', 'WRITE_ENROLLMENTS', 'READ_REPORTS'] as const;
export type ProgramPermission = (typeof programPermissions)[number];

/** What a role is in: all programs of an organization, or one. */
export type PartnerTargetKind = 'ORGANIZATION' | 'PROGRAM';

const permissionsByAbility: Record<string, readonly ProgramPermission[]> = {
  READ_METADATA: ['READ_METADATA'],
  READ_ENROLLMENTS: ['READ_METADATA', 'READ_ENROLLMENTS'],
  READ_WRITE_ENROLLMENTS: ['READ_METADATA', 'READ_ENROLLMENTS', 'WRITE_ENROLLMENTS'],
  READ_REPORTS: ['READ_METADATA', 'READ_REPORTS'],
};

/** What a role allows where it was given. */
export function permissionsOf(role: PartnerRole): readonly ProgramPermission[] {
  return permissionsByAbility[role.replace(/^(ORGANIZATION|PROGRAM)_/, '')] ?? [];
}

/** Roles by which somebody has a permission, of either kind. */
export function rolesWith(permission: ProgramPermission, roles: readonly PartnerRole[]): PartnerRole[] {
  return roles.filter((role) => permissionsOf(role).includes(permission));
}

export function targetKindOf(role: PartnerRole): PartnerTargetKind {
  return role.startsWith('ORGANIZATION_') ? 'ORGANIZATION' : 'PROGRAM';
}
