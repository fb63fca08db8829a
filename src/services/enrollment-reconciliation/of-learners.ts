import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { apply, type Part, type ReconcileDeps, type ReconcileRun } from './apply.js';
import { findLearners, type Learner } from './learners.js';

/** Learners whose lists are read by one call of the LMS, as a rule. */
const pageSize = 50;

/** Compares all enrollments of learners: some, or everybody who is in the LMS. */
export async function* reconcileLearners(
  deps: ReconcileDeps,
  accountIds: readonly string[] | undefined,
  run: ReconcileRun,
): AsyncGenerator<Part> {
  for (let after = run.after; ; ) {
    run.signal?.throwIfAborted();
    const learners = await findLearners(deps.em, { accountIds, after, size: pageSize });
    const last = learners.at(-1);
    if (!last) return;
    yield { ...(await reconcilePage(deps, learners, run)), next: last.accountId };
    if (learners.length < pageSize) return;
    after = last.accountId;
  }
}

async function reconcilePage(deps: ReconcileDeps, learners: readonly Learner[], run: ReconcileRun): Promise<Part> {
  const asOf = deps.clock();
  const answers = await deps.api.keyed.readEnrollmentsOfUsers(
    learners.map(({ lmsUsername }) => lmsUsername),
    { purpose: run.purpose, priority: 'bulk', ...(run.signal && { signal: run.signal }) },
  );
  const failed: Part['failed'] = [];
  const seen = learners.flatMap((learner) => {
    const answer = answers.get(learner.lmsUsername.toLowerCase());
    if (answer && 'value' in answer) return [{ ...learner, rows: answer.value, asOf }];
    const error = answer?.error ?? new Error('the LMS did not answer for this learner');
    // Away for one is away for all: nothing is to be counted against a learner.
    if (error instanceof UpstreamUnavailableError) throw error;
    failed.push({ ...learner, error });
    return [];
  });
  const local = await deps.em
    .fork()
    .find(EnrollmentEntity, { accountId: { $in: seen.map(({ accountId }) => accountId) } });
  const byAccount = Map.groupBy(local, ({ accountId }) => accountId);
  const sides = seen.map(({ rows, asOf: _asOf, ...learner }) => ({
    ...learner,
    here: byAccount.get(learner.accountId) ?? [],
    there: rows,
    isWhole: true,
  }));
  return apply(deps, { sides, seen, failed, strangers: 0 }, run);
}
