import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { Purpose } from '../../datasources/upstream/purpose.js';
import type { Actor } from '../actor.js';
import { lockEnrollment } from '../enrollment/change.js';
import { wishAnew } from '../enrollment/dead-letter.js';
import { recordSeen, type SeenEnrollments } from '../enrollment/record-seen.js';
import { compareEnrollments, type Drift, type TwoSides } from './compare.js';
import type { Learner } from './learners.js';

export interface ReconcileDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'keyed' | 'enrollmentPage'>;
  clock: Clock;
}

/** How one reconciliation goes about it. */
export interface ReconcileRun {
  actor: Actor;
  purpose: Purpose;
  /** Only says what differs. */
  dryRun: boolean;
  /** Enrolls in the LMS whoever is enrolled only here; otherwise they are only reported. */
  enrollLocalOnly: boolean;
  signal?: AbortSignal | undefined;
  /** Where an earlier run got to. */
  after?: string | undefined;
}

/** What came of some learners. */
export interface Part {
  /** Enrollments that were compared. */
  compared: number;
  drifts: Drift[];
  /** Learners whose list the LMS refuses to give. */
  failed: (Learner & { error: unknown })[];
  /** LMS users in the course run who are nobody's here. */
  strangers: number;
  /** Where a later run goes on. */
  next?: string;
}

/** Takes over what the LMS says, and says what differed; a wish that is under way here stands. */
export async function apply(
  deps: ReconcileDeps,
  {
    sides,
    seen,
    failed,
    strangers,
  }: Pick<Part, 'failed' | 'strangers'> & { sides: TwoSides[]; seen: SeenEnrollments[] },
  run: ReconcileRun,
): Promise<Part> {
  const drifts = sides.flatMap((side) => compareEnrollments(side));
  const compared = sides.reduce((sum, { here, there }) => sum + Math.max(here.length, there.length), 0);
  if (!run.dryRun && drifts.length > 0) {
    await recordSeen(deps.em, seen, deps.clock(), { actor: run.actor, cause: 'reconciled' });
    if (run.enrollLocalOnly) await enrollInLms(deps, drifts, run.actor);
  }
  return { compared, drifts, failed, strangers };
}

async function enrollInLms(deps: ReconcileDeps, drifts: readonly Drift[], actor: Actor): Promise<void> {
  for (const { accountId, courseKey } of drifts.filter(({ kind }) => kind === 'local-only'))
    await deps.em.fork().transactional(async (tx) => {
      const row = await lockEnrollment(tx, { accountId, courseKey });
      if (row?.state !== 'ACTIVE' || row.intent) return;
      await wishAnew(
        tx,
        row,
        { intent: 'ENROLL', mode: row.mode ?? null },
        { actor, cause: 'local-only' },
        deps.clock(),
      );
    });
}
