import type { Clock } from '../../clock.js';
import type { Lifetimes } from '../lifetimes.js';
import type { RunStatement, Statement } from './statements.js';

/**
 * Deletes codes, tokens, grants and sessions that have expired, in batches that other processes step around.
 *
 * @returns how many rows are gone
 */
export type PruneExpired = () => Promise<number>;

const batchSize = 1000;
/** Expired rows stay for a while, so that what comes late gets the answer it deserves. */
const graceSeconds = 3600;

const statements = {
  // Refresh tokens that were used stay until they expire: that one comes again is how theft shows.
  artifacts: {
    name: 'oidc_prune_artifacts',
    text: `delete from oidc_artifact where ctid = any(array(
      select ctid from oidc_artifact where expires_at < $1 limit $2 for update skip locked)) returning 1`,
  },
  sessions: {
    name: 'oidc_prune_sessions',
    text: `delete from oidc_session where ctid = any(array(
      select ctid from oidc_session where expires_at < $1 limit $2 for update skip locked)) returning 1`,
  },
  // A grant outlives every token under it. One that nothing hangs on, and no session can come back to, is done.
  grants: {
    name: 'oidc_prune_grants',
    text: `delete from oidc_artifact where ctid = any(array(
      select ctid from oidc_artifact grants where model = 'Grant' and created_at < $1
        and not exists (select 1 from oidc_artifact token where token.grant_id = grants.id)
      limit $2 for update skip locked)) returning 1`,
  },
} as const;

export function createPruneExpired({
  run,
  clock,
  lifetimes,
}: {
  run: RunStatement;
  clock: Clock;
  lifetimes: Lifetimes;
}): PruneExpired {
  const deleteAll = async (statement: Statement, before: Date): Promise<number> => {
    let total = 0;
    for (;;) {
      const deleted = await run(statement, [before, batchSize]);
      total += deleted.length;
      if (deleted.length < batchSize) return total;
    }
  };
  const ago = (seconds: number) => new Date(clock().getTime() - seconds * 1000);
  return async () =>
    (await deleteAll(statements.artifacts, ago(graceSeconds))) +
    (await deleteAll(statements.sessions, ago(graceSeconds))) +
    (await deleteAll(statements.grants, ago(lifetimes.sessionAbsolute + graceSeconds)));
}
