import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { apply, type Part, type ReconcileDeps, type ReconcileRun } from './apply.js';
import { findLearnersByUsername, type Learner } from './learners.js';

/** Active enrollments here that are looked for in the LMS's list at a time. */
const pageSize = 500;

/** Compares all enrollments of one course run, a page of the LMS's list at a time; then what only Portico has. */
export async function* reconcileCourse(
  deps: ReconcileDeps,
  courseKey: string,
  run: ReconcileRun,
): AsyncGenerator<Part> {
  const options = { purpose: run.purpose, priority: 'bulk' as const, ...(run.signal && { signal: run.signal }) };
  const beganAt = deps.clock();
  const met = new Set<string>();
  let cursor: string | undefined;
  do {
    run.signal?.throwIfAborted();
    const asOf = deps.clock();
    const page = await deps.api.enrollmentPage({ courseKey }, cursor, options);
    // The filter of the LMS disregards case; another key is another course run.
    const rows = page.rows.filter((row) => row.courseKey === courseKey);
    const learners = await findLearnersByUsername(
      deps.em,
      rows.map(({ username }) => username),
    );
    for (const { accountId } of learners) met.add(accountId);
    yield await reconcileRows(deps, { courseKey, rows, learners, asOf }, run);
    cursor = page.cursor;
  } while (cursor !== undefined);
  yield* reconcileRest(deps, { courseKey, met, beganAt }, run);
}

async function reconcileRows(
  deps: ReconcileDeps,
  page: {
    courseKey: string;
    rows: Awaited<ReturnType<ReconcileDeps['api']['enrollmentPage']>>['rows'];
    learners: readonly Learner[];
    asOf: Date;
  },
  run: ReconcileRun,
): Promise<Part> {
  const { courseKey, rows, learners, asOf } = page;
  const byUsername = Map.groupBy(rows, ({ username }) => username.toLowerCase());
  const accountId = { $in: learners.map((learner) => learner.accountId) };
  const local = await deps.em.fork().find(EnrollmentEntity, { accountId, courseKey });
  const byAccount = Map.groupBy(local, (row) => row.accountId);
  const seen = learners.map((learner) => ({
    ...learner,
    rows: byUsername.get(learner.lmsUsername.toLowerCase()) ?? [],
    asOf,
  }));
  const sides = seen.map((learner) => ({
    accountId: learner.accountId,
    lmsUsername: learner.lmsUsername,
    here: byAccount.get(learner.accountId) ?? [],
    there: learner.rows,
    isWhole: false,
  }));
  return apply(deps, { sides, seen, failed: [], strangers: rows.length - learners.length }, run);
}

/** What is active here, and was not in the LMS's list; an enrollment that began meanwhile is none of it. */
async function* reconcileRest(
  deps: ReconcileDeps,
  { courseKey, met, beganAt }: { courseKey: string; met: ReadonlySet<string>; beganAt: Date },
  run: ReconcileRun,
): AsyncGenerator<Part> {
  for (let after: string | undefined; ; ) {
    const where = {
      courseKey,
      state: 'ACTIVE' as const,
      intent: null,
      ...(after !== undefined && { id: { $gt: after } }),
    };
    const rows = await deps.em.fork().find(EnrollmentEntity, where, { orderBy: { id: 'asc' }, limit: pageSize });
    const missing = rows.filter(
      (row) => !met.has(row.accountId) && (row.confirmedAt == null || row.confirmedAt < beganAt),
    );
    const sides = missing.map((row) => ({
      accountId: row.accountId,
      lmsUsername: row.lmsUsername,
      here: [row],
      there: [],
      isWhole: true,
    }));
    if (sides.length > 0) yield await apply(deps, { sides, seen: [], failed: [], strangers: 0 }, run);
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}
