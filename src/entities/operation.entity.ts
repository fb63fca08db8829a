import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';
import type { UpstreamFailure } from './upstream-failure.js';

export const operationStates = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELED'] as const;
export type OperationState = (typeof operationStates)[number];

/** What may become of a row: OK, the words of the Registrar's REST API in upper case, and Portico's own. */
export const rowOutcomes = [
  'OK',
  'DUPLICATED',
  'INVALID_STATUS',
  'CONFLICT',
  'NOT_IN_PROGRAM',
  'NOT_FOUND',
  'COURSE_NOT_FOUND',
  'INTERNAL_ERROR',
  'INVALID',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_REJECTED',
  'UPSTREAM_FORBIDDEN',
  'CANCELLED',
] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** Work that outlasts a request, from the wish to the end. Survives the processes that do it. */
export const OperationEntity = defineEntity({
  name: 'Operation',
  tableName: 'operation',
  properties: {
    ...baseProperties,
    kind: p.text(),
    state: p.enum(operationStates).$type<OperationState>().default('QUEUED'),
    /** What was asked for, as its kind defines it; never a secret. */
    input: p.json<Record<string, unknown>>(),
    /** Operations of one lane run one after the other, in the order in which they were begun. */
    lane: p.text().nullable(),
    /** Rows in all, as far as that is known. */
    total: p.integer().nullable(),
    /** Rows that are dealt with, the failed ones among them. */
    done: p.integer().default(0),
    failed: p.integer().default(0),
    /** Where a later run goes on; its kind knows how to read it. */
    checkpoint: p.json<object | null>().nullable(),
    /** What came of it beside the rows, e.g. counters. */
    summary: p.json<Record<string, unknown> | null>().nullable(),
    /** The account that asked; null: a schedule or a command. */
    startedBy: p.uuid().nullable(),
    clientId: p.text().nullable(),
    /** The operation whose rows that failed this one does again. */
    retryOf: p.uuid().nullable(),
    /** When it first ran. */
    begunAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    cancelRequestedAt: p.datetime().nullable(),
    /** When it goes on, while it has to wait for an upstream. */
    nextAttemptAt: p.datetime().nullable(),
    /** How often in a row it had to wait. */
    waits: p.integer().default(0),
    /** How often a run ended by a fault of ours. */
    crashes: p.integer().default(0),
    /** Why it failed, or has to wait. */
    failure: p.json<UpstreamFailure | null>().nullable(),
  },
});
export type Operation = InferEntity<typeof OperationEntity>;

/** One row of an operation; without an outcome it is still to be done. */
export const OperationRowEntity = defineEntity({
  name: 'OperationRow',
  tableName: 'operation_row',
  properties: {
    id: baseProperties.id,
    operationId: p.uuid(),
    /** From 1, as people count lines. */
    number: p.integer(),
    /** What the row is about, in the caller's words. */
    key: p.text().nullable(),
    input: p.json<Record<string, unknown> | null>().nullable(),
    /** When a run took it up: from then on it may have taken effect. */
    takenAt: p.datetime().nullable(),
    outcome: p.enum(rowOutcomes).$type<RowOutcome>().nullable(),
    /** For a person: what happened, and what can be done. */
    reason: p.text().nullable(),
    detail: p.json<Record<string, unknown> | null>().nullable(),
  },
});
export type OperationRow = InferEntity<typeof OperationRowEntity>;
