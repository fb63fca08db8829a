import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readVersion } from './version.js';

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
const exitCodes = { failed: 1, usage: 2 };

const portico = new Command('portico')
  .description("The front door between a school's people and Open edX.")
  .version(await readVersion())
  .showHelpAfterError('Add --help to see how it is used.')
  .exitOverride();

portico
  .command('start')
  .description(
    'run everything: web and worker, with PostgreSQL and a sandbox LMS of its own unless they are configured',
  )
  .addHelpText('after', examples('npm start', 'PORT=9000 portico start'))
  .action(async () => (await import('./start/start.js')).start());

portico
  .command('web')
  .description('run the web half with the configured database and LMS')
  .addHelpText('after', examples('DATABASE_URL=postgres://… portico web'))
  .action(async () => (await import('./web-and-worker.js')).runParts({ web: true }));

portico
  .command('worker')
  .description('run the background jobs with the configured database and LMS')
  .addHelpText('after', examples('WORKER_CONCURRENCY=16 portico worker'))
  .action(async () => (await import('./web-and-worker.js')).runParts({ worker: true }));

portico
  .command('migrate')
  .description('bring the database to the newest schema; several at once do no harm')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico migrate', 'portico migrate --json'))
  .action(async (options) => (await import('./migrate.js')).migrateDatabase(options));

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
  .action(async (options) => (await import('./create-admin.js')).createAdmin(options));

portico
  .command('create-client')
  .description('create an OAuth client; its secret is shown once')
  .requiredOption('--name <name>', 'name that people see')
  .addOption(
    new Option('--grant <grant...>', 'grants it may use')
      .choices(['authorization_code', 'refresh_token', 'client_credentials', 'device_code', 'token_exchange'])
      .default(['authorization_code']),
  )
  .option('--owner <username>', 'account that its client_credentials tokens act as')
  .option('--scope <scopes>', 'scopes it may ask for, separated by spaces', '')
  .option('--redirect-uri <uri...>', 'where it may be answered', [])
  .option('--public', 'has no secret (browser or native application)')
  .option('--pairwise', 'names people to it as to no other site (subject_type pairwise)')
  .option('--sector-identifier-uri <uri>', 'list of redirect URIs that share such names, where they have several hosts')
  .option('--exchange-audience <audience...>', 'audiences or resources for which it may exchange tokens')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    examples(
      'portico create-client --name Reports --grant client_credentials --owner root --scope "learning:read" --json',
      'portico create-client --name Campus --redirect-uri https://campus.example.edu/callback --scope "openid profile"',
    ),
  )
  .action(async (options) => (await import('./create-client.js')).createClient(options));

portico
  .command('apply')
  .description('create or update accounts, OAuth clients and grants as a YAML or JSON file describes them')
  .argument('<file>', 'what there shall be')
  .option('--dry-run', 'say what would change, and change nothing')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico apply portico.yml --dry-run', 'portico apply portico.yml --json'))
  .action(async (file, options) => (await import('./apply/apply.js')).apply(file, options));

portico
  .command('list-clients')
  .description('list the OAuth clients with their secrets’ ids and last characters')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico list-clients --json'))
  .action(async (options) => (await import('./clients.js')).listClients(options));

portico
  .command('rotate-client-secret')
  .description('give an OAuth client a new secret, shown once; the others stay valid for the overlap')
  .argument('<client-id>')
  .addOption(
    new Option('--overlap <seconds>', 'how long the others stay valid; 0 ends them at once')
      .argParser(parseSeconds)
      .default(86_400),
  )
  .addOption(jsonOption())
  .addHelpText('after', examples('portico rotate-client-secret lms', 'portico rotate-client-secret lms --overlap 0'))
  .action(async (clientId, options) => (await import('./clients.js')).rotateClientSecret(clientId, options));

portico
  .command('revoke-client-secret')
  .description('end one secret of an OAuth client at once')
  .argument('<client-id>')
  .argument('<secret-id>', 'as list-clients shows it')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico revoke-client-secret lms 019ab6a2-…'))
  .action(async (clientId, secretId, options) =>
    (await import('./clients.js')).revokeClientSecret(clientId, secretId, options),
  );

portico
  .command('restrict-client')
  .description('hold an OAuth client to restricted tokens; the tokens it has end')
  .argument('<client-id>')
  .addOption(
    new Option('--mode <mode>', 'what its tokens are good for')
      .choices(['sso-only', 'scoped-jwt'])
      .makeOptionMandatory(),
  )
  .option('--organization <organization...>', 'whose courses its tokens may concern; all when left out', [])
  .option('--provider <provider...>', 'identity providers that its tokens may concern', [])
  .option('--scope <scopes>', 'scopes it is left with, separated by spaces; its own when left out', '')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico restrict-client reports --mode scoped-jwt --organization DemoU'))
  .action(async (clientId, options) => (await import('./clients.js')).restrictClient(clientId, options));

portico
  .command('unrestrict-client')
  .description('let an OAuth client have ordinary tokens again')
  .argument('<client-id>')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico unrestrict-client reports'))
  .action(async (clientId, options) => (await import('./clients.js')).unrestrictClient(clientId, options));

portico
  .command('revoke-client-tokens')
  .description('end every code, token and grant of an OAuth client')
  .argument('<client-id>')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico revoke-client-tokens reports'))
  .action(async (clientId, options) => (await import('./clients.js')).revokeClientTokens(clientId, options));

portico
  .command('delete-client')
  .description('remove an OAuth client with its secrets, its tokens and what people allowed it')
  .argument('<client-id>')
  .requiredOption('--yes', 'really: this cannot be undone')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico delete-client reports --yes'))
  .action(async (clientId, options) => (await import('./clients.js')).deleteClient(clientId, options));

portico
  .command('rotate-keys')
  .description('publish new signing keys; they replace the old ones by steps, without a restart')
  .addOption(new Option('--purpose <purpose>', 'only keys for this').choices(['tokens', 'restricted']))
  .addOption(new Option('--algorithm <algorithm>', 'only keys of this algorithm').choices(['RS256', 'RS512', 'ES256']))
  .addOption(jsonOption())
  .addHelpText('after', examples('portico rotate-keys', 'portico rotate-keys --purpose restricted --json'))
  .action(async (options) => (await import('./rotate-keys.js')).rotateKeys(options));

portico
  .command('retire-account')
  .description('end an account for good: no sign-in, out of the LMS, everything personal erased; cannot be undone')
  .argument('<who>', 'id, e-mail address or username')
  .option('--dry-run', 'say what would be done, and change nothing', false)
  .addOption(jsonOption())
  .addHelpText(
    'after',
    examples('portico retire-account ada@example.org --dry-run', 'portico retire-account ada --json'),
  )
  .action(async (who, options) => (await import('./retire-account.js')).retireAccount(who, options));

portico
  .command('doctor')
  .description('check the connections to database and LMS, and say what to do about each failure')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico doctor', 'portico doctor --json'))
  .action(async (options) => (await import('./doctor/doctor.js')).runDoctor(options));

portico
  .command('verify-audit')
  .description('check that no event of the audit was changed or deleted; fails with the first that was')
  .option('--head <head>', 'a head that was printed earlier: the audit must still hold everything up to it')
  .addOption(jsonOption())
  .addHelpText('after', examples('portico verify-audit', 'portico verify-audit --head 1234:Vk0… --json'))
  .action(async (options) => (await import('./verify-audit.js')).verifyAudit(options));

portico
  .command('print-schema')
  .description('print the GraphQL schema (SDL) of this version')
  .addHelpText('after', examples('portico print-schema > schema/schema.graphql'))
  .action(async () => (await import('./print-schema.js')).printSchema());

function jsonOption(): Option {
  return new Option('--json', 'answer in JSON, and nothing else on standard output').default(false);
}

function parseSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a number of seconds.');
  return Number(text);
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

try {
  await portico.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = exitCodes.failed;
  }
}
