import type { LearningHints } from '../services/learning-hint/follow-hints.js';
import type { Job } from './job.js';

/** Reads anew what the LMS told of. */
export function createFollowLearningHintsJob({
  learningHints,
}: {
  learningHints: LearningHints;
}): Job<'follow-learning-hints'> {
  return (_payload, { signal }) => learningHints.follow(signal);
}
