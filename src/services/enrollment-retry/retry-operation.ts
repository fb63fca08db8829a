import type { Logger } from '../../logger.js';
import type { OperationDefinition } from '../operation/kinds.js';
import { performRows } from '../operation/perform-rows.js';
import type { EnrollmentRetries, RetryOutcome } from './retries.service.js';

const pageSize = 200;
const parallel = 4;

const sentences: Record<RetryOutcome, string> = {
  replayed: 'It is wanted again; the LMS is being asked.',
  hurried: 'It was waiting; the LMS is being asked now.',
  verified: 'It is active; the LMS is being asked once more.',
  'nothing-to-do': 'There was nothing to do by then.',
};

/** Has enrollments that failed, or wait, tried at once: one row for each. How each ends is for its own job to say. */
export function createRetryEnrollments({
  enrollmentRetries,
  logger,
}: {
  enrollmentRetries: EnrollmentRetries;
  logger: Logger;
}): OperationDefinition<'RETRY_ENROLLMENTS'> {
  return {
    isJoined: true,
    async run(run) {
      const { force = false, ...scope } = run.input;
      await performRows(run, {
        parallel,
        logger,
        async find(place) {
          const after = typeof place === 'string' ? place : undefined;
          const page = await enrollmentRetries.find(scope, { after, size: pageSize, force });
          const rows = page.map(({ id, lmsUsername, courseKey }) => ({
            key: `${lmsUsername} ${courseKey}`,
            input: { enrollmentId: id },
          }));
          return { rows, next: page.length < pageSize ? undefined : page.at(-1)?.id };
        },
        async perform({ input }) {
          const outcome = await enrollmentRetries.retry(String(input?.enrollmentId), { force }, run.actor);
          return { outcome: 'OK', reason: sentences[outcome], detail: { outcome } };
        },
      });
      return undefined;
    },
  };
}
