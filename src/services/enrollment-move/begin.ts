import type { EntityManager } from '@mikro-orm/postgresql';
import type { CourseRun } from '../../entities/course-run.entity.js';
import type { Enrollment } from '../../entities/enrollment.entity.js';
import {
  type EnrollmentMove,
  EnrollmentMoveEntity,
  type EnrollmentMoveKind,
} from '../../entities/enrollment-move.entity.js';
import { ConflictError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import { type Actor, callerOf } from '../actor.js';
import { lockEnrollment } from '../enrollment/change.js';
import { enrollmentKey } from '../enrollment/plan.js';
import { applyWish } from '../enrollment/request.js';
import { findEarlierResult, type IdempotentRequest, rememberResult } from '../idempotency.js';
import { takeSteps } from './advance.js';
import { checkRules } from './rules.js';

export interface MoveWish {
  kind: EnrollmentMoveKind;
  accountId: string;
  courseKey: string;
  /** Where somebody takes part instead: of another run for a deferral, of another account for a transfer. */
  to: { accountId: string; courseKey: string } | undefined;
  /** Of the target; the source's own without it. */
  mode: string | undefined;
  /** Past the rules. */
  force: boolean;
  /** Into a closed run, as the policy decided. */
  forceAtLms: boolean;
}

const operations: Record<EnrollmentMoveKind, string> = {
  DEFER: 'deferEnrollment',
  TRANSFER: 'transferEnrollment',
  REFUND: 'refundEnrollment',
};

/** Stores a move with the wish of its first step, both or neither. Throws as `EnrollmentMoveService.defer` says. */
export function beginMove(
  em: EntityManager,
  wish: MoveWish,
  options: { actor: Actor; idempotencyKey: string | undefined; targetRun: CourseRun | undefined; now: Date },
): Promise<EnrollmentMove> {
  const { actor, idempotencyKey: key, now } = options;
  const operation = operations[wish.kind];
  const request: IdempotentRequest | undefined =
    key === undefined ? undefined : { callerId: callerOf(actor), operation, key, input: { ...wish } };
  return em.fork().transactional(async (tx) => {
    // In one order, so that two moves between the same enrollments wait for each other.
    const places = [wish, ...(wish.to ? [wish.to] : [])].map((place) => enrollmentKey(place));
    for (const place of places.toSorted()) await lockUntilCommit(tx, place);
    const earlierId = request && (await findEarlierResult(tx, request));
    if (earlierId) return tx.findOneOrFail(EnrollmentMoveEntity, { id: earlierId });
    const source = await lockEnrollment(tx, { accountId: wish.accountId, courseKey: wish.courseKey });
    const target = wish.to ? await lockEnrollment(tx, wish.to) : null;
    const move = await create(tx, wish, await check(tx, wish, source, target, options), target, options);
    if (request && !(await rememberResult(tx, request, move.id, now))) await findEarlierResult(tx, request);
    // What stands against the first step is for the caller to know.
    await takeSteps(tx, move, now, (step) => step);
    return move;
  });
}

async function check(
  tx: EntityManager,
  { kind, to, force }: MoveWish,
  source: Enrollment | null,
  target: Enrollment | null,
  { targetRun, now }: { targetRun: CourseRun | undefined; now: Date },
): Promise<Enrollment> {
  const checked = checkRules(
    { kind, source, toCourseKey: to?.courseKey, toAccountId: to?.accountId, targetRun, target, force },
    now,
  );
  if (await tx.findOne(EnrollmentMoveEntity, { sourceId: checked.id, state: 'RUNNING' }))
    throw new ConflictError('A deferral, transfer or refund of this enrollment is under way.');
  return checked;
}

async function create(
  tx: EntityManager,
  { kind, to, mode, forceAtLms: force }: MoveWish,
  source: Enrollment,
  before: Enrollment | null,
  { actor, now }: { actor: Actor; now: Date },
): Promise<EnrollmentMove> {
  const targetBefore = before && { state: before.state, mode: before.mode ?? null };
  const wanted = to && { ...to, mode: mode ?? source.mode ?? undefined };
  const cause = `${kind.toLowerCase()}-requested`;
  const target = wanted && (await applyWish(tx, { ...wanted, intent: 'ENROLL', force, cause }, actor, now));
  const move = tx.create(EnrollmentMoveEntity, {
    kind,
    state: 'RUNNING',
    sourceId: source.id,
    targetId: target?.id ?? null,
    targetBefore,
    mode: wanted?.mode ?? null,
    force,
    requestedBy: actor.accountId,
    step: target ? 'ENROLL_TARGET' : 'END_SOURCE',
    wishVersion: target?.requestVersion ?? null,
    steps: [],
  });
  source.failedMoveId = null;
  await tx.flush();
  return move;
}
