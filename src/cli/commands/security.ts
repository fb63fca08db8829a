import { type Command, Option } from 'commander';
import { examples, jsonOption } from './options.js';

/** Signing keys and the audit. */
export function addSecurityCommands(portico: Command): void {
  portico
    .command('rotate-keys')
    .description('publish new signing keys; they replace the old ones by steps, without a restart')
    .addOption(new Option('--purpose <purpose>', 'only keys for this').choices(['tokens', 'restricted']))
    .addOption(
      new Option('--algorithm <algorithm>', 'only keys of this algorithm').choices(['RS256', 'RS512', 'ES256']),
    )
    .addOption(jsonOption())
    .addHelpText('after', examples('portico rotate-keys', 'portico rotate-keys --purpose restricted --json'))
    .action(async (options) => (await import('../security/rotate-keys.js')).rotateKeys(options));

  portico
    .command('verify-audit')
    .description('check that no event of the audit was changed or deleted; fails with the first that was')
    .option('--head <head>', 'a head that was printed earlier: the audit must still hold everything up to it')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico verify-audit', 'portico verify-audit --head 1234:Vk0… --json'))
    .action(async (options) => (await import('../security/verify-audit.js')).verifyAudit(options));
}
