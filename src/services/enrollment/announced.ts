import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { enqueue } from '../../jobs/queue.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import { type Actor, systemActor } from '../actor.js';
import { changeEnrollment, lockEnrollment, recordChange } from './change.js';
import type { EnrollmentApi } from './fulfil.js';
import { enrollmentKey } from './plan.js';
import { recordSeen } from './record-seen.js';

/** The mark of everything that began at the LMS: such a row has no wish, so that nothing goes back there. */
const cause = 'announced-by-lms';
/** The LMS may announce what it has not committed yet. */
const firstLookMs = 2_000;
const secondLookMs = 60_000;

export interface AnnouncedDeps {
  em: EntityManager;
  api: Pick<EnrollmentApi, 'readEnrollment'>;
  clock: Clock;
}

/**
 * Takes down that the LMS says it has enrolled somebody, and has a job look at how it stands there. A wish that is under way here
 * is not touched. Nothing is asked of the LMS meanwhile, which may be waiting for the answer.
 *
 * @param learner - an account, and a course run that exists
 * @returns the enrollment, and whether it was not known before
 */
export async function storeAnnounced(
  { em, clock }: Pick<AnnouncedDeps, 'em' | 'clock'>,
  learner: { accountId: string; courseKey: string },
  actor: Actor,
): Promise<{ enrollment: Enrollment; isNew: boolean }> {
  return em.fork().transactional(async (tx) => {
    await lockUntilCommit(tx, enrollmentKey(learner));
    const present = await lockEnrollment(tx, learner);
    const enrollment = present ?? (await create(tx, learner, actor, clock()));
    const isKnown = enrollment.state === 'ACTIVE' && enrollment.confirmedByLms;
    if (!isKnown && enrollment.intent == null) await enqueueLook(tx, enrollment.id, clock(), 0);
    return { enrollment, isNew: !present };
  });
}

async function create(
  tx: EntityManager,
  { accountId, courseKey }: { accountId: string; courseKey: string },
  actor: Actor,
  now: Date,
): Promise<Enrollment> {
  const account = await tx.findOneOrFail(AccountEntity, { id: accountId });
  const link = await tx.findOne(EdxLinkEntity, { accountId });
  const lmsUsername = link?.edxUsername ?? account.username;
  const created = tx.create(EnrollmentEntity, { accountId, courseKey, lmsUsername, state: 'ACTIVE' });
  await tx.flush();
  await recordChange(tx, created, null, { actor, cause }, now);
  return created;
}

/**
 * Body of the job: takes over how the LMS has it. What it has not, after a second look, is not active; only the LMS had said so.
 *
 * @throws UpstreamUnavailableError, then it is run again
 */
export async function lookAtAnnounced(
  { em, api, clock }: AnnouncedDeps,
  enrollmentId: string,
  looks: number,
): Promise<void> {
  const enrollment = await em.fork().findOne(EnrollmentEntity, { id: enrollmentId });
  if (!enrollment || enrollment.intent != null) return;
  const { accountId, courseKey, lmsUsername } = enrollment;
  const asOf = clock();
  const row = await api.readEnrollment(lmsUsername, courseKey, { purpose: 'job' });
  if (row) {
    await recordSeen(em, [{ accountId, lmsUsername, rows: [row], asOf }], clock(), { actor: systemActor, cause });
    return;
  }
  if (looks === 0) return enqueueLook(em.fork(), enrollmentId, clock(), 1);
  await em.fork().transactional(async (tx) => {
    const present = await lockEnrollment(tx, { id: enrollmentId });
    if (present?.state !== 'ACTIVE' || present.confirmedByLms || present.intent != null) return;
    const end = (it: Enrollment) => {
      it.state = 'INACTIVE';
    };
    await changeEnrollment(tx, present, end, { actor: systemActor, cause: 'not-in-lms' }, clock());
  });
}

async function enqueueLook(em: EntityManager, enrollmentId: string, now: Date, looks: number): Promise<void> {
  const runAt = new Date(now.getTime() + (looks === 0 ? firstLookMs : secondLookMs));
  await enqueue(em, 'look-at-enrollment', { enrollmentId, looks }, { key: `enrollment-look:${enrollmentId}`, runAt });
}
