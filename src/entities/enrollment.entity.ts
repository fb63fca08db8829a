import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';
import type { UpstreamFailure } from './upstream-failure.js';

export const enrollmentStates = [
  'PENDING',
  'ACTIVE',
  'INACTIVE',
  'REJECTED',
  'DEFERRED',
  'TRANSFERRED',
  'REFUNDED',
] as const;
export type EnrollmentState = (typeof enrollmentStates)[number];

/** What is still to be done at the LMS for this row; null when the LMS agrees with it. */
export const enrollmentIntents = ['ENROLL', 'UNENROLL', 'CHANGE_MODE'] as const;
export type EnrollmentIntent = (typeof enrollmentIntents)[number];

/** Ends that say more than INACTIVE; see `EnrollmentMove`. */
export const enrollmentEndStates = ['DEFERRED', 'TRANSFERRED', 'REFUNDED'] as const;
export type EnrollmentEndState = (typeof enrollmentEndStates)[number];

/**
 * One learner in one course run, as Portico knows it: asked for here, or seen in the LMS. One row per account and course
 * run. `requestVersion` grows with each new wish, so that a job that comes late does nothing.
 */
export const EnrollmentEntity = defineEntity({
  name: 'Enrollment',
  tableName: 'enrollment',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    courseKey: p.text(),
    lmsUsername: p.text(),
    /** What the LMS confirmed: the effective mode. Differs from `requestedMode` after a fall-back. */
    mode: p.text().nullable(),
    /** What was asked for. */
    requestedMode: p.text().nullable(),
    state: p.enum(enrollmentStates).$type<EnrollmentState>(),
    /** Kept by the database too, for whatever changes `state` without it. */
    stateSince: p.datetime().onCreate(() => new Date()),
    intent: p.enum(enrollmentIntents).$type<EnrollmentIntent>().nullable(),
    /** When the present wish was made; null without one. Written by the database. */
    intentSince: p.datetime().nullable(),
    force: p.boolean().default(false),
    /** What an UNENROLL that the LMS confirms ends in, when it is more than INACTIVE. */
    endState: p.enum(enrollmentEndStates).$type<EnrollmentEndState>().nullable(),
    /** The dead letter: what was wanted in vain, in which mode, since when. Null once it is wanted anew or came true. */
    failedIntent: p.enum(enrollmentIntents).$type<EnrollmentIntent>().nullable(),
    failedMode: p.text().nullable(),
    failedAt: p.datetime().nullable(),
    /** The deferral, transfer or refund of this enrollment that failed; null once something else is wanted of it. */
    failedMoveId: p.uuid().nullable(),
    requestVersion: p.integer().default(1),
    requestedBy: p.uuid().nullable(),
    confirmedByLms: p.boolean().default(false),
    /** When the LMS last said so. */
    confirmedAt: p.datetime().nullable(),
    /** The LMS's own time of creation. */
    lmsCreatedAt: p.datetime().nullable(),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().nullable(),
    lastError: p.json<UpstreamFailure | null>().nullable(),
    /** Whether the learner gets the mails of the course run; null as long as nobody said so: the LMS then sends them. */
    receivesEmails: p.boolean().nullable(),
    /** Grows with each such wish; the LMS was told of `emailsToldVersion`. */
    emailsVersion: p.integer().default(0),
    emailsToldVersion: p.integer().default(0),
    emailsError: p.json<UpstreamFailure | null>().nullable(),
  },
});
export type Enrollment = InferEntity<typeof EnrollmentEntity>;

/** What a change looks like in an enrollment's history. */
export interface EnrollmentSnapshot {
  state: EnrollmentState;
  mode: string | null;
  requestedMode: string | null;
}

export const EnrollmentEventEntity = defineEntity({
  name: 'EnrollmentEvent',
  tableName: 'enrollment_event',
  properties: {
    id: baseProperties.id,
    enrollmentId: p.uuid(),
    at: p.datetime(),
    before: p.json<EnrollmentSnapshot | null>().nullable(),
    after: p.json<EnrollmentSnapshot>(),
    /** Null: the system itself. */
    actorId: p.uuid().nullable(),
    cause: p.text(),
  },
});
export type EnrollmentEvent = InferEntity<typeof EnrollmentEventEntity>;
