import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';
import type { UpstreamFailure } from './upstream-failure.js';

/** SCHEDULED: asked for by the person, who may still take it back. RUNNING: begun, and not to be stopped. */
export const retirementStates = ['SCHEDULED', 'RUNNING', 'DONE'] as const;
export type RetirementState = (typeof retirementStates)[number];

/** The end of an account, from the request to the last step. One row for each account; deleted when it is taken back. */
export const RetirementEntity = defineEntity({
  name: 'Retirement',
  tableName: 'retirement',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    state: p.enum(retirementStates).$type<RetirementState>(),
    /** The account that asked; null: the system, e.g. an operator's command. */
    requestedBy: p.uuid().nullable(),
    /** When it begins, or began. */
    dueAt: p.datetime(),
    /** sha256 of the token in the mailed link that takes the request back. */
    cancelHash: p.text().nullable(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    nextAttemptAt: p.datetime().nullable(),
    /** Why it has to wait. */
    lastError: p.json<UpstreamFailure | null>().nullable(),
  },
});
export type Retirement = InferEntity<typeof RetirementEntity>;

/** In the order in which they are taken. */
export const retirementStepNames = ['END_ACCESS', 'LEAVE_LMS', 'ERASE_DATA', 'ERASE_ADDRESSES'] as const;
export type RetirementStepName = (typeof retirementStepNames)[number];

export const retirementStepOutcomes = ['DONE', 'NOT_NEEDED', 'LEFT_TO_DO'] as const;
export type RetirementStepOutcome = (typeof retirementStepOutcomes)[number];

/** A step that was taken. */
export const RetirementStepEntity = defineEntity({
  name: 'RetirementStep',
  tableName: 'retirement_step',
  properties: {
    id: baseProperties.id,
    retirementId: p.uuid(),
    name: p.enum(retirementStepNames).$type<RetirementStepName>(),
    outcome: p.enum(retirementStepOutcomes).$type<RetirementStepOutcome>(),
    /** What was done, or what is left to people and why; for staff. */
    reason: p.text().nullable(),
    at: p.datetime(),
  },
});
export type RetirementStep = InferEntity<typeof RetirementStepEntity>;
