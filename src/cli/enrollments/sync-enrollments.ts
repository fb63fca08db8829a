import { lookUpAccounts } from '../../services/account/look-up.js';
import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';
import { readAllRows } from './read-all-rows.js';

export interface SyncEnrollmentsOptions {
  user: string[];
  run: string[];
  all: boolean;
  enrollLocalOnly: boolean;
  dryRun: boolean;
  json: boolean;
}

/** `portico sync-enrollments`: the same operation as `reconcileEnrollments` of the graph, followed to its end. */
export async function syncEnrollments(options: SyncEnrollmentsOptions): Promise<void> {
  const { user, run, all, enrollLocalOnly, dryRun, json } = options;
  const scopes = [user.length > 0, run.length > 0, all].filter(Boolean).length;
  if (scopes !== 1) throw new Error('Say whose enrollments: --user, --run or --all, one of them.');
  await using opened = await openContext();
  const { accounts, operations } = opened.context.services;
  const named = await lookUpAccounts(accounts, user);
  const begun = await operations.begin(
    'RECONCILE',
    {
      ...(named.length > 0 && { accountIds: named.map(({ id }) => id) }),
      ...(run.length > 0 && { courseKeys: run }),
      ...(dryRun && { isDryRun: true }),
      ...(enrollLocalOnly && { enrollLocalOnly: true }),
    },
    systemActor,
  );
  using progress = createProgress('differences found');
  const ended = await operations.follow(begun.id, { onProgress: (step) => progress.report(step) });
  const rows = await readAllRows(operations, ended.id);
  const { isDryRun: _isDryRun, ...counts } = ended.summary ?? {};
  printAnswer(
    json,
    { operationId: ended.id, state: ended.state, dryRun, counts, failure: ended.failure ?? null, rows },
    [
      ...(dryRun ? ['Nothing was written. It would be:'] : []),
      Object.entries(counts)
        .map(([counter, count]) => `${count} ${counter}`)
        .join(', '),
      ...rows.map(({ key, reason }) => `${reason ?? ''}  ${key ?? ''}`),
      ...(ended.failure ? [ended.failure.message] : []),
    ],
  );
  if (ended.state !== 'SUCCEEDED') process.exitCode = 1;
}
