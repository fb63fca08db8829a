import type { EmailPushService } from '../services/edx-push/email-push.service.js';
import type { Job } from './job.js';

/** Brings a changed e-mail address to the LMS. */
export function createPushEmailJob({ emailPush }: { emailPush: Pick<EmailPushService, 'push'> }): Job<'push-email'> {
  return ({ accountId, ...run }) => emailPush.push(accountId, run);
}
