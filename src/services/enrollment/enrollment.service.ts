import {
  type Enrollment,
  EnrollmentEntity,
  type EnrollmentEvent,
  EnrollmentEventEntity,
} from '../../entities/enrollment.entity.js';
import type { Actor } from '../actor.js';
import type { CourseRunService } from '../course-run/course-run.service.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { lookAtAnnounced, storeAnnounced } from './announced.js';
import { requireCourseKey, requireModeWord } from './course-key.js';
import { type EnrollmentFilter, whereEnrollments } from './filter.js';
import { type KnownCourse, requireKnownCourse } from './known-course.js';
import { type PerformDeps, type PerformRun, performEnrollment } from './perform.js';
import { decideForce, requireMode } from './policy.js';
import { readEnrollmentsOf } from './read-enrollments.js';
import { recordSeen, type SeenEnrollments } from './record-seen.js';
import { storeWish, type Wish } from './request.js';
import { sweepEnrollments } from './sweep.js';

export interface EnrollmentTarget {
  accountId: string;
  courseKey: string;
  /** The same key of the same caller is the same request: a repeat gets the same enrollment. */
  idempotencyKey?: string | undefined;
  /** One of many, which nobody waits for: its job takes no slot of those that somebody waits for. */
  isBulk?: boolean | undefined;
}

/** Enrollments: wished for here, fulfilled at the LMS by jobs, or seen there. Whoever calls has checked access. */
export interface EnrollmentService {
  /**
   * Enrolls somebody, at once as a wish (PENDING), then by its job: ACTIVE, or REJECTED with a reason.
   *
   * @param input.mode - the LMS's default when left out
   * @param input.force - past a closed enrollment window; the policy decides whether the actor may
   * @throws ForbiddenError - a mode or force that the policy does not give this actor
   * @throws InvalidInputError `INVALID_COURSE_KEY`, `UNKNOWN_COURSE`, `INVALID_MODE`, `IDEMPOTENCY_KEY_REUSED`
   * @throws NotFoundError no such account; ConflictError the account is not active
   */
  request(
    input: EnrollmentTarget & { mode?: string | undefined; force?: boolean | undefined },
    actor: Actor,
  ): Promise<Enrollment>;
  /** Ends an enrollment. Throws like {@link request}, and InvalidInputError `NOT_ENROLLED`. */
  unenroll(input: EnrollmentTarget, actor: Actor): Promise<Enrollment>;
  /** Throws like {@link unenroll}. */
  changeMode(input: EnrollmentTarget & { mode: string }, actor: Actor): Promise<Enrollment>;
  /** @throws InvalidInputError `INVALID_COURSE_KEY`; `UNKNOWN_COURSE` when there is certainly no such course run */
  requireCourse(courseKey: string): Promise<KnownCourse>;
  /** Asks the LMS for an enrollment that is not known here. @throws UpstreamUnavailableError */
  learn(accountId: string, courseKey: string): Promise<void>;
  /** Body of the job `perform-enrollment`. */
  perform(enrollmentId: string, run?: PerformRun): Promise<void>;
  /** Takes down that the LMS says it has enrolled somebody; see {@link storeAnnounced}. */
  announced(
    learner: { accountId: string; courseKey: string },
    actor: Actor,
  ): Promise<{ enrollment: Enrollment; isNew: boolean }>;
  /** Body of the job `look-at-enrollment`. */
  lookAtAnnounced(enrollmentId: string, looks: number): Promise<void>;
  /** Body of the job `retry-enrollments`, as far as enrollments are concerned. @returns how many were started again */
  sweep(): Promise<number>;
  /** Takes over what the LMS says; see {@link recordSeen}. @returns the local rows of these accounts, oldest first */
  recordSeen(seen: readonly SeenEnrollments[]): Promise<Enrollment[]>;
  findByIds(ids: readonly string[]): Promise<Enrollment[]>;
  /** All of these accounts, oldest first. */
  ofAccounts(accountIds: readonly string[]): Promise<Enrollment[]>;
  findFor(accountId: string, courseKey: string): Promise<Enrollment | undefined>;
  list(filter: EnrollmentFilter, page: PageRequest): Promise<Page<Enrollment>>;
  /** Oldest first. */
  history(enrollmentIds: readonly string[]): Promise<EnrollmentEvent[]>;
}

export interface EnrollmentServiceDeps extends PerformDeps {
  edxLinks: Pick<EdxLinkService, 'ensure' | 'find'>;
  courseRuns: Pick<CourseRunService, 'lookUp'>;
}

export function createEnrollmentService(deps: EnrollmentServiceDeps): EnrollmentService {
  const { em, clock } = deps;

  const wish = async ({ idempotencyKey, ...input }: Wish & EnrollmentTarget, actor: Actor): Promise<Enrollment> => {
    const { accountId, courseKey, intent, mode, force, isBulk } = input;
    return storeWish(
      em,
      { intent, accountId, courseKey, mode, force, isBulk },
      { actor, idempotencyKey, now: clock() },
    );
  };

  /** An enrollment that was made at the LMS and has not been seen yet is as good as any. */
  const learn = async (accountId: string, courseKey: string): Promise<void> => {
    if (await em.fork().findOne(EnrollmentEntity, { accountId, courseKey })) return;
    const link = await deps.edxLinks.find(accountId);
    if (link?.state !== 'LINKED' || !link.edxUsername) return;
    const asOf = clock();
    const row = await deps.api.readEnrollment(link.edxUsername, courseKey, { purpose: 'request' });
    if (row) await recordSeen(em, [{ accountId, lmsUsername: link.edxUsername, rows: [row], asOf }], clock());
  };

  return {
    async request(input, actor) {
      const mode = input.mode === undefined ? undefined : requireModeWord(input.mode);
      const force = decideForce(deps.policy, actor, { mode, force: input.force });
      const { courseKey } = await requireKnownCourse(deps.courseRuns, requireCourseKey(input.courseKey));
      return wish({ ...input, intent: 'ENROLL', courseKey, mode, force }, actor);
    },
    async unenroll(input, actor) {
      const courseKey = requireCourseKey(input.courseKey);
      await learn(input.accountId, courseKey);
      return wish({ ...input, intent: 'UNENROLL', courseKey }, actor);
    },
    async changeMode(input, actor) {
      const mode = requireModeWord(input.mode);
      requireMode(deps.policy, actor, mode);
      const courseKey = requireCourseKey(input.courseKey);
      await learn(input.accountId, courseKey);
      return wish({ ...input, intent: 'CHANGE_MODE', courseKey, mode }, actor);
    },
    requireCourse: async (courseKey) => requireKnownCourse(deps.courseRuns, requireCourseKey(courseKey)),
    learn,
    perform: (enrollmentId, run = {}) => performEnrollment(deps, enrollmentId, run),
    announced: (learner, actor) => storeAnnounced(deps, learner, actor),
    lookAtAnnounced: (enrollmentId, looks) => lookAtAnnounced(deps, enrollmentId, looks),
    sweep: () => sweepEnrollments(em),
    recordSeen: (seen) => recordSeen(em, seen, clock()),
    findByIds: (ids) => em.fork().find(EnrollmentEntity, { id: { $in: [...ids] } }),
    ofAccounts: (accountIds) => readEnrollmentsOf(em, accountIds),
    findFor: async (accountId, courseKey) =>
      (await em.fork().findOne(EnrollmentEntity, { accountId, courseKey })) ?? undefined,
    list: (filter, page) => findPage(em.fork(), EnrollmentEntity, whereEnrollments(filter, clock()), page),
    history: (enrollmentIds) =>
      em.fork().find(EnrollmentEventEntity, { enrollmentId: { $in: [...enrollmentIds] } }, { orderBy: { id: 'asc' } }),
  };
}
