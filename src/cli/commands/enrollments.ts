import type { Command } from 'commander';
import { commitOption, dryRunOption, examples, jsonOption, userOption } from './options.js';

/** Enrollments: compared with the LMS, tried again. */
export function addEnrollmentCommands(portico: Command): void {
  portico
    .command('sync-enrollments')
    .description(
      'compare enrollments with the LMS and take over what differs there; wishes that are under way here stand',
    )
    .addOption(userOption('only of these people'))
    .option('--run <key...>', 'only in these course runs', [])
    .option('--all', 'of everybody who is in the LMS', false)
    .option('--enroll-local-only', 'enroll in the LMS whoever is enrolled only here; otherwise they are listed', false)
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico sync-enrollments --user ada@example.org --dry-run',
        'portico sync-enrollments --run course-v1:DemoU+CS101+2026_T1',
        'portico sync-enrollments --all --json',
      ),
    )
    .action(async (options) => (await import('../enrollments/sync-enrollments.js')).syncEnrollments(options));

  portico
    .command('bulk-enroll')
    .description('enroll, or unenroll, everybody whom a CSV file names: columns user, course and, where wanted, mode')
    .argument('<csv>', 'path of the file; its first line names the columns')
    .option('--unenroll', 'unenroll them', false)
    .option('--force', 'past a closed enrollment window', false)
    .addOption(commitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('portico bulk-enroll autumn.csv', 'portico bulk-enroll autumn.csv --commit --json'))
    .action(async (path, options) => (await import('../enrollments/bulk-enroll.js')).bulkEnroll(path, options));

  portico
    .command('retry-enrollments')
    .description('try enrollments again at once that failed, or wait; outages need no help, they end by themselves')
    .argument('[who...]', 'only of these people: id, e-mail address, username or LMS username')
    .option('--run <key...>', 'only in these course runs', [])
    .option('--reason <code...>', 'only those that failed by this, e.g. user_missing', [])
    .option('--all', 'everything that failed, or waits', false)
    .option('--force', 'also those that are active: the LMS is asked once more', false)
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico retry-enrollments --reason user_missing --dry-run',
        'portico retry-enrollments ada@example.org --run course-v1:DemoU+CS101+2026_T1 --force',
      ),
    )
    .action(async (who, options) =>
      (await import('../enrollments/retry-enrollments.js')).retryEnrollments(who, options),
    );

  portico
    .command('reset-enrollment-retries')
    .description('count the attempts of enrollments anew; those that are not tried any more are wanted again')
    .argument('[who...]', 'only of these people: id, e-mail address, username or LMS username')
    .option('--run <key...>', 'only in these course runs', [])
    .option('--reason <code...>', 'only those that failed by this', [])
    .option('--only-exhausted', 'only those that are not tried any more', false)
    .option('--all', 'everything', false)
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico reset-enrollment-retries --all --only-exhausted --dry-run',
        'portico reset-enrollment-retries --run course-v1:DemoU+CS101+2026_T1',
      ),
    )
    .action(async (who, options) =>
      (await import('../enrollments/reset-retries.js')).resetEnrollmentRetries(who, options),
    );
}
