import type { Enrollment } from '../../entities/enrollment.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { lookUpAccount } from '../account/look-up.js';
import type { AccountReads } from '../account/reads.js';
import type { Actor } from '../actor.js';
import type { EnrollmentService } from '../enrollment/enrollment.service.js';
import type { OperationInputs } from '../operation/inputs.js';
import type { OperationDefinition } from '../operation/kinds.js';
import { performRows } from '../operation/perform-rows.js';
import type { RowResult } from '../operation/rows.js';

export interface BulkEnrollDeps {
  accounts: Pick<AccountReads, 'findMeant'>;
  enrollments: Pick<EnrollmentService, 'request' | 'unenroll' | 'requireCourse' | 'findFor'>;
  logger: Logger;
}

/** Rows at a time: each is a look-up and a short transaction; the LMS is asked by the jobs that follow. */
const parallel = 4;

type Result = Omit<RowResult, 'number' | 'key'>;

/** One line: who, in which course run, and how. */
interface Line {
  user: string;
  courseKey: string;
  mode: string | undefined;
}

/**
 * Enrolls, or unenrolls, many people at once: each row becomes a wish with its job, in the slots of bulk work. A dry run says what
 * would become of each row.
 */
export function createBulkEnroll(deps: BulkEnrollDeps): OperationDefinition<'BULK_ENROLL'> {
  return {
    isJoined: false,
    async run(run) {
      await performRows(run, {
        parallel,
        logger: deps.logger,
        perform: async ({ input }) => {
          const line = readLine(input ?? {});
          const { id } = await lookUpAccount(deps.accounts, line.user);
          return run.input.isDryRun
            ? foresee(deps, id, line, run.input)
            : carryOutLine(deps, id, line, { input: run.input, actor: run.actor });
        },
      });
      return undefined;
    },
  };
}

/** @throws InvalidInputError for a line without a person or a course run */
function readLine({ user, courseKey, mode }: Record<string, unknown>): Line {
  const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
  if (text(user) === '') throw new InvalidInputError('The row names nobody: column user.');
  if (text(courseKey) === '') throw new InvalidInputError('The row names no course run: column course.');
  return { user: text(user), courseKey: text(courseKey), mode: text(mode) || undefined };
}

async function foresee(
  { enrollments }: BulkEnrollDeps,
  accountId: string,
  { courseKey, mode }: Line,
  { action }: OperationInputs['BULK_ENROLL'],
): Promise<Result> {
  const course = await enrollments.requireCourse(courseKey);
  const present = await enrollments.findFor(accountId, course.courseKey);
  const isActive = present?.state === 'ACTIVE';
  if (action === 'UNENROLL') {
    if (!present) throw new InvalidInputError('There is no enrollment in this course run.', { reason: 'NOT_ENROLLED' });
    return isActive || present.state === 'PENDING' ? would('unenrolled') : nothingToDo(present);
  }
  if (!isActive) return would('enrolled');
  return mode === undefined || mode === present.mode ? nothingToDo(present) : would(`changed to ${mode}`);
}

async function carryOutLine(
  { enrollments }: BulkEnrollDeps,
  accountId: string,
  { courseKey, mode }: Line,
  { input: { action, force }, actor }: { input: OperationInputs['BULK_ENROLL']; actor: Actor },
): Promise<Result> {
  const enrollment =
    action === 'UNENROLL'
      ? await enrollments.unenroll({ accountId, courseKey, isBulk: true }, actor)
      : await enrollments.request({ accountId, courseKey, mode, force, isBulk: true }, actor);
  if (enrollment.intent == null) return nothingToDo(enrollment);
  const reason = 'It is wanted now; its job asks the LMS.';
  return { outcome: 'OK', reason, detail: { enrollmentId: enrollment.id, state: enrollment.state } };
}

function would(what: string): Result {
  return { outcome: 'OK', reason: `It would be ${what}.`, detail: { would: what } };
}

function nothingToDo({ id, state }: Enrollment): Result {
  return { outcome: 'OK', reason: `There is nothing to do: it is ${state}.`, detail: { enrollmentId: id, state } };
}
