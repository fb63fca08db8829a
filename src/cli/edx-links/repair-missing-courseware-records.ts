import { lookUpAccounts } from '../../services/account/look-up.js';
import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { countOf, printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface RepairOptions {
  user: string[];
  limit?: number;
  parallel?: number;
  dryRun: boolean;
  json: boolean;
}

const pageSize = 200;
/** Learners that a dry run names; the others are counted. */
const shownLearners = 1_000;

/** `portico repair-missing-courseware-records`: begins the operation that `repairEdxLinks` of the graph begins, and waits for its end. */
export async function repairMissingRecords({ user, limit, parallel, dryRun, json }: RepairOptions): Promise<void> {
  await using opened = await openContext();
  const { accounts, edxRepair, operations } = opened.context.services;
  const named = await lookUpAccounts(accounts, user);
  if (dryRun) {
    const found =
      named.length > 0
        ? named.map(({ username }) => username)
        : (await edxRepair.find(shownLearners)).map(({ username }) => username);
    const count = Math.min(limit ?? Number.MAX_SAFE_INTEGER, named.length > 0 ? named.length : await edxRepair.count());
    const learners = found.slice(0, count);
    printAnswer(json, { dryRun, count, learners }, [
      ...learners,
      `${countOf(count, 'learner')} would be repaired. Nothing was changed.`,
    ]);
    return;
  }
  using progress = createProgress('learners repaired');
  const { id } = await operations.begin(
    'REPAIR_EDX_LINKS',
    {
      ...(named.length > 0 && { accountIds: named.map((account) => account.id) }),
      ...(limit !== undefined && { limit }),
      ...(parallel !== undefined && { parallel }),
    },
    systemActor,
  );
  const { state, done, failed } = await operations.follow(id, {
    onProgress: (operation) => progress.report(operation),
  });
  const counts = { createdUsers: 0, createdTokens: 0 };
  const failures: { learner: string | null; outcome: string | null; reason: string | null }[] = [];
  for (let after: string | undefined, isMore = true; isMore; ) {
    const page = await operations.rows(id, {}, { size: pageSize, ...(after !== undefined && { after }) });
    for (const { key, outcome, reason, detail } of page.rows) {
      if (detail?.createdUser === true) counts.createdUsers += 1;
      if (detail?.createdToken === true) counts.createdTokens += 1;
      if (outcome !== 'OK') failures.push({ learner: key ?? null, outcome: outcome ?? null, reason: reason ?? null });
    }
    after = page.rows.at(-1)?.id;
    isMore = page.hasNextPage;
  }
  printAnswer(json, { operationId: id, state, done, failed, ...counts, failures }, [
    ...failures.map(({ learner, outcome, reason }) => `${learner}  ${outcome}  ${reason ?? ''}`),
    `${countOf(done, 'learner')}: ${countOf(counts.createdUsers, 'new LMS user')}, ${countOf(counts.createdTokens, 'new API token')}, ${failed} failed.`,
  ]);
  if (failed > 0 || state === 'FAILED' || state === 'CANCELED') process.exitCode = 1;
}
