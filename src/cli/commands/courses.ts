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
    .addOption(runOption().conflicts('all'))
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

  portico
    .command('sync-grades')
    .description(
      'pull grades and certificates of the LMS: of runs under way or ended within a month, unless runs are named',
    )
    .addOption(runOption())
    .option('--user <who>', 'only of this learner: id, e-mail address, username or LMS username')
    .option('--no-certificates', 'leave certificates out, which cost one call of the LMS a learner')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico sync-grades',
        'portico sync-grades --run course-v1:DemoU+CS101+2026 --no-certificates',
        'portico sync-grades --user ada --json',
      ),
    )
    .action(async (options) => (await import('../courses/sync-grades.js')).syncGrades(options));

  portico
    .command('export-grades')
    .description(
      'pull grades of the LMS and write them as CSV or JSON lines, with the names that partners know learners by',
    )
    .addOption(runOption())
    .option('--output <file>', 'where to write; standard output when left out')
    .addOption(new Option('--format <format>', 'csv, unless --json without --output').choices(['csv', 'jsonl']))
    .option('--stored', 'do not ask the LMS: write what was seen last', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico export-grades --output grades.csv',
        'portico export-grades --run course-v1:DemoU+CS101+2026 --format jsonl > grades.jsonl',
        'portico export-grades --stored --output grades.csv --json',
      ),
    )
    .action(async (options) => (await import('../courses/export-grades.js')).exportGrades(options));
}

function runOption(): Option {
  return new Option('--run <key...>', 'only these runs, e.g. course-v1:DemoU+CS101+2026').default([]);
}
