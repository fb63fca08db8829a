import { UpstreamUnavailableError } from '../../errors.js';
import { LearnerTokenError } from '../../services/edx-api-token/learner-token-error.js';
import { Trouble } from './finding.js';
import type { Misconfiguration } from './misconfiguration.js';

/** What to suspect when the exchange of a learner's token ends at one of its steps; see `LearnerTokenStep`. */
const suspects: Readonly<Record<string, Misconfiguration>> = {
  'client-misconfigured': 'secret-mismatch',
  'authorize-refused': 'redirect-mismatch',
  'sso-refused': 'redirect-mismatch',
  'backend-missing': 'missing-backend',
  'foreign-redirect': 'host-mismatch',
  'too-many-hops': 'host-mismatch',
};

/** What is none of the known mistakes. */
const hints: Readonly<Record<string, string>> = {
  'sso-consent-asked': 'Let the client of the LMS at Portico skip consent: portico configure-instance sets it up so.',
  'sso-sign-in-asked':
    'Compare the clocks of Portico’s processes, and PORTICO_PUBLIC_URL with the host that people see: cookies belong to a host.',
};

const couldNotTell =
  'The reason could not be told from this answer. Run this again when the LMS and Portico are less busy; if it stays so, their logs of this moment say why.';

/** Answers that may come of an LMS or a Portico that is slow, as well as of a mistake. */
const unclearSteps: ReadonlySet<string> = new Set(['sso-busy', 'sso-unclear', 'portico-unreachable', 'no-code']);
const unclearCauses: ReadonlySet<string> = new Set(['timeout', 'unreachable', 'bad-answer']);

/** Names the mistake behind a failed exchange where the answer shows it, and says so where it does not. */
export function describeTokenTrouble(error: unknown): unknown {
  if (error instanceof LearnerTokenError) {
    const problem = suspects[error.step];
    if (problem) return new Trouble(error.message, { problem });
    const advice = hints[error.step] ?? (unclearSteps.has(error.step) ? couldNotTell : undefined);
    return new Trouble(error.message, { ...(advice !== undefined && { advice }) });
  }
  const isSlow = error instanceof UpstreamUnavailableError && unclearCauses.has(error.why);
  return isSlow ? new Trouble(error.message, { advice: couldNotTell }) : error;
}
