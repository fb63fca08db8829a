import { adminPage, type Examination } from './examination.js';
import type { Finding } from './finding.js';

/** What only somebody inside the LMS can see. */
export function listLeftToCheck(examination: Examination): Finding[] {
  const { config } = examination;
  const { backend } = config.lms;
  const providers = adminPage(examination, 'third_party_auth/oauth2providerconfig/');
  const look = (name: string, detail: string): Finding => ({ name, status: 'to-check', detail });
  return [
    look('superuser', `Somebody can sign in at ${adminPage(examination, '')} without Portico, to mend the connection.`),
    look(
      'provider options',
      `${providers}: the newest row of "${backend}" has ticked Skip hinted login dialog, Skip registration form, Skip email verification, Sync learner profile data and Enable SSO id verification.`,
    ),
    look(
      'activation',
      'FEATURES["SKIP_EMAIL_VALIDATION"] is on: accounts that Portico makes are active at once, their addresses are confirmed here.',
    ),
    look(
      'limits',
      "REGISTRATION_RATELIMIT and RATELIMIT_RATE are raised: the LMS's own are 60 registrations in seven days and 120 token calls a minute, for all that comes from the address of Portico.",
    ),
  ];
}
