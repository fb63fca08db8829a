import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import { lockEnrollment } from '../enrollment/change.js';
import { replayFailed, wishAnew } from '../enrollment/dead-letter.js';
import { enqueueEnrollment } from '../enrollment/plan.js';

/** Which enrollments: all that is given must hold. Nothing at all is refused, but for `isAll`. */
export interface RetryScope {
  enrollmentIds?: readonly string[] | undefined;
  accountIds?: readonly string[] | undefined;
  courseKeys?: readonly string[] | undefined;
  /** Codes of what they failed by, e.g. `user_missing`. */
  reasons?: readonly string[] | undefined;
  /** Everything that failed, or waits. */
  isAll?: boolean | undefined;
}

/** `replayed`: a dead letter that is wanted again. `hurried`: was waiting. `verified`: is active, and is enrolled once more. */
export type RetryOutcome = 'replayed' | 'hurried' | 'verified' | 'nothing-to-do';

/** Trying again, by people. The jobs themselves retry without anybody: with growing pauses, and never what was refused for good. */
export interface EnrollmentRetries {
  /** @throws InvalidInputError `UNSCOPED` */
  requireScope(scope: RetryScope): void;
  /**
   * A page of what {@link retry} would do something to, by id: dead letters, and what waits for its next try.
   *
   * @param options.force - those that are active as well
   * @throws InvalidInputError `UNSCOPED`
   */
  find(
    scope: RetryScope,
    options: { after?: string | undefined; size: number; force?: boolean | undefined },
  ): Promise<Enrollment[]>;
  /** Has one be tried at once, with its attempts counted anew. @throws NotFoundError */
  retry(enrollmentId: string, options: { force?: boolean | undefined }, actor: Actor): Promise<RetryOutcome>;
  /**
   * Counts attempts anew: dead letters are wanted again, and what waits has all its attempts before it, at its own time.
   *
   * @param options.onlyExhausted - dead letters only
   * @returns how many
   * @throws InvalidInputError `UNSCOPED`
   */
  reset(
    scope: RetryScope,
    options: { onlyExhausted?: boolean | undefined; dryRun?: boolean | undefined },
    actor: Actor,
  ): Promise<number>;
}

const pageSize = 200;

export function createEnrollmentRetries({ em, clock }: { em: EntityManager; clock: Clock }): EnrollmentRetries {
  const find = (scope: RetryScope, wanted: FilterQuery<Enrollment>, after: string | undefined, size: number) => {
    const where: FilterQuery<Enrollment>[] = [whereScope(scope), wanted];
    if (after !== undefined) where.push({ id: { $gt: after } });
    return em.fork().find(EnrollmentEntity, { $and: where }, { orderBy: { id: 'asc' }, limit: size });
  };

  return {
    requireScope: (scope) => void whereScope(scope),
    find: async (scope, { after, size, force }) =>
      find(scope, force ? { $or: [failed, waiting, active] } : { $or: [failed, waiting] }, after, size),
    retry: (enrollmentId, { force = false }, actor) =>
      em.fork().transactional(async (tx) => {
        const row = await lockEnrollment(tx, { id: enrollmentId });
        if (!row) throw new NotFoundError('There is no such enrollment.');
        return retryOne(tx, row, { force, actor, now: clock() });
      }),
    async reset(scope, { onlyExhausted = false, dryRun = false }, actor) {
      const wanted = onlyExhausted ? failed : { $or: [failed, { ...waiting, attempts: { $gt: 0 } }] };
      if (dryRun) return em.fork().count(EnrollmentEntity, { $and: [whereScope(scope), wanted] });
      let count = 0;
      for (let after: string | undefined; ; ) {
        const page = await find(scope, wanted, after, pageSize);
        for (const { id } of page) if (await resetOne(em, id, actor, clock())) count += 1;
        after = page.at(-1)?.id;
        if (after === undefined || page.length < pageSize) return count;
      }
    },
  };
}

const failed: FilterQuery<Enrollment> = { failedIntent: { $ne: null }, intent: null };
const waiting = { intent: { $ne: null } };
const active: FilterQuery<Enrollment> = { state: 'ACTIVE' };

function whereScope({ enrollmentIds, accountIds, courseKeys, reasons, isAll }: RetryScope): FilterQuery<Enrollment> {
  if (!enrollmentIds && !accountIds && !courseKeys && !reasons && !isAll)
    throw new InvalidInputError('Say which enrollments: of whom, of which course runs, failed by what, or all.', {
      reason: 'UNSCOPED',
    });
  const where: FilterQuery<Enrollment>[] = [];
  if (enrollmentIds) where.push({ id: { $in: [...enrollmentIds] } });
  if (accountIds) where.push({ accountId: { $in: [...accountIds] } });
  if (courseKeys) where.push({ courseKey: { $in: [...courseKeys] } });
  if (reasons) where.push({ lastError: { code: { $in: [...reasons] } } });
  return { $and: where };
}

async function retryOne(
  tx: EntityManager,
  row: Enrollment,
  { force, actor, now }: { force: boolean; actor: Actor; now: Date },
): Promise<RetryOutcome> {
  const reason = { actor, cause: 'retried' };
  if (row.intent) {
    row.attempts = 0;
    row.nextAttemptAt = now;
    await tx.flush();
    await enqueueEnrollment(tx, row);
    return 'hurried';
  }
  if (await replayFailed(tx, row, reason, now)) return 'replayed';
  if (!force || row.state !== 'ACTIVE') return 'nothing-to-do';
  await wishAnew(tx, row, { intent: 'ENROLL', mode: row.mode ?? null }, reason, now);
  return 'verified';
}

/** @returns whether there was anything to reset by then */
function resetOne(em: EntityManager, id: string, actor: Actor, now: Date): Promise<boolean> {
  return em.fork().transactional(async (tx) => {
    const row = await lockEnrollment(tx, { id });
    if (!row) return false;
    if (!row.intent) return replayFailed(tx, row, { actor, cause: 'retries-reset' }, now);
    const hasTried = row.attempts > 0;
    row.attempts = 0;
    await tx.flush();
    return hasTried;
  });
}
