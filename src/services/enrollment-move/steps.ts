import type { EntityManager } from '@mikro-orm/postgresql';
import type { Enrollment, EnrollmentEndState } from '../../entities/enrollment.entity.js';
import type {
  EnrollmentMove,
  EnrollmentMoveKind,
  EnrollmentMoveStepOutcome,
} from '../../entities/enrollment-move.entity.js';
import type { Actor } from '../actor.js';
import { changeEnrollment, lockEnrollment } from '../enrollment/change.js';
import { clearFailed } from '../enrollment/dead-letter.js';
import { applyWish, type Wish } from '../enrollment/request.js';

/** How a step ended; undefined while it waits for the LMS. */
export type StepEnd = { outcome: EnrollmentMoveStepOutcome; reason: string | null } | undefined;

export const endStates: Record<EnrollmentMoveKind, EnrollmentEndState> = {
  DEFER: 'DEFERRED',
  TRANSFER: 'TRANSFERRED',
  REFUND: 'REFUNDED',
};

const done: StepEnd = { outcome: 'DONE', reason: null };
/** The target may not stay in a mode that nobody asked for. */
export const fellBack = 'fell-back';
/** Somebody wanted something else of the enrollment meanwhile, and the newer wish wins. */
export const overtaken = 'overtaken';

/** Takes, or looks at, the step that a move is at; in the transaction of `tx`, without calling anybody. */
export async function takeStep(tx: EntityManager, move: EnrollmentMove, now: Date): Promise<StepEnd> {
  const actor = { accountId: move.requestedBy ?? null };
  switch (move.step) {
    case 'ENROLL_TARGET':
      return enrollTarget(tx, move, actor, now);
    case 'END_SOURCE':
      return endSource(tx, move, actor, now);
    default:
      return undoTarget(tx, move, actor, now);
  }
}

async function enrollTarget(tx: EntityManager, move: EnrollmentMove, actor: Actor, now: Date): Promise<StepEnd> {
  const target = await findTarget(tx, move);
  const end = await settle(tx, move, target, wishOf(target, 'ENROLL', move), actor, now);
  if (end?.outcome === 'FAILED') await forgetWish(tx, target, end.reason);
  if (end?.outcome !== 'DONE') return end;
  if (target.state !== 'ACTIVE' || !target.confirmedByLms) return { outcome: 'FAILED', reason: overtaken };
  return move.mode != null && target.mode !== move.mode ? { outcome: 'FAILED', reason: fellBack } : done;
}

async function endSource(tx: EntityManager, move: EnrollmentMove, actor: Actor, now: Date): Promise<StepEnd> {
  const source = await lockEnrollment(tx, { id: move.sourceId });
  if (!source) throw new Error('the move has no source');
  const endState = endStates[move.kind];
  if (source.state !== 'ACTIVE' && source.state !== 'PENDING' && !source.intent) {
    // It has ended at the LMS already: what is left is to say how.
    if (source.state !== endState) await nameEnd(tx, source, endState, actor, now);
    return move.wishVersion == null ? { outcome: 'NOT_NEEDED', reason: 'ended-already' } : done;
  }
  const end = await settle(tx, move, source, { ...wishOf(source, 'UNENROLL', move), endState }, actor, now);
  if (end?.outcome === 'FAILED') await forgetWish(tx, source, end.reason);
  return end;
}

/** Not to be wished anew by itself: the move as a whole has failed, and says why. */
async function forgetWish(tx: EntityManager, enrollment: Enrollment, reason: string | null): Promise<void> {
  if (reason === overtaken) return;
  clearFailed(enrollment);
  enrollment.endState = null;
  await tx.flush();
}

/** Makes the target be what it was. */
async function undoTarget(tx: EntityManager, move: EnrollmentMove, actor: Actor, now: Date): Promise<StepEnd> {
  const target = await findTarget(tx, move);
  const before = move.targetBefore;
  if (before?.state !== 'ACTIVE') return settle(tx, move, target, wishOf(target, 'UNENROLL', move), actor, now);
  const isSame = before.mode === target.mode || before.mode == null;
  if (move.wishVersion == null && isSame) return { outcome: 'NOT_NEEDED', reason: null };
  const wish: Wish = { ...wishOf(target, 'CHANGE_MODE', move), mode: before.mode ?? undefined };
  return settle(tx, move, target, wish, actor, now);
}

/** Makes the wish of a step once, and tells how it ended. */
async function settle(
  tx: EntityManager,
  move: EnrollmentMove,
  enrollment: Enrollment,
  wish: Wish,
  actor: Actor,
  now: Date,
): Promise<StepEnd> {
  if (move.wishVersion == null) {
    await applyWish(tx, wish, actor, now);
    move.wishVersion = enrollment.requestVersion;
    await tx.flush();
  }
  if (enrollment.requestVersion !== move.wishVersion) return { outcome: 'FAILED', reason: overtaken };
  if (enrollment.intent) return undefined;
  if (enrollment.failedIntent) return { outcome: 'FAILED', reason: enrollment.lastError?.code ?? 'refused' };
  return done;
}

async function findTarget(tx: EntityManager, { targetId }: EnrollmentMove): Promise<Enrollment> {
  const target = targetId == null ? null : await lockEnrollment(tx, { id: targetId });
  if (!target) throw new Error('the move has no target');
  return target;
}

function wishOf({ accountId, courseKey }: Enrollment, intent: Wish['intent'], move: EnrollmentMove): Wish {
  const cause = `${move.kind.toLowerCase()}-requested`;
  if (intent !== 'ENROLL') return { intent, accountId, courseKey, cause };
  return { intent, accountId, courseKey, cause, mode: move.mode ?? undefined, force: move.force };
}

async function nameEnd(
  tx: EntityManager,
  source: Enrollment,
  endState: EnrollmentEndState,
  actor: Actor,
  now: Date,
): Promise<void> {
  const reason = { actor, cause: 'ended-already' };
  await changeEnrollment(
    tx,
    source,
    (row) => {
      row.state = endState;
      clearFailed(row);
    },
    reason,
    now,
  );
}
