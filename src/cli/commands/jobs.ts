import { type Command, InvalidArgumentError, Option } from 'commander';
import { dryRunOption, examples, jsonOption, parseSeconds } from './options.js';

/** What runs by the clock, and what failed for good. */
export function addJobCommands(portico: Command): void {
  portico
    .command('schedules')
    .description('list what runs by the clock: the settings that it follows, its last run and how that ended, its next')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico schedules', 'portico schedules --json'))
    .action(async (options) => (await import('../jobs/schedules.js')).listSchedules(options));

  portico
    .command('purge')
    .description('delete what has expired (tokens, sessions, old operations …) in batches; the schedule does the same')
    .addOption(dryRunOption())
    .addOption(new Option('--max-seconds <seconds>', 'stop after so long').argParser(parseSeconds).default(600))
    .addOption(jsonOption())
    .addHelpText('after', examples('portico purge --dry-run', 'portico purge --max-seconds 60 --json'))
    .action(async (options) => (await import('../jobs/purge.js')).purge(options));

  portico
    .command('dead-jobs')
    .description('list jobs that failed so often that they are not run again by themselves, and run them again')
    .option('--replay <id...>', 'run these again', collectIds, [])
    .option('--replay-all', 'run all of them again', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('portico dead-jobs', 'portico dead-jobs --replay 1234 1240', 'portico dead-jobs --replay-all'),
    )
    .action(async (options) => (await import('../jobs/dead-jobs.js')).listDeadJobs(options));
}

function collectIds(text: string, earlier: string[]): string[] {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('It is the number of a job, as this command lists it.');
  return [...earlier, text];
}
