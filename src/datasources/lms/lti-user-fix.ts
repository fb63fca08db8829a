import type { CallOptions } from '../upstream/call.js';
import type { LmsClient } from './lms-client.js';
import { accepted } from './refusals.js';

/** The LMS's plug-in `ol_openedx_lti_utilities`, where it is installed. */
export interface LtiUserFixes {
  /**
   * Takes an e-mail address from an LMS user that was made for an LTI launch and that nobody signs in to, so that the person
   * can have it. Harmless to repeat.
   *
   * @returns whether the address is free now; false when the user is none of LTI's, or the LMS lacks the plug-in
   */
  fixLtiUser(email: string, options: CallOptions): Promise<boolean>;
}

export function createLtiUserFixes(client: LmsClient): LtiUserFixes {
  return {
    fixLtiUser: (email, options) =>
      client.request(
        {
          operation: 'account.fix-lti-user',
          family: 'accounts',
          method: 'POST',
          path: '/api/lti-user-fix/',
          body: { json: { email } },
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 400 || answer.status === 404) return false;
            accepted('account.fix-lti-user', answer);
            return true;
          },
        },
        options,
      ),
  };
}
