import type { MailService } from '../services/mail/mail.service.js';
import type { Job } from './job.js';

/** Hands one queued mail to the mail server. */
export function createSendMailJob({ mail }: { mail: Pick<MailService, 'deliver'> }): Job<'send-mail'> {
  return ({ sealed }) => mail.deliver(sealed);
}
