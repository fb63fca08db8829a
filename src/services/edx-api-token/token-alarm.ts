import type { Events } from '../../events.js';
import { classifyTrouble, type UpstreamTrouble } from '../upstream-trouble.js';
import { LearnerTokenError } from './learner-token-error.js';

/** Raises one alert when tokens begin to fail for a reason that concerns everybody, and says when that is over. */
export interface TokenAlarm {
  consider(trouble: UpstreamTrouble, fact: { code: string; accountId: string }): void;
  settle(): void;
}

/** Steps that say something of one learner only. */
const personal: ReadonlySet<string> = new Set(['login-page', 'lms-user-disabled']);

export function createTokenAlarm(events: Pick<Events, 'edxApiTokensFailing' | 'edxApiTokensWorking'>): TokenAlarm {
  let isRaised = false;
  return {
    consider(trouble, fact) {
      if (isRaised || !concernsEverybody(trouble)) return;
      isRaised = true;
      events.edxApiTokensFailing(fact);
    },
    settle() {
      if (!isRaised) return;
      isRaised = false;
      events.edxApiTokensWorking();
    },
  };
}

function concernsEverybody(trouble: UpstreamTrouble): boolean {
  if (trouble instanceof LearnerTokenError) return !personal.has(trouble.step);
  return classifyTrouble(trouble) === 'system-wide' || (trouble.status ?? 0) >= 500;
}
