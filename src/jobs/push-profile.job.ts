import type { ProfilePushService } from '../services/edx-push/profile-push.service.js';
import type { Job } from './job.js';

/** Brings a changed profile to the LMS. */
export function createPushProfileJob({
  profilePush,
}: {
  profilePush: Pick<ProfilePushService, 'push'>;
}): Job<'push-profile'> {
  return ({ accountId, ...run }) => profilePush.push(accountId, run);
}
