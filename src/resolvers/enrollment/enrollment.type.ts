import { Field, Int, ObjectType } from 'type-graphql';
import type {
  Enrollment,
  EnrollmentEvent,
  EnrollmentSnapshot,
  EnrollmentState,
} from '../../entities/enrollment.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { toUpstreamFailure, UpstreamFailureType } from '../upstream/upstream-failure.type.js';
import { EnrollmentStateEnum } from './enrollment.enums.js';

/** One's own learning state; anyone's to STAFF. */
export const learningAccess: FieldAccess = { scope: 'learning:read', role: 'STAFF', own: true };

/** One learner in one course run. Course, grade, certificate and history are in the resolver. */
@Access(learningAccess)
@ObjectType('Enrollment', {
  description: 'One learner in one course run.',
  implements: Node,
  simpleResolvers: true,
})
export class EnrollmentType extends Node {
  /** Null for what the LMS alone has: Portico has no account of the learner. */
  rowId!: string | null;
  /** Row id of the account; what `own` compares. */
  ownerId!: string | null;
  courseKey!: string;

  @Field(() => String, { description: 'Username in the LMS.' })
  lmsUsername!: string;

  @Field(() => String, { nullable: true, description: 'Mode that the LMS confirmed, e.g. `audit`.' })
  mode!: string | null;

  @Field(() => String, { nullable: true, description: 'Mode that was asked for here.' })
  requestedMode!: string | null;

  @Field(() => EnrollmentStateEnum, { description: 'Where the enrollment stands.' })
  state!: EnrollmentState;

  @Field(() => Date, {
    nullable: true,
    description: 'Since when it stands so; null where only the LMS knows, for learners without an account.',
  })
  stateSince!: Date | null;

  @Field(() => Boolean, { description: 'Whether the LMS has said that it is so.' })
  confirmedByLms!: boolean;

  @Field(() => Date, {
    nullable: true,
    description: 'When the LMS enrolled the learner; before that, when it was asked for.',
  })
  createdAt!: Date | null;

  @Field(() => Int, { description: 'Tries that failed for reasons of this enrollment; outages do not count.' })
  attempts!: number;

  @Field(() => Date, { nullable: true, description: 'When it is tried next; null when nothing is left to do.' })
  nextAttemptAt!: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the learner gets the mails of the course run; null while nobody said so: the LMS sends them.',
  })
  receivesEmails!: boolean | null;

  @Field(() => UpstreamFailureType, {
    nullable: true,
    description: 'Why the LMS does not know of `receivesEmails` yet.',
  })
  emailsError!: UpstreamFailureType | null;

  @Field(() => UpstreamFailureType, { nullable: true, description: 'Why the last try at the LMS failed.' })
  lastError!: UpstreamFailureType | null;
}

@Access()
@ObjectType('EnrollmentSnapshot', { description: 'An enrollment before or after a change.', simpleResolvers: true })
export class EnrollmentSnapshotType {
  @Field(() => EnrollmentStateEnum, { description: 'Where the enrollment stood.' })
  state!: EnrollmentState;

  @Field(() => String, { nullable: true, description: 'Mode that the LMS had confirmed.' })
  mode!: string | null;

  @Field(() => String, { nullable: true, description: 'Mode that had been asked for.' })
  requestedMode!: string | null;
}

/** One change of an enrollment. Its actor is in the resolver. */
@Access()
@ObjectType('EnrollmentEvent', { description: 'One change in the life of an enrollment.', simpleResolvers: true })
export class EnrollmentEventType {
  actorId!: string | null;

  @Field(() => Date, { description: 'When it happened.' })
  at!: Date;

  @Field(() => EnrollmentSnapshotType, { nullable: true, description: 'How it was; null for the first.' })
  before!: EnrollmentSnapshot | null;

  @Field(() => EnrollmentSnapshotType, { description: 'How it became.' })
  after!: EnrollmentSnapshot;

  @Field(() => String, { description: 'Stable word for why, e.g. `requested`.' })
  cause!: string;
}

export function toEnrollment(row: Enrollment): EnrollmentType {
  return Object.assign(new EnrollmentType(), {
    id: toGlobalId('Enrollment', row.id),
    rowId: row.id,
    ownerId: row.accountId,
    courseKey: row.courseKey,
    lmsUsername: row.lmsUsername,
    mode: row.mode,
    requestedMode: row.requestedMode,
    state: row.state,
    stateSince: row.stateSince,
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    confirmedByLms: row.confirmedByLms,
    createdAt: row.lmsCreatedAt ?? row.createdAt,
    receivesEmails: row.receivesEmails ?? null,
    emailsError: toUpstreamFailure(row.emailsError),
    lastError: toUpstreamFailure(row.lastError),
  });
}

export function toEnrollmentEvent(row: EnrollmentEvent): EnrollmentEventType {
  return Object.assign(new EnrollmentEventType(), {
    actorId: row.actorId,
    at: row.at,
    before: row.before,
    after: row.after,
    cause: row.cause,
  });
}
