import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { ConflictError, type UpstreamRejectedError } from '../../errors.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import { enqueueCheck } from '../edx-link/plan.js';
import {
  describeRefusal,
  describeTrouble,
  isRefusal,
  isUpstreamTrouble,
  pauseBeforeRetryMs,
} from '../upstream-trouble.js';
import { enqueuePush, type PushKind } from './plan.js';
import { recordPush } from './record-push.js';

/** How the LMS takes one kind of change. */
export interface Way {
  /**
   * Brings what the account has now, and looks whether it arrived.
   *
   * @returns why the LMS has something else; null when it has the same
   * @throws UpstreamUnavailableError, UpstreamRejectedError, and {@link ConflictError} when the account is unlinked meanwhile
   */
  bring(account: Account, lmsUsername: string): Promise<UpstreamFailure | null>;
}

/** Brings what a person changed here to the LMS. */
export interface EdxPushService {
  /**
   * Body of the jobs `push-profile` and `push-email`. Why something did not arrive is stored at the edX link, as its last error;
   * an outage is waited for, a refusal is not: it stays until the change is wanted anew. An account without an LMS user gets another try at one instead: what was changed may be what stood
   * against it.
   *
   * @param run.waits - how often the job came before and had to wait
   */
  push(accountId: string, kind: PushKind, run?: { waits?: number }): Promise<void>;
}

export interface EdxPushDeps {
  em: EntityManager;
  ways: Record<PushKind, Way>;
  edxLinks: Pick<EdxLinkService, 'reconsider'>;
  locks: AdvisoryLocks;
  clock: Clock;
  /** Told at once when the LMS has something else than before, so that no cache answers what was. */
  onWritten(change: { lmsUsername: string }): void;
}

/** What the LMS answers of a user that it does not have. */
const unknownStatus = 404;
const lockWaitMs = 2_000;
const busyPauseMs = 2_000;

export function createEdxPushService(deps: EdxPushDeps): EdxPushService {
  const { em, clock, locks } = deps;

  const attempt = async (accountId: string, kind: PushKind) => {
    const account = await em.fork().findOne(AccountEntity, { id: accountId });
    const link = await em.fork().findOne(EdxLinkEntity, { accountId });
    if (!link || account?.status !== 'ACTIVE') return;
    if (link.state !== 'LINKED' || !link.edxUsername) return deps.edxLinks.reconsider(accountId);
    const failure = await deps.ways[kind].bring(account, link.edxUsername);
    deps.onWritten({ lmsUsername: link.edxUsername });
    await recordPush(em, accountId, { kind, failure, now: clock() });
  };

  /** Asking again would be refused again. A user whom the LMS does not know is gone or renamed: the link is looked at. */
  const storeRefusal = (accountId: string, kind: PushKind, error: UpstreamRejectedError) => {
    const now = clock();
    const failure = { ...describeRefusal(error, now), code: `${kind}-refused` };
    const isUserUnknown = error.status === unknownStatus;
    return recordPush(em, accountId, { kind, failure, now }, async (tx) => {
      if (isUserUnknown) await enqueueCheck(tx, accountId);
    });
  };

  /** The link says why it waits, and the next try is planned, in one transaction. */
  const pushAgainLater = async (accountId: string, kind: PushKind, error: unknown, waits: number) => {
    // Unlinked meanwhile: nothing follows.
    if (error instanceof ConflictError) return;
    if (!isUpstreamTrouble(error)) throw error;
    if (isRefusal(error)) return storeRefusal(accountId, kind, error);
    const now = clock();
    const runAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
    const failure = { ...describeTrouble(error, now), code: `${kind}-waits` };
    await recordPush(em, accountId, { kind, failure, now }, (tx) =>
      enqueuePush(tx, accountId, kind, { runAt, waits: waits + 1 }),
    );
  };

  return {
    async push(accountId, kind, { waits = 0 } = {}) {
      try {
        // One at a time: of two, the later one must be the last that the LMS hears.
        await locks.run(`edx-push:${kind}:${accountId}`, () => attempt(accountId, kind), { waitMs: lockWaitMs });
      } catch (error) {
        if (error instanceof LockBusyError)
          return enqueuePush(em.fork(), accountId, kind, { runAt: new Date(clock().getTime() + busyPauseMs), waits });
        await pushAgainLater(accountId, kind, error, waits);
      }
    },
  };
}
