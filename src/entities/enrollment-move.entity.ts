import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';
import type { EnrollmentState } from './enrollment.entity.js';

export const enrollmentMoveKinds = ['DEFER', 'TRANSFER', 'REFUND'] as const;
export type EnrollmentMoveKind = (typeof enrollmentMoveKinds)[number];

export const enrollmentMoveStates = ['RUNNING', 'DONE', 'FAILED'] as const;
export type EnrollmentMoveState = (typeof enrollmentMoveStates)[number];

/** In the order in which they are taken; the last only when the one before it failed. */
export const enrollmentMoveStepNames = ['ENROLL_TARGET', 'END_SOURCE', 'UNDO_TARGET'] as const;
export type EnrollmentMoveStepName = (typeof enrollmentMoveStepNames)[number];

export const enrollmentMoveStepOutcomes = ['DONE', 'NOT_NEEDED', 'FAILED'] as const;
export type EnrollmentMoveStepOutcome = (typeof enrollmentMoveStepOutcomes)[number];

/** A step that is over. */
export interface EnrollmentMoveStep {
  name: EnrollmentMoveStepName;
  outcome: EnrollmentMoveStepOutcome;
  /** Stable word for why it failed, or was not needed. */
  reason: string | null;
  at: string;
}

/** An end of an enrollment that is more than leaving: another one takes its place first, or money went back. */
export const EnrollmentMoveEntity = defineEntity({
  name: 'EnrollmentMove',
  tableName: 'enrollment_move',
  properties: {
    ...baseProperties,
    kind: p.enum(enrollmentMoveKinds).$type<EnrollmentMoveKind>(),
    state: p.enum(enrollmentMoveStates).$type<EnrollmentMoveState>(),
    /** The enrollment that ends. */
    sourceId: p.uuid(),
    /** The one that takes its place; null for a refund. */
    targetId: p.uuid().nullable(),
    /** What the target was before; null when it was not there. For taking the move back. */
    targetBefore: p.json<{ state: EnrollmentState; mode: string | null } | null>().nullable(),
    /** Mode that the target must have before the source ends. */
    mode: p.text().nullable(),
    force: p.boolean().default(false),
    requestedBy: p.uuid().nullable(),
    /** The step under way; null when it is over. */
    step: p.enum(enrollmentMoveStepNames).$type<EnrollmentMoveStepName>().nullable(),
    /** `requestVersion` of the wish that the step waits for; null before it was made. */
    wishVersion: p.integer().nullable(),
    steps: p.json<EnrollmentMoveStep[]>(),
    finishedAt: p.datetime().nullable(),
  },
});
export type EnrollmentMove = InferEntity<typeof EnrollmentMoveEntity>;
