import type { LearnerTokens } from '../datasources/lms/learner-token.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import type { Events } from '../events.js';
import { isUpstreamTrouble } from '../services/upstream-trouble.js';

/** Counts how renewals and exchanges of learners' API tokens end, whoever asks for them. */
export function watchLearnerTokens({
  api,
  learnerTokens,
  events,
}: {
  api: Pick<LmsApi, 'refreshToken'>;
  learnerTokens: Pick<LearnerTokens, 'obtain'>;
  events: Pick<Events, 'tokenRefreshed' | 'learnerTokenStep'>;
}): { api: Pick<LmsApi, 'refreshToken'>; learnerTokens: Pick<LearnerTokens, 'obtain'> } {
  return {
    api: {
      async refreshToken(refreshToken, options) {
        try {
          const answer = await api.refreshToken(refreshToken, options);
          events.tokenRefreshed({ outcome: answer.kind });
          return answer;
        } catch (error) {
          events.tokenRefreshed({ outcome: isUpstreamTrouble(error) ? 'no-answer' : 'failed' });
          throw error;
        }
      },
    },
    learnerTokens: {
      async obtain(cookieHeader, options) {
        try {
          const outcome = await learnerTokens.obtain(cookieHeader, options);
          if (outcome.kind === 'granted') events.learnerTokenStep({ step: 'all', outcome: 'granted' });
          else events.learnerTokenStep({ step: outcome.step, outcome: 'failed' });
          return outcome;
        } catch (error) {
          events.learnerTokenStep({ step: isUpstreamTrouble(error) ? 'no-answer' : 'unknown', outcome: 'failed' });
          throw error;
        }
      },
    },
  };
}
