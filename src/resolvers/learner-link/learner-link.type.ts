import { Field, ObjectType } from 'type-graphql';
import type { LearnerLink, LearnerLinkEvent, LearnerLinkState } from '../../entities/learner-link.entity.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { programLearningAccess } from '../organization/organization.type.js';
import { connectionOf } from '../page/connection.type.js';
import { JsonScalar } from '../scalars/json.scalar.js';

export const LearnerLinkStateEnum = describeEnum<LearnerLinkState>(
  'LearnerLinkState',
  'Whether it is known who a learner of an organization is.',
  {
    WAITING: 'No account and no LMS user is known yet; enrollments wait for one.',
    LINKED: 'The account, or the LMS user, is known.',
    CONFLICT: 'Something stands in the way; `reason` says what.',
    RETIRED: 'The person has left; their key is forgotten.',
  },
);

/** One step of a learner's life. Who did it is in the resolver. */
@Access(programLearningAccess)
@ObjectType('LearnerLinkEvent', {
  description: 'One step in which it became known, or was forgotten, who a learner is.',
  simpleResolvers: true,
})
export class LearnerLinkEventType {
  actorId!: string | null;

  @Field(() => Date, { description: 'When it happened.' })
  at!: Date;

  @Field(() => LearnerLinkStateEnum, { nullable: true, description: 'State before; null for the first step.' })
  from!: LearnerLinkState | null;

  @Field(() => LearnerLinkStateEnum, { description: 'State after.' })
  to!: LearnerLinkState;

  @Field(() => String, { description: 'Stable word for why, e.g. `account-appeared`.' })
  cause!: string;

  @Access({ scope: 'programs:read', role: 'STAFF' })
  @Field(() => JsonScalar, { nullable: true, description: 'What else is known of it. For STAFF.' })
  detail!: Record<string, unknown> | null;
}

/** A learner of an organization. Organization, account and enrollments are in the resolver. */
@Access(programLearningAccess)
@ObjectType('LearnerLink', {
  description: 'A learner as an organization knows them, tied to the account and LMS user that they are.',
  implements: Node,
  simpleResolvers: true,
})
export class LearnerLinkType extends Node {
  row!: LearnerLink;

  @Field(() => String, { description: 'The school’s id for the learner (student key); compared without case.' })
  externalKey!: string;

  @Field(() => LearnerLinkStateEnum, { description: 'Whether it is known who they are.' })
  state!: LearnerLinkState;

  @Field(() => String, { nullable: true, description: 'What stands in the way, for a person; in CONFLICT.' })
  reason!: string | null;

  @Field(() => String, { nullable: true, description: 'Username in the LMS, where it is known.' })
  lmsUsername!: string | null;

  @Field(() => Date, { nullable: true, description: 'Since when it is known who they are.' })
  linkedAt!: Date | null;
}

export const LearnerLinkConnection = connectionOf(LearnerLinkType, 'LearnerLink', 'learners of organizations');

/** A row as a node of the graph. */
export function toLearnerLink(row: LearnerLink): LearnerLinkType {
  return Object.assign(new LearnerLinkType(), {
    id: toGlobalId('LearnerLink', row.id),
    row,
    externalKey: row.externalKey,
    state: row.state,
    reason: row.reason ?? null,
    lmsUsername: row.lmsUsername ?? null,
    linkedAt: row.linkedAt ?? null,
  });
}

/** A line of the history as the graph tells it. */
export function toLearnerLinkEvent(row: LearnerLinkEvent): LearnerLinkEventType {
  return Object.assign(new LearnerLinkEventType(), {
    actorId: row.actorId ?? null,
    at: row.at,
    from: (row.from ?? null) as LearnerLinkState | null,
    to: row.to as LearnerLinkState,
    cause: row.cause,
    detail: row.detail ?? null,
  });
}
