import { isCourseKey } from '../../datasources/course-key.js';
import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { Filterable } from '../../services/enrollment/filter.js';
import type { GraphContext } from '../context.js';
import { toGlobalId } from '../global-id.js';
import { EnrollmentType, toEnrollment } from './enrollment.type.js';

/** An enrollment as the LMS lists it, joined with what is kept here where an account is linked to the LMS user. */
export interface JoinedEnrollment {
  node: EnrollmentType;
  /** What filters look at. */
  facts: Filterable;
}

/**
 * Joins rows of the LMS with accounts: two statements for a page, however many learners it has. A linked learner's row is stored
 * on the way, so that its id is that of everywhere else.
 *
 * @param asOf - when the LMS was asked
 */
export function joinAccounts(
  rows: readonly LmsEnrollment[],
  asOf: Date,
  { stored }: GraphContext,
): Promise<JoinedEnrollment[]> {
  return Promise.all(
    rows.map(async (row) => {
      const link = await stored.edxLinkNamed.load(row.username.toLowerCase());
      const known =
        link && (await stored.seenInCourse.load({ accountId: link.accountId, lmsUsername: row.username, row, asOf }));
      return known ? { node: toEnrollment(known), facts: known } : { node: fromLms(row), facts: factsOf(row, asOf) };
    }),
  );
}

/** Key of an enrollment of which the LMS alone knows, as its node id has it. */
function keyOf({ courseKey, username }: Pick<LmsEnrollment, 'courseKey' | 'username'>): string {
  return `${courseKey} ${username}`;
}

/** The course run and the LMS username behind such a key; undefined for any other text. */
export function readLmsKey(key: string): { courseKey: string; username: string } | undefined {
  const space = key.indexOf(' ');
  const [courseKey, username] = [key.slice(0, Math.max(0, space)), key.slice(space + 1)];
  return isCourseKey(courseKey) && /^[\w .@+-]{1,150}$/u.test(username) ? { courseKey, username } : undefined;
}

/** Enrollments of which the LMS alone knows, by their keys: live, in the fewest calls. */
export async function findLmsEnrollments(
  keys: readonly string[],
  { learning }: GraphContext,
): Promise<Map<string, EnrollmentType>> {
  const found = await Promise.all(
    keys.map(async (key) => {
      const wanted = readLmsKey(key);
      const row = wanted && (await learning.enrollment.load(wanted)).value;
      return row ? [[key, Object.assign(fromLms(row), { id: toGlobalId('Enrollment', key) })] as const] : [];
    }),
  );
  return new Map(found.flat());
}

function fromLms(row: LmsEnrollment): EnrollmentType {
  return Object.assign(new EnrollmentType(), {
    id: toGlobalId('Enrollment', keyOf(row)),
    rowId: null,
    ownerId: null,
    courseKey: row.courseKey,
    lmsUsername: row.username,
    mode: row.mode,
    requestedMode: null,
    state: stateOf(row),
    stateSince: null,
    confirmedByLms: true,
    createdAt: row.createdAt,
    attempts: 0,
    nextAttemptAt: null,
    receivesEmails: null,
    emailsError: null,
    lastError: null,
  });
}

function factsOf(row: LmsEnrollment, asOf: Date): Filterable {
  return {
    accountId: '',
    courseKey: row.courseKey,
    state: stateOf(row),
    stateSince: row.createdAt ?? asOf,
    attempts: 0,
    lastError: null,
    intent: null,
    intentSince: null,
    failedIntent: null,
    failedMoveId: null,
    emailsError: null,
  };
}

function stateOf({ isActive }: LmsEnrollment): 'ACTIVE' | 'INACTIVE' {
  return isActive ? 'ACTIVE' : 'INACTIVE';
}
