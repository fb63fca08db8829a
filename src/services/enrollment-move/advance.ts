import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import {
  type EnrollmentMove,
  EnrollmentMoveEntity,
  type EnrollmentMoveStepName,
} from '../../entities/enrollment-move.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';
import { lockEnrollment } from '../enrollment/change.js';
import { fellBack, overtaken, type StepEnd, takeStep } from './steps.js';

/** Body of the job: goes on with a move as far as it can without the LMS, in one transaction. */
export async function advanceMove(em: EntityManager, moveId: string, now: Date): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const move = await tx.findOne(EnrollmentMoveEntity, { id: moveId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (move) await takeSteps(tx, move, now, (step) => step.catch(asFailure));
  });
}

/**
 * Takes the steps that are left, until one waits for the LMS.
 *
 * @param guard - what becomes of a step that throws
 */
export async function takeSteps(
  tx: EntityManager,
  move: EnrollmentMove,
  now: Date,
  guard: (step: Promise<StepEnd>) => Promise<StepEnd>,
): Promise<void> {
  while (move.state === 'RUNNING' && move.step) {
    const end = await guard(takeStep(tx, move, now));
    if (!end) return;
    const step = { name: move.step, ...end, at: now.toISOString() };
    move.steps = [...move.steps, step];
    move.step = nextStep(move, end) ?? null;
    move.wishVersion = null;
    if (!move.step) {
      move.state = step.name !== 'UNDO_TARGET' && end.outcome !== 'FAILED' ? 'DONE' : 'FAILED';
      move.finishedAt = now;
      if (move.state === 'FAILED') await markSource(tx, move);
    }
    await tx.flush();
  }
}

/** Whoever looks for what is stuck finds it at the enrollment; not where a newer wish has won. */
async function markSource(tx: EntityManager, move: EnrollmentMove): Promise<void> {
  if (!move.steps.some(({ outcome, reason }) => outcome === 'FAILED' && reason !== overtaken)) return;
  const source = await lockEnrollment(tx, { id: move.sourceId });
  if (source) source.failedMoveId = move.id;
}

/** The target first, verified; then the source. Whatever fails, the learner keeps the enrollment that they had. */
function nextStep({ step, targetId }: EnrollmentMove, end: NonNullable<StepEnd>): EnrollmentMoveStepName | undefined {
  if (step === 'ENROLL_TARGET') {
    if (end.outcome !== 'FAILED') return 'END_SOURCE';
    return end.reason === fellBack ? 'UNDO_TARGET' : undefined;
  }
  const isToUndo = step === 'END_SOURCE' && end.outcome === 'FAILED' && end.reason !== overtaken;
  return isToUndo && targetId != null ? 'UNDO_TARGET' : undefined;
}

/** What stands against a wish stands against the step; a bug, or our own database, does not. */
function asFailure(error: unknown): StepEnd {
  if (error instanceof InvalidInputError) return { outcome: 'FAILED', reason: error.reason };
  if (error instanceof ConflictError || error instanceof NotFoundError)
    return { outcome: 'FAILED', reason: error.code };
  throw error;
}
