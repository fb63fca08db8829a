import type { Grade, ScoreOverride } from '../../rows.js';
import type { LmsState } from '../../state.js';
import { GRADING_POLICY, SECTIONS, type Section, usageKey } from '../courses/outline.js';

/** What one learner has in one section. */
export interface SectionScore {
  readonly section: Section;
  readonly usageKey: string;
  readonly earned: number;
  readonly possible: number;
  readonly isAttempted: boolean;
  readonly override: ScoreOverride | null;
  /** 0..1 */
  readonly percent: number;
}

export function overrideKey(username: string, usage: string): string {
  return `${username} ${usage}`.toLowerCase();
}

/** The scores of a learner, section by section; a grade with scores behind it has them spread evenly. */
export function sectionScores(state: LmsState, username: string, courseKey: string): SectionScore[] {
  const scorePercent = state.grade(username, courseKey)?.scorePercent ?? null;
  return SECTIONS.map((section) => {
    const usage = usageKey(courseKey, 'sequential', section.blockId);
    const override = state.scoreOverrides.get(overrideKey(username, usage)) ?? null;
    const possible = override?.possibleGraded ?? section.problems.length;
    const earned = override?.earnedGraded ?? rounded((scorePercent ?? 0) * section.problems.length);
    return {
      section,
      usageKey: usage,
      earned,
      possible,
      isAttempted: scorePercent !== null || override !== null,
      override,
      percent: possible === 0 ? 0 : earned / possible,
    };
  });
}

/** The mean of an assignment type, 0..1. */
export function meanOf(scores: readonly SectionScore[], type: string): number {
  const own = scores.filter(({ section }) => section.format === type);
  return own.reduce((sum, { percent }) => sum + percent, 0) / Math.max(1, own.length);
}

/** What a grade is worth when it is computed from its scores, 0..1 with two decimals. */
export function percentOf(state: LmsState, { username, courseKey, scorePercent }: Grade): number {
  const scores = sectionScores(state, username, courseKey);
  if (scores.every(({ override }) => override === null)) return scorePercent ?? 0;
  return rounded(GRADING_POLICY.reduce((sum, { type, weight }) => sum + weight * meanOf(scores, type), 0));
}

/** The same for a learner who may have no stored grade. */
export function percentOfLearner(state: LmsState, username: string, courseKey: string): number {
  const grade = state.grade(username, courseKey);
  return grade === undefined ? 0 : percentOf(state, grade);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
