import { type Command, Option } from 'commander';
import { examples, jsonOption, parseSeconds } from './options.js';

/** OAuth clients and their secrets. */
export function addClientCommands(portico: Command): void {
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
    .option(
      '--sector-identifier-uri <uri>',
      'list of redirect URIs that share such names, where they have several hosts',
    )
    .option('--exchange-audience <audience...>', 'audiences or resources for which it may exchange tokens')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'portico create-client --name Reports --grant client_credentials --owner root --scope "learning:read" --json',
        'portico create-client --name Campus --redirect-uri https://campus.example.edu/callback --scope "openid profile"',
      ),
    )
    .action(async (options) => (await import('../clients/create-client.js')).createClient(options));

  portico
    .command('list-clients')
    .description('list the OAuth clients with their secrets’ ids and last characters')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico list-clients --json'))
    .action(async (options) => (await import('../clients/clients.js')).listClients(options));

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
    .action(async (clientId, options) => (await import('../clients/clients.js')).rotateClientSecret(clientId, options));

  portico
    .command('revoke-client-secret')
    .description('end one secret of an OAuth client at once')
    .argument('<client-id>')
    .argument('<secret-id>', 'as list-clients shows it')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico revoke-client-secret lms 019ab6a2-…'))
    .action(async (clientId, secretId, options) =>
      (await import('../clients/clients.js')).revokeClientSecret(clientId, secretId, options),
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
    .action(async (clientId, options) => (await import('../clients/clients.js')).restrictClient(clientId, options));

  portico
    .command('unrestrict-client')
    .description('let an OAuth client have ordinary tokens again')
    .argument('<client-id>')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico unrestrict-client reports'))
    .action(async (clientId, options) => (await import('../clients/clients.js')).unrestrictClient(clientId, options));

  portico
    .command('revoke-client-tokens')
    .description('end every code, token and grant of an OAuth client')
    .argument('<client-id>')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico revoke-client-tokens reports'))
    .action(async (clientId, options) => (await import('../clients/clients.js')).revokeClientTokens(clientId, options));

  portico
    .command('delete-client')
    .description('remove an OAuth client with its secrets, its tokens and what people allowed it')
    .argument('<client-id>')
    .requiredOption('--yes', 'really: this cannot be undone')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico delete-client reports --yes'))
    .action(async (clientId, options) => (await import('../clients/clients.js')).deleteClient(clientId, options));
}
