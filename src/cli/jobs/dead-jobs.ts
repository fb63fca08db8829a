import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { countOf, printAnswer } from '../output.js';

export interface DeadJobsOptions {
  replay: string[];
  replayAll: boolean;
  json: boolean;
}

const pageSize = 500;

/** `portico dead-jobs`: jobs that are not run again by themselves; with `--replay` they are. */
export async function listDeadJobs({ replay, replayAll, json }: DeadJobsOptions): Promise<void> {
  await using opened = await openContext();
  const { deadJobs } = opened.context.services;
  const found = [];
  for (let after: string | undefined, isMore = true; isMore; ) {
    const page = await deadJobs.list({ size: pageSize, after });
    found.push(...page);
    after = page.at(-1)?.id;
    isMore = page.length === pageSize;
  }
  const ids = replayAll ? found.map(({ id }) => id) : replay;
  const replayed = ids.length > 0 ? await deadJobs.replay(ids, systemActor) : [];
  printAnswer(json, { deadJobs: found, replayed }, [
    ...found.map(
      ({ id, job, attempts, failedAt, lastError, payload }) =>
        `${id}  ${job}  ${JSON.stringify(payload)}  ${attempts} tries, last ${new Date(failedAt).toISOString()}  ${lastError ?? ''}`,
    ),
    found.length === 0
      ? 'There are no dead jobs.'
      : `${countOf(found.length, 'dead job')}, ${replayed.length} of them run again.`,
  ]);
  if (replayed.length < ids.length) process.exitCode = 1;
}
