import type { Command } from 'commander';
import { dryRunOption, examples, jsonOption } from './options.js';

/** What connects an installation, and tells whether it is connected. */
export function addConnectCommands(portico: Command): void {
  portico
    .command('apply')
    .description('create or update accounts, OAuth clients and grants as a YAML or JSON file describes them')
    .argument('<file>', 'what there shall be')
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('portico apply portico.yml --dry-run', 'portico apply portico.yml --json'))
    .action(async (file, options) => (await import('../apply/apply.js')).apply(file, options));

  portico
    .command('doctor')
    .description('check the connections to database and LMS, and say what to do about each failure')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico doctor', 'portico doctor --json'))
    .action(async (options) => (await import('../doctor/doctor.js')).runDoctor(options));
}
