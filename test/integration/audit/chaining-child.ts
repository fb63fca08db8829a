import { createLogger } from '../../../src/logger.js';
import { createAuditChaining } from '../../../src/services/audit/chain/chaining.js';
import { openAuditSite } from '../../support/audit-site.js';

/** One process that records acts, in transactions and without, and chains whatever is not chained yet. */
const [databaseUrl = ''] = process.argv.slice(2);
await using site = await openAuditSite({ databaseUrl, batchSize: 20 });
await using chaining = createAuditChaining({ chain: site.chain, logger: createLogger('error') });
for (let round = 0; round < 20; round += 1) {
  await Promise.all([
    site.act(5),
    ...Array.from({ length: 5 }, () =>
      site.orm.em
        .fork()
        .transactional((tx) =>
          site.audit.record({ action: 'client.changed', outcome: 'success', actor: { accountId: null } }, tx),
        ),
    ),
    site.chain.append(),
  ]);
  chaining.wake();
  if (round === 5) process.stdout.write('recorded\n');
}
process.stdout.write('done\n');
