import { type Command, Option } from 'commander';
import { dryRunOption, examples, jsonOption } from './options.js';

/** Course runs, grades and certificates, as the LMS has them. */
export function addCourseCommands(portico: Command): void {
  portico
    .command('sync-course-runs')
    .description(
      "take course runs of the LMS over: titles, dates, pacing; the LMS's whole catalogue unless runs are named",
    )
    .addOption(new Option('--all <ALL>', 'the whole catalogue, which is the default').choices(['ALL', 'all']))
    .addOption(
      new Option('--run <key...>', 'only these runs, e.g. course-v1:DemoU+CS101+2026').default([]).conflicts('all'),
    )
    .option(
      '--modes',
      'also read the modes, one call of the LMS a run: prices, upgrade deadlines, what is lacking',
      false,
    )
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico sync-course-runs --all ALL',
        'portico sync-course-runs --run course-v1:DemoU+CS101+2026 course-v1:DemoU+CS102+2026 --modes',
        'portico sync-course-runs --dry-run --json',
      ),
    )
    .action(async (options) => (await import('../courses/sync-course-runs.js')).syncCourseRuns(options));
}
