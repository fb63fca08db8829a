import { type Command, Option } from 'commander';
import { dryRunOption, examples, jsonOption, parseCount, userOption } from './options.js';

/** The ties between accounts and their LMS users, and the tokens with which Portico acts for learners. */
export function addEdxLinkCommands(portico: Command): void {
  portico
    .command('repair-missing-courseware-records')
    .description('give learners the LMS user and the API token that they lack')
    .addOption(userOption('only these learners'))
    .addOption(new Option('--limit <count>', 'at most so many learners').argParser(parseCount))
    .addOption(new Option('--parallel <count>', 'so many learners at a time, at most 32').argParser(parseCount))
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico repair-missing-courseware-records --dry-run',
        'portico repair-missing-courseware-records --user ada@example.org',
        'portico repair-missing-courseware-records --limit 500 --parallel 8 --json',
      ),
    )
    .action(async (options) =>
      (await import('../edx-links/repair-missing-courseware-records.js')).repairMissingRecords(options),
    );

  portico
    .command('regenerate-edx-tokens')
    .description("drop learners' API tokens of the LMS, end them there, and obtain new ones; Portico must be running")
    .argument('<who...>', 'whose: id, e-mail address, username or LMS username')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('portico regenerate-edx-tokens ada', 'portico regenerate-edx-tokens ada@example.org grace --json'),
    )
    .action(async (who: string[], options) =>
      (await import('../edx-links/regenerate-edx-tokens.js')).regenerateEdxTokens(who, options),
    );

  portico
    .command('resume-registrations')
    .description("go on at once with registrations that wait for the LMS's limit, after that limit was raised")
    .addOption(jsonOption())
    .addHelpText('after', examples('portico resume-registrations', 'portico resume-registrations --json'))
    .action(async (options) =>
      (await import('../edx-links/resume-registrations.js')).resumeRegistrationsOfAll(options),
    );
}
