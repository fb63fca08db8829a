import { Argument, type Command } from 'commander';
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
    .option(
      '--round-trip',
      'also go the whole way of a learner: account, token, enrollment, grade; with one learner, made once',
    )
    .addOption(jsonOption())
    .addHelpText('after', examples('portico doctor', 'portico doctor --round-trip', 'portico doctor --json'))
    .action(async (options) => (await import('../doctor/doctor.js')).runDoctor(options));

  portico
    .command('configure-instance')
    .description('make or complete what Portico has of an LMS, and print what the LMS must have of Portico')
    .addArgument(new Argument('<platform>', 'the machine that both run on').choices(['linux', 'macos']))
    .option('--gateway <ip>', "address of this machine in the LMS's container network; needed on linux")
    .option('-T, --tutor', 'the LMS is at local.openedx.io; without it, where OPENEDX_API_BASE_URL says')
    .option('--tutor-dev', 'the LMS is at local.openedx.io:8000')
    .option('--edx-oauth-client <id>', 'client id that the LMS has already')
    .option('--edx-oauth-secret <secret>', 'secret that the LMS has already')
    .option('--new-secret', 'add a secret to the client, shown once; older ones stay valid')
    .option(
      '--tutor-plugin [dir]',
      "write a Tutor plugin that does the LMS's half, and the settings of Portico beside it",
    )
    .option('--check', 'change nothing, and fail when there is something to change')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico configure-instance linux --gateway 172.18.0.1 --tutor-dev',
        'portico configure-instance linux --gateway 172.18.0.1 --tutor-dev --tutor-plugin',
        'portico configure-instance macos --tutor-dev --new-secret --json',
      ),
    )
    .action(async (platform, options, command) =>
      (await import('../configure-instance/configure-instance.js')).configureInstance(platform, options, command),
    );
}
