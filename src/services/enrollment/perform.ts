import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { UpstreamRejectedError } from '../../errors.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { systemActor } from '../actor.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import { enqueueCheck } from '../edx-link/plan.js';
import { classifyTrouble, describeTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { type EnrollmentApi, type Fulfilment, fulfil } from './fulfil.js';
import { userMissingCode } from './missing-user.js';
import { enqueueEnrollment, enrollmentKey } from './plan.js';
import { type EnrollmentPolicy, modesToTry } from './policy.js';
import { storeFulfilment, storeWaiting, storeWaitingForAccount, type WishRef } from './store-outcome.js';

export interface PerformDeps {
  em: EntityManager;
  api: EnrollmentApi;
  edxLinks: Pick<EdxLinkService, 'ensure'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
  policy: EnrollmentPolicy;
  /** Tries that may fail by the enrollment's own fault before a person must act. */
  maxAttempts: number;
  /** Told at once when the LMS has something else than before, so that no cache answers what was. */
  onWritten(change: { lmsUsername: string; courseKey: string }): void;
}

export interface PerformRun {
  /** How often the job came before and had to wait. */
  waits?: number | undefined;
  /** An earlier run was cut short. */
  isRepeat?: boolean | undefined;
}

/** What the enrollment API answers for a user that it does not know. */
const userUnknownStatus = 406;
const lockWaitMs = 2_000;
const busyPauseMs = 2_000;

/** Fulfils what is still wanted of an enrollment, or stores why not: the body of the job. */
export async function performEnrollment(deps: PerformDeps, enrollmentId: string, run: PerformRun): Promise<void> {
  const row = await deps.em.fork().findOne(EnrollmentEntity, { id: enrollmentId });
  if (!row?.intent) return;
  try {
    await deps.locks.run(enrollmentKey(row), () => attempt(deps, enrollmentId, run), { waitMs: lockWaitMs });
  } catch (error) {
    if (!(error instanceof LockBusyError)) throw error;
    const runAt = new Date(deps.clock().getTime() + busyPauseMs);
    await enqueueEnrollment(deps.em.fork(), row, { runAt, waits: run.waits ?? 0 });
  }
}

async function attempt(deps: PerformDeps, enrollmentId: string, run: PerformRun): Promise<void> {
  const em = deps.em.fork();
  const row = await em.findOne(EnrollmentEntity, { id: enrollmentId });
  if (!row?.intent) return;
  const wish: WishRef = { id: row.id, version: row.requestVersion };
  const store = (fulfilment: Fulfilment, username: string = row.lmsUsername) =>
    storeFulfilment(deps.em, wish, fulfilment, username, deps.clock());
  const account = await em.findOne(AccountEntity, { id: row.accountId });
  if (account?.status !== 'ACTIVE') return store(accountInactive);
  const link = await linkOf(deps, em, row.accountId);
  if (link.state === 'PENDING' || link.state === 'CREATING') return storeWaitingForAccount(deps.em, wish, deps.clock());
  if (link.state !== 'LINKED' || !link.edxUsername) return store(withoutAccount(link));
  try {
    await store(await ask(deps, row, link.edxUsername, run), link.edxUsername);
  } catch (error) {
    await keepForLater(deps, row, wish, error, run.waits ?? 0);
  }
}

async function linkOf(deps: PerformDeps, em: EntityManager, accountId: string): Promise<EdxLink> {
  const link = await em.findOne(EdxLinkEntity, { accountId });
  if (link && link.state !== 'NOT_LINKED' && link.state !== 'MISSING_UPSTREAM') return link;
  return deps.edxLinks.ensure(accountId, systemActor);
}

async function ask(deps: PerformDeps, row: Enrollment, username: string, run: PerformRun): Promise<Fulfilment> {
  const fulfilment = await fulfil(
    deps.api,
    {
      intent: row.intent ?? 'ENROLL',
      username,
      courseKey: row.courseKey,
      modes: modesToTry(deps.policy, row.requestedMode ?? undefined),
      force: row.force,
      isRepeat: run.isRepeat === true || row.lastError != null,
    },
    { purpose: 'job', priority: 'viewer' },
  );
  if (fulfilment.kind === 'done') deps.onWritten({ lmsUsername: username, courseKey: row.courseKey });
  // The link says that there is such a user: it is mended first, and this tried again; each time counts.
  if (fulfilment.kind === 'refused' && fulfilment.code === 'user-unknown') {
    await enqueueCheck(deps.em.fork(), row.accountId);
    throw new UpstreamRejectedError(fulfilment.message, { upstream: 'lms', status: userUnknownStatus });
  }
  return fulfilment;
}

async function keepForLater(
  deps: PerformDeps,
  row: Enrollment,
  wish: WishRef,
  error: unknown,
  waits: number,
): Promise<void> {
  if (!isUpstreamTrouble(error)) throw error;
  const trouble = classifyTrouble(error);
  const now = deps.clock();
  const isUserMissing = error instanceof UpstreamRejectedError && error.status === userUnknownStatus;
  const failure = { ...describeTrouble(error, now), ...(isUserMissing && { code: userMissingCode }) };
  if (trouble === 'permanent' && row.attempts + 1 >= deps.maxAttempts)
    return storeFulfilment(deps.em, wish, { kind: 'refused', ...failure }, row.lmsUsername, now);
  const nextAttemptAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
  const countsAsAttempt = trouble === 'permanent';
  await storeWaiting(deps.em, wish, { failure, nextAttemptAt, countsAsAttempt, waits: waits + 1 }, now);
  // Of an outage one alert is enough; its figures are those of the upstream and of what waits.
  const level = trouble === 'system-wide' ? 'debug' : 'warn';
  deps.logger[level]({ err: error, enrollmentId: row.id, trouble, nextAttemptAt }, 'an enrollment has to wait');
}

const accountInactive: Fulfilment = {
  kind: 'refused',
  code: 'account-inactive',
  message: 'The account is not active.',
};

function withoutAccount(link: EdxLink): Fulfilment {
  return {
    kind: 'refused',
    code: userMissingCode,
    message: `There is no edX account to enroll. ${link.lastError?.message ?? 'It is deactivated.'}`,
  };
}
