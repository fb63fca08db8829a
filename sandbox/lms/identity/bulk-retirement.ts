import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { beginRetirement, requireRetirementWorker } from './retirement.js';

/** Retirement of others (`ENABLE_BULK_USER_RETIREMENT`): queues each, as if they had deactivated themselves. */
export function bulkRetirementViews(lms: Lms): View[] {
  return [
    apiView('/v1/accounts/bulk_retire_users', {
      profile: 'P2',
      permission: (call) => requireRetirementWorker(lms, call),
      methods: { POST: (call) => retireMany(lms, call) },
      isHidden: () => lms.state.site.hasBulkRetirement === false,
    }),
  ];
}

/** Names that are unknown, or in retirement already, are listed as failed; the call itself succeeds. */
async function retireMany(lms: Lms, call: Call): Promise<Answer> {
  const data = await call.data();
  const given = data !== null && typeof data === 'object' && 'usernames' in data ? String(data.usernames) : '';
  const names = [...new Set(given.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  const failed = names.filter((name) => {
    const user = lms.state.user(name);
    if (user?.username !== name || lms.state.retirements.get(name.toLowerCase()) !== undefined) return true;
    lms.state.atomically(() => beginRetirement(lms, user, call.now));
    return false;
  });
  const successful = names.filter((name) => !failed.includes(name)).sort();
  return json({ successful_user_retirements: successful, failed_user_retirements: failed });
}
