import type { CourseRunSyncReport } from '../../services/course-run/sync-report.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface SyncCourseRunsOptions {
  run: string[];
  modes: boolean;
  dryRun: boolean;
  json: boolean;
}

/** `portico sync-course-runs`: takes course runs of the LMS over, as the nightly job does. */
export async function syncCourseRuns({ run, modes, dryRun, json }: SyncCourseRunsOptions): Promise<void> {
  await using opened = await openContext();
  using progress = createProgress('course runs looked at');
  const isNamed = run.length > 0;
  const report = await opened.context.services.courseRuns.sync({
    ...(isNamed && { courseKeys: run }),
    withModes: modes,
    isDryRun: dryRun,
    onProgress: (step) => progress.report(step),
  });
  if (!report) throw new Error('Another process is synchronising the course runs. Try again when it has ended.');
  printAnswer(json, { ...report, dryRun }, linesOf(report, dryRun));
  const isIncomplete = isNamed && report.missing + report.skipped > 0;
  if (report.failed > 0 || (report.modes?.failed ?? 0) > 0 || isIncomplete) process.exitCode = 1;
}

function linesOf({ remarks, modes, ...counts }: CourseRunSyncReport, isDryRun: boolean): string[] {
  return [
    ...(isDryRun ? ['Nothing was written. It would be:'] : []),
    Object.entries(counts)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', '),
    ...(modes
      ? [
          `modes: ${modes.updated} updated, ${modes.unchanged} unchanged, ${modes.failed} failed, ${modes.lacking} without audit or verified`,
        ]
      : []),
    ...remarks.map(({ kind, key, reason }) => `${kind}  ${key}  ${reason}`),
  ];
}
