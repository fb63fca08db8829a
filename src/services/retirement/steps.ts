import type { EntityManager } from '@mikro-orm/postgresql';
import type { ClientGrants } from '../../access/client-grants.js';
import type { SignIn } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import type { Retirement, RetirementStepName, RetirementStepOutcome } from '../../entities/retirement.entity.js';
import { UpstreamRejectedError } from '../../errors.js';
import { withdraw } from '../../jobs/queue.js';
import type { AdvisoryLocks } from '../../locks/advisory-locks.js';
import { systemActor } from '../actor.js';
import { eraseAddresses } from '../audit/chain/erase-addresses.js';
import { creationKey } from '../edx-link/plan.js';
import { lockLink, moveLink } from '../edx-link/transition.js';
import { changeEnrollment, lockEnrollment } from '../enrollment/change.js';
import { enrollmentKey } from '../enrollment/plan.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import { ownerAsActor } from './begin.js';
import { erasePerson } from './erase.js';
import {
  findOwnLmsUser,
  type LeaveLmsApi,
  type Leaving,
  leaveLms,
  leftAlone,
  nobodyThere,
  refusedByLms,
} from './leave-lms.js';
import { retiredMail } from './mails.js';

export interface StepDeps {
  em: EntityManager;
  api: LeaveLmsApi;
  signIn: Pick<SignIn, 'revokeAll'>;
  clientGrants: Pick<ClientGrants, 'list' | 'revoke'>;
  mail: Pick<MailService, 'send'>;
  site: MailSite;
  locks: AdvisoryLocks;
  clock: Clock;
  /** Told when the LMS has something else of a user than before. */
  onWritten(change: { lmsUsername: string }): void;
}

export interface StepResult {
  outcome: RetirementStepOutcome;
  reason?: string;
}

/**
 * One step. What it changes in the database commits together with the record that it was taken, by `store`; what it does
 * elsewhere may be repeated.
 */
type Step = (
  deps: StepDeps,
  retirement: Retirement,
  store: (result: StepResult, change?: (tx: EntityManager) => Promise<void>) => Promise<void>,
) => Promise<void>;

/** As long as somebody else may take to finish what they are doing at the LMS for this account. */
const lockWaitMs = 5_000;

const purpose = { purpose: 'job', priority: 'staff' } as const;

/** Every step; taken in the order of `retirementStepNames`. */
export const steps: Record<RetirementStepName, Step> = {
  END_ACCESS: async (deps, retirement, store) => {
    await endAccess(deps, retirement);
    await store({ outcome: 'DONE' });
  },

  LEAVE_LMS: async (deps, { accountId }, store) => {
    await stopEnrollments(deps, accountId);
    await deps.locks.run(
      creationKey(accountId),
      async () => {
        const em = deps.em.fork();
        const account = await em.findOneOrFail(AccountEntity, { id: accountId });
        const link = await em.findOne(EdxLinkEntity, { accountId });
        const leaving = await leave(deps, account, link);
        await store(leaving, (tx) => closeLink(tx, accountId, leaving, deps.clock()));
      },
      { waitMs: lockWaitMs },
    );
  },

  ERASE_DATA: async (deps, { accountId }, store) => {
    const account = await deps.em.fork().findOneOrFail(AccountEntity, { id: accountId });
    await store({ outcome: 'DONE' }, async (tx) => {
      await erasePerson(tx, accountId);
      await deps.mail.send(
        tx,
        retiredMail({ site: deps.site, words: wordsForAccount(deps.site, account), account, now: deps.clock() }),
      );
    });
  },

  ERASE_ADDRESSES: async (deps, { accountId }, store) => {
    const { kept } = await eraseAddresses(deps.em, accountId);
    if (kept === 0) return store({ outcome: 'DONE' });
    const reason = `${kept} audit events from before addresses were sealed keep their network address: the chain covers it.`;
    await store({ outcome: 'LEFT_TO_DO', reason });
  },
};

/** Ends every session, token and grant, in all processes, and tells clients with back-channel logout. */
export async function endAccess(
  { signIn, clientGrants }: Pick<StepDeps, 'signIn' | 'clientGrants'>,
  { accountId, requestedBy }: Pick<Retirement, 'accountId' | 'requestedBy'>,
): Promise<void> {
  const actor = ownerAsActor(requestedBy);
  await signIn.revokeAll(accountId, undefined, actor);
  for (const { clientId } of await clientGrants.list(accountId)) await clientGrants.revoke(accountId, clientId, actor);
}

async function leave(deps: StepDeps, account: Account, link: EdxLink | null): Promise<Leaving> {
  const found = await findOwnLmsUser(deps.api, account, link, purpose);
  if (found.kind === 'nobody') return nobodyThere;
  const { username } = found;
  if (found.kind === 'doubtful') return leftAlone(username);
  // Retirement unties the user there: whoever comes after an answer that was lost must know the name from here.
  if (link && link.edxUsername !== username)
    await deps.em.fork().nativeUpdate(EdxLinkEntity, { id: link.id }, { edxUsername: username });
  const leaving = await leaveLms(deps.api, username, purpose).catch((error: unknown) => {
    if (error instanceof UpstreamRejectedError) return refusedByLms(username, error.message);
    throw error;
  });
  deps.onWritten({ lmsUsername: username });
  return leaving;
}

/** Nothing of what was wished for is begun any more, and what is under way at the LMS is over when this returns. */
async function stopEnrollments({ em, locks, clock }: StepDeps, accountId: string): Promise<void> {
  const wished = await em.fork().find(EnrollmentEntity, { accountId, intent: { $ne: null } });
  for (const { id, courseKey } of wished) {
    const key = enrollmentKey({ accountId, courseKey });
    const stop = () => em.fork().transactional((tx) => stopEnrollment(tx, id, key, clock()));
    await locks.run(key, stop, { waitMs: lockWaitMs });
  }
}

async function stopEnrollment(tx: EntityManager, id: string, key: string, now: Date): Promise<void> {
  const row = await lockEnrollment(tx, { id });
  if (!row?.intent) return;
  const stop = (enrollment: Enrollment) => {
    if (enrollment.state === 'PENDING') enrollment.state = 'REJECTED';
    enrollment.intent = null;
    enrollment.requestVersion += 1;
    enrollment.nextAttemptAt = null;
  };
  await changeEnrollment(tx, row, stop, { actor: systemActor, cause: 'account-retired', isWish: true }, now);
  await withdraw(tx, key);
}

async function closeLink(tx: EntityManager, accountId: string, { cause }: Leaving, now: Date): Promise<void> {
  const link = await lockLink(tx, accountId);
  if (link && link.state !== 'DEACTIVATED') await moveLink(tx, link, 'DEACTIVATED', { actor: systemActor, cause }, now);
  const active = await tx.find(EnrollmentEntity, { accountId, state: 'ACTIVE' });
  for (const enrollment of active) {
    const end = (row: Enrollment) => {
      row.state = 'INACTIVE';
    };
    await changeEnrollment(tx, enrollment, end, { actor: systemActor, cause: 'account-retired' }, now);
  }
}
