import type { Call } from '../http/call.js';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../state.js';

/** The mail that the LMS sends to a new account whose address nobody vouched for. */
export function sendActivationMail({ state }: Lms, call: Call, user: LmsUser): void {
  const link = `${call.origin}/activate/${user.activationKey}`;
  state.mail.set(String(state.nextId('mail')), {
    at: call.now.toISOString(),
    from: 'registration@lms.example.org',
    to: [user.email],
    subject: `Action Required: Activate your ${state.site.platformName} account`,
    text: `You're almost there! Use the link below to activate your account.\n\n${link}\n`,
    html: '',
  });
}
