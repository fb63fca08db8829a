import { lookUpAccounts } from '../../services/account/look-up.js';
import type { RetryScope } from '../../services/enrollment-retry/retries.service.js';

export interface ScopeOptions {
  run: string[];
  reason: string[];
  all: boolean;
}

/** Which enrollments an operator means; nothing at all is for the service to refuse. */
export async function readRetryScope(
  accounts: Parameters<typeof lookUpAccounts>[0],
  who: string[],
  { run, reason, all }: ScopeOptions,
) {
  const named = await lookUpAccounts(accounts, who);
  return {
    ...(named.length > 0 && { accountIds: named.map(({ id }) => id) }),
    ...(run.length > 0 && { courseKeys: run }),
    ...(reason.length > 0 && { reasons: reason }),
    ...(all && { isAll: true }),
  } satisfies RetryScope;
}
