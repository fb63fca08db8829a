import type { TieLearner } from '../services/identity-provider/tie-learner.js';
import type { Job } from './job.js';

/** Ties a learner to the account that signed in at the learner's school. */
export function createTieLearnerJob({ tieLearner }: { tieLearner: TieLearner }): Job<'tie-learner'> {
  return ({ identityId, ...run }) => tieLearner(identityId, run);
}
