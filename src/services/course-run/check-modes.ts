import type { StoredCourseMode } from '../../entities/course-run.entity.js';

/** Modes that a run needs so that learners can begin for free and upgrade. */
const expectedModes = ['audit', 'verified'];
const upgradeMode = 'verified';

/** @returns the modes that a run should offer and does not */
export function lackingModes(modes: readonly Pick<StoredCourseMode, 'slug'>[]): string[] {
  return expectedModes.filter((slug) => !modes.some((mode) => mode.slug === slug));
}

/** Until when a learner can upgrade: the end of `verified`. Null when it has none, or is not offered. */
export function upgradeDeadlineOf(modes: readonly Pick<StoredCourseMode, 'slug' | 'expiresAt'>[]): Date | null {
  const expiresAt = modes.find(({ slug }) => slug === upgradeMode)?.expiresAt;
  return expiresAt ? new Date(expiresAt) : null;
}

/** @returns whether somebody in this mode has nothing to upgrade to */
export function isUpgraded(mode: string | null): boolean {
  return mode === upgradeMode;
}
