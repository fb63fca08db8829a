import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { CourseEmailWrites } from '../../datasources/lms/course-emails.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from '../../entities/enrollment.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import type { Actor } from '../actor.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import { changeEnrollment, lockEnrollment } from '../enrollment/change.js';
import { requireCourseKey } from '../enrollment/course-key.js';
import { userMissingCode } from '../enrollment/missing-user.js';
import {
  describeRefusal,
  describeTrouble,
  isRefusal,
  isUpstreamTrouble,
  pauseBeforeRetryMs,
} from '../upstream-trouble.js';

/** Whether learners get the mails of a course run: decided here, told to the LMS by a job in the learner's own name. */
export interface CourseEmailService {
  /**
   * Wanting the same again asks the LMS again if it had refused for good.
   *
   * @throws InvalidInputError `NOT_ENROLLED`, `INVALID_COURSE_KEY`
   */
  set(wish: { accountId: string; courseKey: string; receives: boolean }, actor: Actor): Promise<Enrollment>;
  /** Body of the job `push-course-emails`. An outage is waited for; a refusal is stored as the enrollment's `emailsError`. */
  push(enrollmentId: string, run?: { waits?: number | undefined }): Promise<void>;
}

export interface CourseEmailDeps {
  em: EntityManager;
  api: CourseEmailWrites;
  tokens: Pick<EdxApiTokenService, 'getValidToken' | 'refresh'>;
  clock: Clock;
}

const options: CallOptions = { purpose: 'job' };

export function createCourseEmailService(deps: CourseEmailDeps): CourseEmailService {
  const { em, clock } = deps;
  return {
    async set({ accountId, courseKey, receives }, actor) {
      const key = requireCourseKey(courseKey);
      return em.fork().transactional(async (tx) => {
        const enrollment = await lockEnrollment(tx, { accountId, courseKey: key });
        if (enrollment?.state !== 'ACTIVE') throw notEnrolled();
        const isRefused = enrollment.emailsError?.retryable === false;
        if (enrollment.receivesEmails === receives && !isRefused) return enrollment;
        const cause = receives ? 'course-emails-on' : 'course-emails-off';
        const apply = (row: Enrollment) => {
          row.receivesEmails = receives;
          row.emailsVersion += 1;
          row.emailsError = null;
        };
        await changeEnrollment(tx, enrollment, apply, { actor, cause, isWish: true }, clock());
        await enqueuePush(tx, enrollment);
        return enrollment;
      });
    },

    async push(enrollmentId, { waits = 0 } = {}) {
      const row = await em.fork().findOne(EnrollmentEntity, { id: enrollmentId });
      if (!row || row.receivesEmails == null || row.emailsVersion === row.emailsToldVersion) return;
      try {
        await store(em, row, await tell(deps, row, row.receivesEmails));
      } catch (error) {
        if (!isUpstreamTrouble(error)) throw error;
        const now = clock();
        if (isRefusal(error)) return store(em, row, describeRefusal(error, now));
        await store(em, row, describeTrouble(error, now));
        const runAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
        await enqueuePush(em.fork(), row, { runAt, waits: waits + 1 });
      }
    },
  };
}

/** @returns why the LMS cannot be told, for good; null when it was */
async function tell(deps: CourseEmailDeps, row: Enrollment, receives: boolean): Promise<UpstreamFailure | null> {
  const { accountId, courseKey } = row;
  const link = await deps.em.fork().findOne(EdxLinkEntity, { accountId });
  if (link?.state !== 'LINKED') return lasting(deps, userMissingCode, 'There is no edX account to tell the LMS of.');
  const send = async () =>
    deps.api.changeCourseEmails(
      { courseKey, receives },
      await deps.tokens.getValidToken(accountId, 60, options),
      options,
    );
  try {
    const outcome = await send();
    if (outcome.kind === 'changed') return null;
    // Revoked at the LMS before its time, e.g. by a password reset there.
    await deps.tokens.refresh(accountId, options);
    if ((await send()).kind === 'changed') return null;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return lasting(deps, userMissingCode, error.message);
  }
  return lasting(deps, 'token-refused', 'The LMS does not accept the learner’s API token, not even a new one.');
}

function lasting({ clock }: CourseEmailDeps, code: string, message: string): UpstreamFailure {
  return { upstream: 'lms', code, message, retryable: false, at: clock().toISOString() };
}

/** A newer wish than the one that was told keeps its own state. */
async function store(em: EntityManager, row: Enrollment, failure: UpstreamFailure | null): Promise<void> {
  const { id, emailsVersion } = row;
  await em
    .fork()
    .nativeUpdate(
      EnrollmentEntity,
      { id, emailsVersion },
      failure ? { emailsError: failure } : { emailsError: null, emailsToldVersion: emailsVersion },
    );
}

async function enqueuePush(
  em: EntityManager,
  { id: enrollmentId, accountId, courseKey }: Enrollment,
  { runAt, waits = 0 }: { runAt?: Date; waits?: number } = {},
): Promise<void> {
  const key = `course-emails:${accountId}:${courseKey}`;
  await enqueue(em, 'push-course-emails', { enrollmentId, waits }, { key, ...(runAt && { runAt }) });
}

function notEnrolled(): InvalidInputError {
  return new InvalidInputError('There is no active enrollment in this course run.', {
    field: ['courseKey'],
    reason: 'NOT_ENROLLED',
  });
}
