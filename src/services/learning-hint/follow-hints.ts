import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChanges } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { type DueHint, findDueHints, nextDueAt, settleHints } from './due-hints.js';
import { enqueueFollow, usualSettleMs } from './raise-hints.js';
import { readHinted } from './read-hinted.js';

export interface LearningHints {
  /**
   * Body of the job `follow-learning-hints`: reads what is due in as few calls as there can be, stores it, and goes on until
   * nothing is due, or the process ends. What the LMS cannot say now stays, and is asked again later.
   */
  follow(signal?: AbortSignal): Promise<void>;
}

/** Learners and runs of one round: several pages of what the LMS tells of 100 users in one call. */
const roundSize = 500;
const busyPauseMs = 1_000;

export function createLearningHints({
  em,
  api,
  locks,
  clock,
  logger,
  settleMs = usualSettleMs,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'keyed' | 'certificatesOf'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
  settleMs?: number;
}): LearningHints {
  const round = async (hints: readonly DueHint[]) => {
    const startedAt = clock();
    // Before the reading: whoever is told of the change reads it anew.
    await publishChanges(
      em.fork(),
      hints.map(({ lmsUsername, courseKey }) => ({ topic: 'lms-learner', lmsUsername, courseKey })),
    );
    const failures = await readHinted({ em, api, clock }, hints);
    const dropped = await settleHints(em, { hints, failures, startedAt, now: clock(), settleMs });
    if (dropped > 0)
      logger.warn({ dropped }, 'the LMS refuses to say what it told of; it is read when somebody asks for it');
  };
  const follow = async (signal: AbortSignal | undefined) => {
    while (!signal?.aborted) {
      const due = await findDueHints(em, clock(), roundSize);
      if (due.length === 0) return;
      await round(due);
    }
  };

  return {
    async follow(signal) {
      try {
        await locks.run('follow-learning-hints', () => follow(signal), { waitMs: 0 });
      } catch (error) {
        if (!(error instanceof LockBusyError)) throw error;
        // The other may have looked a moment before what this job is for was there.
        return enqueueFollow(em.fork(), new Date(clock().getTime() + busyPauseMs));
      }
      const next = await nextDueAt(em);
      if (next) await enqueueFollow(em.fork(), next);
    },
  };
}
