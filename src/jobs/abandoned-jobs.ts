import type pg from 'pg';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';

/** The lock that a pool of workers holds for as long as its process lives. */
export const presenceLock = (poolId: string) => `worker-pool:${poolId}`;

/**
 * The queue itself gives jobs of a killed process back only after four hours. This finds them by the presence lock that a
 * dead process cannot hold. A pool must be missed by two looks in a row, so that one that has just lost its connection, and is
 * about to take its lock again, keeps its jobs.
 */
export interface AbandonedJobs {
  /** Looks once. @returns pools whose jobs were released */
  release(): Promise<string[]>;
}

export function createAbandonedJobs({
  pool,
  locks,
  logger,
}: {
  pool: pg.Pool;
  locks: AdvisoryLocks;
  logger: Logger;
}): AbandonedJobs {
  let suspects = new Set<string>();
  return {
    async release() {
      const owners = await lockOwners(pool);
      const missing = new Set(await locks.notHeld(owners.map(presenceLock)));
      const missed = owners.filter((owner) => missing.has(presenceLock(owner)));
      const dead = missed.filter((owner) => suspects.has(owner));
      suspects = new Set(missed.filter((owner) => !dead.includes(owner)));
      if (dead.length > 0) {
        await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [dead]);
        logger.warn({ pools: dead }, 'released the jobs of dead workers');
      }
      return dead;
    },
  };
}

async function lockOwners(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ owner: string }>(
    `select distinct locked_by as owner from graphile_worker._private_jobs where locked_by is not null
     union select distinct locked_by from graphile_worker._private_job_queues where locked_by is not null`,
  );
  return rows.map((row) => row.owner);
}
