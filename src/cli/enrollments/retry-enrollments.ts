import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';
import { readAllRows } from './read-all-rows.js';
import { readRetryScope, type ScopeOptions } from './retry-scope.js';

export interface RetryEnrollmentsOptions extends ScopeOptions {
  force: boolean;
  dryRun: boolean;
  json: boolean;
}

const pageSize = 200;

/** `portico retry-enrollments`: the same operation as `retryFailedEnrollments` of the graph, followed to its end. */
export async function retryEnrollments(who: string[], options: RetryEnrollmentsOptions): Promise<void> {
  const { force, dryRun, json } = options;
  await using opened = await openContext();
  const { accounts, enrollmentRetries, operations } = opened.context.services;
  const scope = await readRetryScope(accounts, who, options);
  enrollmentRetries.requireScope(scope);
  if (dryRun) {
    const rows: { key: string; state: string; reason: string | null }[] = [];
    for (let after: string | undefined; ; ) {
      const page = await enrollmentRetries.find(scope, { after, size: pageSize, force });
      for (const { lmsUsername, courseKey, state, lastError } of page)
        rows.push({ key: `${lmsUsername} ${courseKey}`, state, reason: lastError?.code ?? null });
      after = page.at(-1)?.id;
      if (after === undefined || page.length < pageSize) break;
    }
    const lines = rows.map(({ key, state, reason }) => `${state}  ${key}  ${reason ?? ''}`);
    printAnswer(json, { dryRun, count: rows.length, rows }, [`${rows.length} would be tried again:`, ...lines]);
    return;
  }
  const begun = await operations.begin('RETRY_ENROLLMENTS', { ...scope, ...(force && { force }) }, systemActor);
  using progress = createProgress('enrollments tried again');
  const ended = await operations.follow(begun.id, { onProgress: (step) => progress.report(step) });
  const rows = await readAllRows(operations, ended.id);
  printAnswer(json, { operationId: ended.id, state: ended.state, dryRun, count: rows.length, rows }, [
    `${rows.length} are tried again; their jobs ask the LMS.`,
    ...rows.map(({ key, outcome, reason }) => `${outcome}  ${key}  ${reason ?? ''}`),
  ]);
  if (ended.state !== 'SUCCEEDED') process.exitCode = 1;
}
