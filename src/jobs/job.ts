import type { JobName, JobPayloads } from './queue.js';

/** What a job may know about its own run. */
export interface JobRun {
  /** True when an earlier run of this very job may have got anywhere: it was killed, or it threw. */
  isRepeat: boolean;
  /** Aborted when this process ends: long work stops where it can be gone on with. */
  signal?: AbortSignal | undefined;
}

/** The body of a job. Throwing means "again later", with growing pauses. */
export type Job<Name extends JobName> = (payload: JobPayloads[Name], run: JobRun) => Promise<void>;

/** A body for every job; a missing one does not compile. */
export type Jobs = { readonly [Name in JobName]: Job<Name> };
