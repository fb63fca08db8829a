import type { Command } from 'commander';
import { dryRunOption, examples, jsonOption } from './options.js';

/** Accounts, one at a time. */
export function addAccountCommands(portico: Command): void {
  portico
    .command('create-admin')
    .description('create an administrator, or make an account one')
    .requiredOption('--email <address>', 'e-mail address')
    .option('--username <username>', 'username; derived from the name when left out')
    .option('--name <name>', 'full name; of a new account')
    .option('--password-stdin', 'read the password from standard input instead of making one')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico create-admin --email ops@example.edu --name "Olga Ops"',
        'portico create-admin --email ada@example.org --json',
      ),
    )
    .action(async (options) => (await import('../accounts/create-admin.js')).createAdmin(options));

  portico
    .command('retire-account')
    .description('end an account for good: no sign-in, out of the LMS, everything personal erased; cannot be undone')
    .argument('<who>', 'id, e-mail address or username')
    .option('--block-email', 'keep everybody from registering with the e-mail address again', false)
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('portico retire-account ada@example.org --dry-run', 'portico retire-account ada --block-email --json'),
    )
    .action(async (who, options) => (await import('../accounts/retire-account.js')).retireAccount(who, options));

  portico
    .command('import-accounts')
    .description('take over accounts, with their passwords and LMS accounts, from another deployment; may be run again')
    .argument('<csv>', 'file with a header; see docs/import-accounts.md for the columns and how to write it')
    .option('--report <file>', 'write the lines that failed, with the reasons, to this CSV file')
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico import-accounts accounts.csv --dry-run',
        'portico import-accounts accounts.csv --report failed.csv --json',
      ),
    )
    .action(async (csv, options) => (await import('../accounts/import-accounts.js')).importAccounts(csv, options));
}
