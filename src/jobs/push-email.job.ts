import type { EdxPushService } from '../services/edx-push/edx-push.service.js';
import type { Job } from './job.js';

/** Brings a changed e-mail address to the LMS. */
export function createPushEmailJob({ edxPush }: { edxPush: EdxPushService }): Job<'push-email'> {
  return ({ accountId, ...run }) => edxPush.push(accountId, 'email', run);
}
