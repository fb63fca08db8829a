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

  portico
    .command('parked-events')
    .description('list messages of the event bus that could not be taken, and try them once more')
    .option('--replay <id...>', 'try these once more', collectUuids, [])
    .option('--replay-all', 'try all of them once more', false)
    .addOption(jsonOption())
    .addHelpText('after', examples('portico parked-events', 'portico parked-events --replay-all'))
    .action(async (options) => (await import('../events/parked-events.js')).listParkedEvents(options));
}

function collectUuids(text: string, earlier: string[]): string[] {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new InvalidArgumentError('It is the id of a message, as this command lists it.');
  return [...earlier, text];
}

function collectIds(text: string, earlier: string[]): string[] {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('It is the number of a job, as this command lists it.');
  return [...earlier, text];
}
