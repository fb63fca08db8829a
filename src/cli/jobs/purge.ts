import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface PurgeOptions {
  dryRun: boolean;
  maxSeconds: number;
  json: boolean;
}

/** `portico purge`: deletes what has expired, batch by batch, until nothing is left or the time is up; what lives stays. */
export async function purge({ dryRun, maxSeconds, json }: PurgeOptions): Promise<void> {
  await using opened = await openContext();
  const { prune } = opened.context.services;
  if (dryRun) {
    const counts = await prune.count();
    printAnswer(json, { dryRun, rows: counts }, [...linesOf(counts), 'Nothing was deleted.']);
    return;
  }
  using progress = createProgress('rows deleted');
  const endsAt = performance.now() + maxSeconds * 1_000;
  const deleted: Record<string, number> = {};
  let isDone = false;
  while (!isDone && performance.now() < endsAt) {
    const batch = await prune.run();
    for (const [table, count] of Object.entries(batch)) deleted[table] = (deleted[table] ?? 0) + count;
    isDone = Object.values(batch).every((count) => count === 0);
    progress.report({ done: Object.values(deleted).reduce((sum, count) => sum + count, 0) });
  }
  printAnswer(json, { dryRun, rows: deleted, isDone }, [
    ...linesOf(deleted),
    isDone ? 'Nothing that has expired is left.' : 'The time is up: some is left for the next time.',
  ]);
}

function linesOf(counts: Record<string, number>): string[] {
  return Object.entries(counts).map(([table, count]) => `${table}  ${count}`);
}
