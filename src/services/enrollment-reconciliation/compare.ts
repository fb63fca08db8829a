import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { Enrollment, EnrollmentState } from '../../entities/enrollment.entity.js';

/**
 * How an enrollment here and in the LMS differ. `created`, `reactivated`, `deactivated`, `mode-changed`: taken over from the LMS.
 * `pending`: a wish is under way here, and wins. `local-only`: active here, and the LMS has no row of it.
 */
export const driftKinds = ['created', 'reactivated', 'deactivated', 'mode-changed', 'pending', 'local-only'] as const;
export type DriftKind = (typeof driftKinds)[number];

export interface Drift {
  kind: DriftKind;
  accountId: string;
  lmsUsername: string;
  courseKey: string;
  here: { state: EnrollmentState; mode: string | null } | null;
  there: { isActive: boolean; mode: string } | null;
}

/** One learner, as both sides know them. */
export interface TwoSides {
  accountId: string;
  lmsUsername: string;
  here: readonly Enrollment[];
  there: readonly LmsEnrollment[];
  /** Whether `there` holds all of the learner, or of the course runs in question, so that what is missing is not in the LMS. */
  isWhole: boolean;
}

/** Pure: what differs, and for the rows of `there` what the LMS wins. */
export function compareEnrollments({ accountId, lmsUsername, here, there, isWhole }: TwoSides): Drift[] {
  const local = new Map(here.map((row) => [row.courseKey, row]));
  const remote = new Set(there.map(({ courseKey }) => courseKey));
  const drifts = there.flatMap((row) => {
    const present = local.get(row.courseKey);
    const kind = kindOf(present, row);
    return kind ? [driftOf(kind, present, row)] : [];
  });
  const missing = isWhole ? here.filter((row) => isActiveOnly(row) && !remote.has(row.courseKey)) : [];
  return [...drifts, ...missing.map((row) => driftOf('local-only', row, undefined))];

  function driftOf(kind: DriftKind, present: Enrollment | undefined, row: LmsEnrollment | undefined): Drift {
    return {
      kind,
      accountId,
      lmsUsername,
      courseKey: present?.courseKey ?? row?.courseKey ?? '',
      here: present ? { state: present.state, mode: present.mode ?? null } : null,
      there: row ? { isActive: row.isActive, mode: row.mode } : null,
    };
  }
}

/** Inactive there is news only for what is active here: REJECTED, DEFERRED and the like say more about the same fact. */
function kindOf(present: Enrollment | undefined, row: LmsEnrollment): DriftKind | undefined {
  if (!present) return 'created';
  const isActive = present.state === 'ACTIVE';
  const differs = row.isActive ? !isActive || present.mode !== row.mode : isActive;
  if (!differs) return undefined;
  if (present.intent != null) return 'pending';
  if (!row.isActive) return 'deactivated';
  return isActive ? 'mode-changed' : 'reactivated';
}

function isActiveOnly({ state, intent }: Enrollment): boolean {
  return state === 'ACTIVE' && intent == null;
}
