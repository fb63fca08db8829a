import type { LearnerTokenOutcome, LearnerTokens } from '../../datasources/lms/learner-token.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Logger } from '../../logger.js';
import type { HeadlessSessions } from '../ports.js';

/** Signs a learner in to the LMS without their browser. */
export interface LearnerSignOn {
  /**
   * Opens a session of its own here, walks the way of a browser through the LMS with it, and closes it. The LMS takes over what
   * Portico says of the person, and ties its user to the account where it finds one by the e-mail address.
   *
   * @returns a new token pair, or the step at which there was none
   * @throws UpstreamUnavailableError when the LMS does not answer
   */
  obtain(accountId: string, options: CallOptions): Promise<LearnerTokenOutcome>;
}

export function createLearnerSignOn({
  learnerTokens,
  headlessSessions,
  logger,
}: {
  learnerTokens: Pick<LearnerTokens, 'obtain'>;
  headlessSessions: HeadlessSessions;
  logger: Logger;
}): LearnerSignOn {
  return {
    async obtain(accountId, options) {
      const session = await headlessSessions.open(accountId);
      try {
        const outcome = await learnerTokens.obtain(session.cookieHeader, options);
        if (outcome.kind === 'failed')
          logger.warn({ accountId, step: outcome.step }, 'a learner could not be signed in to the LMS');
        return outcome;
      } finally {
        await session.close();
      }
    },
  };
}
