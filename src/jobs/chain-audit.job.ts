import type { Logger } from '../logger.js';
import type { AuditChain } from '../services/audit/chain/append.js';
import type { Job } from './job.js';

/**
 * The safety net: chains what no process has chained. Tells where the chain ends when it has moved, so that the log, which is
 * kept elsewhere, knows of every minute how long the chain was.
 */
export function createChainAuditJob({
  auditChain,
  logger,
}: {
  auditChain: AuditChain;
  logger: Logger;
}): Job<'chain-audit'> {
  let told = 0;
  return async () => {
    let step = await auditChain.append();
    while (step.state === 'more') step = await auditChain.append();
    if (!step.head || step.head.position === told) return;
    told = step.head.position;
    logger.info({ head: `${step.head.position}:${step.head.hash}` }, 'the audit chain has grown');
  };
}
