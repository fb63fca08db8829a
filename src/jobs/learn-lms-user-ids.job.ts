import type { LmsUserIds } from '../services/lms-event/learn-user-ids.js';
import type { Job } from './job.js';

/** Asks the LMS for the numbers of its users that links lack. */
export function createLearnLmsUserIdsJob({ lmsUserIds }: { lmsUserIds: LmsUserIds }): Job<'learn-lms-user-ids'> {
  return (_payload, { signal }) => lmsUserIds.learn(signal);
}
