import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type EnrollmentMove, EnrollmentMoveEntity } from '../../entities/enrollment-move.entity.js';
import type { Actor } from '../actor.js';
import { requireCourseKey, requireModeWord } from '../enrollment/course-key.js';
import type { EnrollmentService } from '../enrollment/enrollment.service.js';
import { decideForce, type EnrollmentPolicy, requireAuthority } from '../enrollment/policy.js';
import { advanceMove } from './advance.js';
import { beginMove, type MoveWish } from './begin.js';
import { sweepMoves } from './wake.js';

/** The enrollment that a move ends. */
export interface MoveSource {
  accountId: string;
  courseKey: string;
  /** The same key of the same caller is the same request: a repeat gets the same move. */
  idempotencyKey?: string | undefined;
}

export interface MoveOptions {
  /** Of the enrollment that takes the place; the same as before without it. */
  mode?: string | undefined;
  /** Past the rules that protect learners from mistakes, and into a closed run. */
  force?: boolean | undefined;
}

/** Deferrals, transfers and refunds: by STAFF; at once as a wish, then by jobs, step by step; see {@link EnrollmentMove}. */
export interface EnrollmentMoveService {
  /**
   * Moves an enrollment to another run: enrolled there and verified first, only then ended here as DEFERRED.
   *
   * @throws ForbiddenError; NotFoundError no such account; ConflictError the account is not active, or a move is under way
   * @throws InvalidInputError `NOT_ENROLLED`, `SAME_COURSE_RUN`, `OTHER_COURSE`, `ENROLLMENT_CLOSED`, `UNKNOWN_COURSE`,
   * `INVALID_COURSE_KEY`, `INVALID_MODE`, `IDEMPOTENCY_KEY_REUSED`
   */
  defer(input: MoveSource & MoveOptions & { toCourseKey: string }, actor: Actor): Promise<EnrollmentMove>;
  /** Gives an enrollment to another account; throws like {@link defer}, and `SAME_ACCOUNT`, `ALREADY_ENROLLED`. */
  transfer(input: MoveSource & MoveOptions & { toAccountId: string }, actor: Actor): Promise<EnrollmentMove>;
  /** Ends an enrollment as REFUNDED; throws like {@link defer}. */
  refund(input: MoveSource & Pick<MoveOptions, 'force'>, actor: Actor): Promise<EnrollmentMove>;
  /** Body of the job `advance-enrollment-move`. */
  advance(moveId: string): Promise<void>;
  /** Body of the job `retry-enrollments`, as far as moves are concerned. @returns how many were started again */
  sweep(): Promise<number>;
  findByIds(ids: readonly string[]): Promise<EnrollmentMove[]>;
  /** From and to these enrollments, oldest first. */
  ofEnrollments(enrollmentIds: readonly string[]): Promise<EnrollmentMove[]>;
}

export interface EnrollmentMoveServiceDeps {
  em: EntityManager;
  clock: Clock;
  policy: EnrollmentPolicy;
  enrollments: Pick<EnrollmentService, 'learn' | 'requireCourse'>;
}

export function createEnrollmentMoveService({
  em,
  clock,
  policy,
  enrollments,
}: EnrollmentMoveServiceDeps): EnrollmentMoveService {
  const begin = async (
    { kind, accountId, to, ...source }: Pick<MoveWish, 'kind' | 'accountId' | 'courseKey' | 'to'>,
    { idempotencyKey, ...wanted }: MoveOptions & Pick<MoveSource, 'idempotencyKey'>,
    actor: Actor,
  ): Promise<EnrollmentMove> => {
    requireAuthority(actor, 'Enrollments are deferred, transferred and refunded by STAFF only.');
    const mode = wanted.mode === undefined ? undefined : requireModeWord(wanted.mode);
    const forceAtLms = decideForce(policy, actor, { mode, force: wanted.force });
    const courseKey = requireCourseKey(source.courseKey);
    const targetKey = to && requireCourseKey(to.courseKey);
    const target =
      targetKey !== undefined && targetKey !== courseKey ? await enrollments.requireCourse(targetKey) : undefined;
    await enrollments.learn(accountId, courseKey);
    const place = to && { accountId: to.accountId, courseKey: target?.courseKey ?? courseKey };
    const wish = { kind, accountId, courseKey, to: place, mode, force: wanted.force === true, forceAtLms };
    return beginMove(em, wish, { actor, idempotencyKey, targetRun: target?.run, now: clock() });
  };

  return {
    defer({ accountId, courseKey, toCourseKey, ...options }, actor) {
      const to = { accountId, courseKey: toCourseKey };
      return begin({ kind: 'DEFER', accountId, courseKey, to }, options, actor);
    },
    transfer({ accountId, courseKey, toAccountId, ...options }, actor) {
      const to = { accountId: toAccountId, courseKey };
      return begin({ kind: 'TRANSFER', accountId, courseKey, to }, options, actor);
    },
    refund({ accountId, courseKey, ...options }, actor) {
      return begin({ kind: 'REFUND', accountId, courseKey, to: undefined }, options, actor);
    },
    advance: (moveId) => advanceMove(em, moveId, clock()),
    sweep: () => sweepMoves(em),
    findByIds: (ids) => em.fork().find(EnrollmentMoveEntity, { id: { $in: [...ids] } }),
    ofEnrollments(enrollmentIds) {
      const ids = { $in: [...enrollmentIds] };
      return em
        .fork()
        .find(EnrollmentMoveEntity, { $or: [{ sourceId: ids }, { targetId: ids }] }, { orderBy: { id: 'asc' } });
    },
  };
}
