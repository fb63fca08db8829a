import type { EdxPushService } from '../services/edx-push/edx-push.service.js';
import type { Job } from './job.js';

/** Brings a changed profile to the LMS. */
export function createPushProfileJob({ edxPush }: { edxPush: EdxPushService }): Job<'push-profile'> {
  return ({ accountId, ...run }) => edxPush.push(accountId, 'profile', run);
}
