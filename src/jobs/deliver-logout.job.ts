import type { Job } from './job.js';
import type { JobPayloads } from './queue.js';

/** Tells one client of a sign-out that it has not heard of yet. */
export function createDeliverLogoutJob({
  logoutNotices,
}: {
  logoutNotices: { deliver(notice: JobPayloads['deliver-logout']): Promise<void> };
}): Job<'deliver-logout'> {
  return (notice) => logoutNotices.deliver(notice);
}
