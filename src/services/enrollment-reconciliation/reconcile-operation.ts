import type { OperationDefinition } from '../operation/kinds.js';
import type { RowResult } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { Part, ReconcileDeps, ReconcileRun } from './apply.js';
import { type Drift, driftKinds } from './compare.js';
import { findLearnersByUsername } from './learners.js';
import type { EnrollmentReconciliation, ReconcileScope } from './reconciliation.service.js';

type Counts = Record<string, number>;

/** Where a later run goes on, and what was counted until there. */
interface Place {
  after?: string | undefined;
  isEnd?: boolean;
  counts: Counts;
}

const retryPage = 50;

/** A reconciliation as an operation: one row for each enrollment that differs, and each learner who could not be compared. */
export function createReconcile({
  em,
  enrollmentReconciliation: { reconcile },
}: {
  em: ReconcileDeps['em'];
  enrollmentReconciliation: EnrollmentReconciliation;
}): OperationDefinition<'RECONCILE'> {
  return {
    isJoined: true,
    async run(run) {
      const { accountIds, courseKeys } = run.input;
      let place = isPlace(run.checkpoint) ? run.checkpoint : { counts: noCounts };
      await retryLearners(em, reconcile, run);
      if (!place.isEnd) {
        for await (const part of reconcile({ accountIds, courseKeys }, optionsOf(run, place.after))) {
          place = { after: part.next ?? place.after, counts: add(place.counts, part) };
          await run.record(rowsOf(part), { checkpoint: place });
        }
        await run.record([], { checkpoint: { ...place, isEnd: true } });
      }
      return { ...place.counts, isDryRun: run.input.isDryRun === true };
    },
  };
}

/** Learners whom an earlier operation could not compare. */
async function retryLearners(
  em: ReconcileDeps['em'],
  reconcile: EnrollmentReconciliation['reconcile'],
  run: OperationRun<'RECONCILE'>,
): Promise<void> {
  for (;;) {
    const rows = await run.take(retryPage);
    if (rows.length === 0) return;
    for (const { number, key } of rows) {
      const [learner] = await findLearnersByUsername(em, [key ?? '']);
      const scope: ReconcileScope = { accountIds: learner ? [learner.accountId] : [] };
      let result: Omit<RowResult, 'number' | 'key'> = { outcome: learner ? 'OK' : 'NOT_FOUND' };
      for await (const part of reconcile(scope, optionsOf(run, undefined))) {
        await run.record(rowsOf({ ...part, failed: [] }));
        if (part.failed.length > 0) result = refused;
      }
      await run.record([{ ...result, number, key }]);
    }
  }
}

const refused = { outcome: 'UPSTREAM_REJECTED', reason: 'The LMS refuses this learner’s list.' } as const;

function optionsOf({ input, actor, signal }: OperationRun<'RECONCILE'>, after: string | undefined): ReconcileRun {
  return {
    actor,
    purpose: 'schedule',
    dryRun: input.isDryRun === true,
    enrollLocalOnly: input.enrollLocalOnly === true,
    signal,
    after,
  };
}

function rowsOf({ drifts, failed }: Part): RowResult[] {
  return [
    ...drifts.map((drift) => ({
      key: `${drift.lmsUsername} ${drift.courseKey}`,
      outcome: 'OK' as const,
      reason: drift.kind,
      detail: detailOf(drift),
    })),
    ...failed.map(({ lmsUsername }) => ({ key: lmsUsername, ...refused })),
  ];
}

function detailOf({ here, there }: Drift): Record<string, unknown> {
  return { here, there };
}

const noCounts: Counts = Object.fromEntries(
  ['compared', ...driftKinds, 'failed', 'strangers'].map((counter) => [counter, 0]),
);

function add(counts: Counts, { compared, drifts, failed, strangers }: Part): Counts {
  const sum = { ...counts };
  const count = (counter: string, more: number) => {
    sum[counter] = (sum[counter] ?? 0) + more;
  };
  for (const { kind } of drifts) count(kind, 1);
  count('compared', compared);
  count('failed', failed.length);
  count('strangers', strangers);
  return sum;
}

function isPlace(checkpoint: unknown): checkpoint is Place {
  return typeof checkpoint === 'object' && checkpoint !== null && 'counts' in checkpoint;
}
