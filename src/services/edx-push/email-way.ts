import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import type { Way } from './edx-push.service.js';

const options: CallOptions = { purpose: 'job' };

/**
 * The LMS takes an e-mail address when the person signs in there, in no other way; so they are signed in, without a browser, and
 * then the LMS is read.
 */
export function createEmailWay({
  api,
  tokens,
  clock,
}: {
  api: Pick<LmsApi, 'accountsByUsername'>;
  tokens: Pick<EdxApiTokenService, 'signOn'>;
  clock: Clock;
}): Way {
  return {
    async bring({ id, email }, lmsUsername) {
      await tokens.signOn(id, options);
      const [user] = await api.accountsByUsername([lmsUsername], options);
      if (isSameAddress(user?.email, email)) return null;
      return {
        upstream: 'lms',
        code: 'email-not-taken',
        message:
          'The LMS kept another e-mail address: it does not follow profiles at sign-in (sync_learner_profile_data), or another of its users has this one.',
        retryable: false,
        at: clock().toISOString(),
      };
    },
  };
}

/** An address that the LMS does not show proves nothing. */
function isSameAddress(theirs: string | null | undefined, ours: string): boolean {
  return theirs == null || theirs.toLowerCase() === ours.toLowerCase();
}
