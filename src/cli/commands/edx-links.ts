import type { Command } from 'commander';
import { examples, jsonOption } from './options.js';

/** The ties between accounts and their LMS users, and the tokens with which Portico acts for learners. */
export function addEdxLinkCommands(portico: Command): void {
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
