import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { ConflictError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import { describeTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { recordPush } from './record-push.js';

/** Brings a changed e-mail address to the LMS, and looks whether it arrived. */
export interface EmailPushService {
  /**
   * Body of the job `push-email`. The LMS takes the address when the person signs in there, in no other way; so they are
   * signed in, without a browser, and then the LMS is read. What it has instead is stored at the edX link, as its last error.
   *
   * @param waits - how often the job came before and had to wait
   */
  push(accountId: string, run?: { waits?: number }): Promise<void>;
}

const options: CallOptions = { purpose: 'job' };

export function createEmailPushService({
  em,
  api,
  tokens,
  clock,
  onWritten,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'accountsByUsername'>;
  tokens: Pick<EdxApiTokenService, 'signOn'>;
  clock: Clock;
  /** Told at once when the LMS has something else than before, so that no cache answers what was. */
  onWritten(change: { lmsUsername: string }): void;
}): EmailPushService {
  return {
    async push(accountId, { waits = 0 } = {}) {
      const account = await em.fork().findOne(AccountEntity, { id: accountId });
      const link = await em.fork().findOne(EdxLinkEntity, { accountId });
      // A link that is not there yet takes the address of the day when it is made.
      if (account?.status !== 'ACTIVE' || link?.state !== 'LINKED' || !link.edxUsername) return;
      const lmsUsername = link.edxUsername;
      const store = (failure: UpstreamFailure | null, follow?: (tx: EntityManager) => Promise<void>) =>
        recordPush(em, accountId, { kind: 'email', failure, now: clock() }, follow);
      try {
        await tokens.signOn(accountId, options);
        onWritten({ lmsUsername });
        const [user] = await api.accountsByUsername([lmsUsername], options);
        await store(isSameAddress(user?.email, account.email) ? null : notTaken(clock()));
      } catch (error) {
        // Unlinked meanwhile: nothing follows.
        if (error instanceof ConflictError) return;
        if (!isUpstreamTrouble(error)) throw error;
        const now = clock();
        const runAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
        const again = { accountId, waits: waits + 1 };
        await store({ ...describeTrouble(error, now), code: 'email-waits' }, (tx) =>
          enqueue(tx, 'push-email', again, { key: `push-email:${accountId}`, runAt }),
        );
      }
    },
  };
}

/** An address that the LMS does not show proves nothing. */
function isSameAddress(theirs: string | null | undefined, ours: string): boolean {
  return theirs == null || theirs.toLowerCase() === ours.toLowerCase();
}

function notTaken(now: Date): UpstreamFailure {
  return {
    upstream: 'lms',
    code: 'email-not-taken',
    message:
      'The LMS kept another e-mail address: it does not follow profiles at sign-in (sync_learner_profile_data), or another of its users has this one.',
    retryable: false,
    at: now.toISOString(),
  };
}
