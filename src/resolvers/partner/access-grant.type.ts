import { Field, ID, ObjectType } from 'type-graphql';
import type { PartnerGrant, PartnerRole } from '../../entities/partner-grant.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { toGlobalId } from '../global-id.js';
import { connectionOf } from '../page/connection.type.js';

/** Who may see who works with which programs. One's own are open to everybody. */
export const accessGrantAccess: FieldAccess = { scope: 'accounts:read', role: 'SUPPORT' };

export const PartnerRoleEnum = describeEnum<PartnerRole>(
  'PartnerRole',
  'What a partner may do, in all programs of an organization or in one program.',
  {
    ORGANIZATION_READ_METADATA: 'See the programs of an organization.',
    ORGANIZATION_READ_ENROLLMENTS: 'See the programs of an organization, their learners, enrollments and grades.',
    ORGANIZATION_READ_WRITE_ENROLLMENTS: 'See and change program and course enrollments of an organization.',
    ORGANIZATION_READ_REPORTS: 'See the programs of an organization and their reports.',
    PROGRAM_READ_METADATA: 'See a program.',
    PROGRAM_READ_ENROLLMENTS: 'See a program, its learners, enrollments and grades.',
    PROGRAM_READ_WRITE_ENROLLMENTS: 'See and change program and course enrollments of a program.',
    PROGRAM_READ_REPORTS: 'See a program and its reports.',
  },
);

/** A role of a partner. Account, keys and giver are in the resolver. */
@Access()
@ObjectType('AccessGrant', {
  description: 'A role of a partner in an organization or a program, or an invitation to it.',
  simpleResolvers: true,
})
export class AccessGrantType {
  accountId!: string | null;
  grantedById!: string | null;
  targetId!: string;

  @Field(() => ID, { description: 'Names the grant.' })
  id!: string;

  @Field(() => PartnerRoleEnum, { description: 'What it allows.' })
  role!: PartnerRole;

  @Field(() => String, {
    nullable: true,
    description: 'The invited address, while no account has shown to read its mail; null once one has.',
  })
  invitedEmail!: string | null;

  @Field(() => Boolean, { description: 'Whether it waits for an account.' })
  isPending!: boolean;

  @Field(() => Date, { description: 'When it was given.' })
  createdAt!: Date;
}

export const AccessGrantConnection = connectionOf(AccessGrantType, 'AccessGrant', 'roles of partners');

export function toAccessGrant(row: PartnerGrant): AccessGrantType {
  return Object.assign(new AccessGrantType(), {
    id: toGlobalId('AccessGrant', row.id),
    accountId: row.accountId ?? null,
    grantedById: row.grantedBy ?? null,
    targetId: row.organizationId ?? row.programId ?? '',
    role: row.role,
    invitedEmail: row.email ?? null,
    isPending: row.accountId == null,
    createdAt: row.createdAt,
  });
}
