import { lookUpAccount } from '../../services/account/look-up.js';
import type { GradeSyncReport } from '../../services/grade/grade-report.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface SyncGradesOptions {
  run: string[];
  user?: string;
  certificates: boolean;
  json: boolean;
}

/** `portico sync-grades`: pulls grades and certificates of the LMS. */
export async function syncGrades({ run, user, certificates, json }: SyncGradesOptions): Promise<void> {
  await using opened = await openContext();
  using progress = createProgress('looked at');
  const { services } = opened.context;
  const account = user === undefined ? undefined : await lookUpAccount(services.accounts, user);
  const report = await services.grades.sync({
    ...(run.length > 0 && { courseKeys: run }),
    ...(account && { accountId: account.id }),
    withCertificates: certificates,
    onProgress: (step) => progress.report(step),
  });
  if (!report) throw new Error('Another process is synchronising the grades. Try again when it has ended.');
  printAnswer(json, report, linesOf(report));
  if (!isWhole(report)) process.exitCode = 1;
}

/** LMS users whom nobody here is linked to are to be expected, where the LMS has learners of its own. */
function isWhole({ failed, failedRuns, missingRuns, certificates }: GradeSyncReport): boolean {
  return failed + failedRuns + missingRuns + (certificates?.failed ?? 0) === 0;
}

function linesOf({ remarks, certificates, courseRuns, failedRuns, missingRuns, ...grades }: GradeSyncReport): string[] {
  return [
    `course runs: ${courseRuns} read, ${failedRuns} failed, ${missingRuns} missing`,
    `grades: ${counted(grades)}`,
    ...(certificates ? [`certificates: ${counted({ ...certificates })}`] : []),
    ...remarks.map(({ kind, courseKey, username, reason }) =>
      [kind, courseKey, username, reason].filter((part) => part !== null).join('  '),
    ),
  ];
}

function counted(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}
