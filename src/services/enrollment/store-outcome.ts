import type { EntityManager } from '@mikro-orm/postgresql';
import { type EdxLinkState } from '../../entities/edx-link.entity.js';
import type { Enrollment } from '../../entities/enrollment.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { systemActor } from '../actor.js';
import { wakeMoves } from '../enrollment-move/wake.js';
import { changeEnrollment, lockEnrollment } from './change.js';
import { clearFailed, markFailed } from './dead-letter.js';
import type { Fulfilment } from './fulfil.js';
import { enqueueEnrollment } from './plan.js';

/** Which wish an outcome belongs to: one that was replaced meanwhile keeps its successor's state. */
export interface WishRef {
  id: string;
  version: number;
}

/** Stores how a wish ended. */
export async function storeFulfilment(
  em: EntityManager,
  wish: WishRef,
  fulfilment: Fulfilment,
  lmsUsername: string,
  now: Date,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const row = await lockWish(tx, wish);
    if (!row) return;
    await changeEnrollment(
      tx,
      row,
      (enrollment) => {
        enrollment.lmsUsername = lmsUsername;
        if (fulfilment.kind === 'done') applyConfirmed(enrollment, fulfilment.enrollment, now);
        else applyRefused(enrollment, fulfilment, now);
        enrollment.intent = null;
        enrollment.nextAttemptAt = null;
      },
      { actor: systemActor, cause: causeOf(row, fulfilment), ...(fulfilment.kind === 'done' && { lmsUsername }) },
      now,
    );
    await wakeMoves(tx, row.id);
  });
}

function causeOf({ intent, requestedMode }: Enrollment, fulfilment: Fulfilment): string {
  if (fulfilment.kind === 'refused') return fulfilment.code;
  const hasFallenBack = intent === 'ENROLL' && requestedMode != null && fulfilment.enrollment?.mode !== requestedMode;
  return hasFallenBack ? 'confirmed-in-fall-back-mode' : 'confirmed';
}

function applyConfirmed(
  row: Enrollment,
  confirmed: Extract<Fulfilment, { kind: 'done' }>['enrollment'],
  now: Date,
): void {
  row.state = confirmed?.isActive ? 'ACTIVE' : (row.endState ?? 'INACTIVE');
  row.mode = confirmed?.mode ?? row.mode ?? null;
  row.lmsCreatedAt = confirmed?.createdAt ?? row.lmsCreatedAt ?? null;
  row.confirmedByLms = true;
  row.confirmedAt = now;
  row.attempts = 0;
  row.lastError = null;
  row.endState = null;
  clearFailed(row);
}

/** A refused enrollment is REJECTED; a refused change or end leaves the enrollment as it was, with the reason. */
function applyRefused(row: Enrollment, { code, message }: { code: string; message: string }, now: Date): void {
  markFailed(row, now);
  if (row.intent === 'ENROLL') row.state = 'REJECTED';
  if (row.intent === 'CHANGE_MODE') row.requestedMode = row.mode ?? null;
  row.lastError = { upstream: 'lms', code, message, retryable: false, at: now.toISOString() };
}

/** Stores why a wish has to wait and plans its next try, in one transaction: neither is lost without the other. */
export async function storeWaiting(
  em: EntityManager,
  wish: WishRef,
  waiting: { failure: UpstreamFailure; nextAttemptAt: Date; countsAsAttempt: boolean; waits: number },
  now: Date,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const row = await lockWish(tx, wish);
    if (!row) return;
    const isNews = row.lastError?.code !== waiting.failure.code;
    const apply = (enrollment: Enrollment) => {
      enrollment.lastError = waiting.failure;
      enrollment.nextAttemptAt = waiting.nextAttemptAt;
      if (waiting.countsAsAttempt) enrollment.attempts += 1;
    };
    if (isNews) await changeEnrollment(tx, row, apply, { actor: systemActor, cause: waiting.failure.code }, now);
    else {
      apply(row);
      await tx.flush();
    }
    await enqueueEnrollment(tx, row, { runAt: waiting.nextAttemptAt, waits: waiting.waits });
  });
}

/** How often a wish that waits for an edX account looks by itself; the link wakes it much sooner. */
const accountLookMs = 5 * 60_000;

/**
 * Lets a wish wait for the edX account of its learner. The link wakes it when it is there, which may be at this very moment:
 * its row is locked and read again, so that the wake-up comes before or after, never in between.
 */
export async function storeWaitingForAccount(em: EntityManager, wish: WishRef, now: Date): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const row = await lockWish(tx, wish);
    if (!row) return;
    const [link] = await tx.execute<{ state: EdxLinkState }[]>(
      'select state from edx_link where account_id = ? for share',
      [row.accountId],
    );
    const isThere = link?.state !== 'PENDING' && link?.state !== 'CREATING';
    const nextAttemptAt = new Date(now.getTime() + (isThere ? 0 : accountLookMs));
    row.lastError = {
      upstream: 'lms',
      code: 'edx-account-pending',
      message: 'The edX account is not there yet. The enrollment follows as soon as it is.',
      retryable: true,
      at: now.toISOString(),
    };
    row.nextAttemptAt = nextAttemptAt;
    await tx.flush();
    await enqueueEnrollment(tx, row, { runAt: nextAttemptAt });
  });
}

async function lockWish(tx: EntityManager, { id, version }: WishRef): Promise<Enrollment | undefined> {
  const row = await lockEnrollment(tx, { id });
  return row && row.intent !== null && row.requestVersion === version ? row : undefined;
}
