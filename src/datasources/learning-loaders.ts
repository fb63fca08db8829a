import DataLoader from 'dataloader';
import { UpstreamUnavailableError } from '../errors.js';
import { createPlanTrace, type PlanRecord } from './cost/plan-trace.js';
import { type EnrollmentKey, enrollmentKeyOf } from './enrollment/enrollment-reader.js';
import { type RosterPage, type RosterPageKey, rosterPageNameOf } from './enrollment/roster-page.js';
import { type GradePageKey, gradePageNameOf } from './grade/grade-page.js';
import { type GradeKey, gradeKeyOf } from './grade/grade-reader.js';
import type { LmsIdentity } from './identity/identity-reader.js';
import type { IdentityKey } from './identity/plan.js';
import type { LearningCaches } from './learning-caches.js';
import type { LmsUser } from './lms/accounts.js';
import type { LmsCertificate } from './lms/certificates.js';
import type { LmsCourseMode } from './lms/course-modes.js';
import type { LmsCourseRun } from './lms/courses.js';
import type { LmsEnrollment } from './lms/enrollments.js';
import type { LmsGrade } from './lms/grades.js';
import type { LmsResumePoint } from './lms/learner-home.js';
import type { LmsApi } from './lms/lms-api.js';
import type { LmsProgress } from './lms/progress.js';
import type { LmsSubsectionGrade } from './lms/subsection-grades.js';
import type { ThirdPartyMapping } from './lms/third-party-auth.js';
import { type OwnUser, readOwnEnrollments } from './own-enrollments.js';
import { type ProgressKey, progressKeyOf } from './progress/progress-reader.js';
import type { CacheAnswer, ReadCache, Trouble } from './read-cache.js';
import type { Sourced, UpstreamTrouble } from './sourced.js';
import type { CallOptions } from './upstream/call.js';
import { type Deadline, startDeadline } from './upstream/deadline.js';
import { isAwaited } from './upstream/purpose.js';

/**
 * The learning data of one request. Keys that are wanted in the same tick go out together; a key that cannot be had rejects
 * for itself, with UpstreamUnavailableError or UpstreamRejectedError. Names are LMS usernames, in any letter case.
 */
export interface LearningLoaders {
  /** All rows, unenrolled ones included: look at `isActive`. An unknown user has none. */
  enrollmentsOf: DataLoader<string, Sourced<LmsEnrollment[]>>;
  /** One row; costs nothing when all rows of the learner are at hand. */
  enrollment: DataLoader<EnrollmentKey, Sourced<LmsEnrollment | undefined>>;
  /** Learners of a course run, a page of the LMS at a time. */
  rosterPage: DataLoader<RosterPageKey, Sourced<RosterPage>>;
  courseRun: DataLoader<string, Sourced<LmsCourseRun | undefined>>;
  courseModes: DataLoader<string, Sourced<LmsCourseMode[]>>;
  grade: DataLoader<GradeKey, Sourced<LmsGrade | undefined>>;
  /** Grades of a course run, a page of the LMS at a time. */
  gradePage: DataLoader<GradePageKey, Sourced<{ rows: LmsGrade[]; cursor: string | undefined }>>;
  /** Section by section. */
  subsections: DataLoader<GradeKey, Sourced<LmsSubsectionGrade[] | undefined>>;
  progress: DataLoader<ProgressKey, Sourced<LmsProgress | undefined>>;
  /** Where the learner goes on, for each run that they take part in. */
  resumePointsOf: DataLoader<string, Sourced<LmsResumePoint[]>>;
  certificatesOf: DataLoader<string, Sourced<LmsCertificate[]>>;
  certificatePage: LmsApi['certificatePage'];
  lmsUser: DataLoader<string, Sourced<LmsUser | undefined>>;
  /** Username, id and address alone, for a small part of what the whole user costs the LMS. */
  lmsIdentity: DataLoader<IdentityKey, Sourced<LmsIdentity | undefined>>;
  /** By remote id, which is the Portico username. */
  mapping: DataLoader<string, Sourced<ThirdPartyMapping | undefined>>;
  /** Why anything that this request read is stale or missing; empty when all is well. */
  upstreamTrouble(): UpstreamTrouble[];
  /** The plans by which this request was answered, as far as they are done. */
  plans(): readonly PlanRecord[];
}

const source = 'lms';
/** Beyond it a page is read in several rounds, so that one request cannot fill the line of everyone. */
const mostKeys = 1000;
/** Grades are planned together, however many: by course run, and so many calls at a time. */
const maxGrades = 20_000;

/** @param findOwn - who the viewer is in the LMS, with a token of theirs, where their own page may be read in their own name */
export function createLearningLoaders(
  caches: LearningCaches,
  api: LmsApi,
  options: CallOptions,
  findOwn: () => Promise<OwnUser | undefined> = async () => undefined,
): LearningLoaders {
  const troubles = new Map<string, UpstreamTrouble>();
  const trace = createPlanTrace();
  let budget: Deadline | undefined;
  /** All reads of one request that a person waits for share the time from the first of them on. */
  const within = (): CallOptions => {
    if (!isAwaited(options.purpose)) return { ...options, trace };
    budget ??= options.deadline ?? startDeadline(options.purpose, api.timeouts);
    return { ...options, trace, deadline: budget };
  };
  const note = ({ error, since }: Trouble) => {
    const code = error instanceof UpstreamUnavailableError ? error.why : 'rejected';
    if (!troubles.has(code)) troubles.set(code, { upstream: source, code, since });
  };
  const toSourced = <V>(answer: CacheAnswer<V>): Sourced<V> | Error => {
    if (answer.trouble) note(answer.trouble);
    if (!('value' in answer)) return toError(answer.trouble.error);
    return { value: answer.value, asOf: answer.asOf, stale: answer.trouble !== undefined, source };
  };
  const loader = <K, V>(
    name: string,
    cache: ReadCache<K, V>,
    cacheKeyFn: (key: K) => string,
    maxBatchSize = mostKeys,
  ) =>
    new DataLoader<K, Sourced<V>, string>(async (keys) => (await cache.load(keys, within())).map(toSourced), {
      name,
      cacheKeyFn,
      maxBatchSize,
    });
  const lowerCase = (text: string) => text.toLowerCase();

  const loadEnrollments = async (usernames: readonly string[]): Promise<(Sourced<LmsEnrollment[]> | Error)[]> => {
    const cache = caches.enrollmentsOf;
    const own = await readOwnEnrollments(usernames, { api, cache, findOwn, options: within() });
    const others = usernames.filter((username) => !own.has(username));
    const answers = others.length > 0 ? await cache.load(others, within()) : [];
    const byName = new Map(others.map((username, index) => [username, answers[index]]));
    return usernames.map((username) => {
      const answer = byName.get(username);
      return answer ? toSourced(answer) : (own.get(username) ?? toError(undefined));
    });
  };

  const loadPairs = async (
    pairs: readonly EnrollmentKey[],
  ): Promise<(Sourced<LmsEnrollment | undefined> | Error)[]> => {
    const covered = new Map(pairs.map((pair) => [pair, caches.enrollmentsOf.peek(pair.username, within().deadline)]));
    const others = pairs.filter((pair) => covered.get(pair) === undefined);
    const answers = await api.keyed.readEnrollmentPairs(others, within());
    const readAt = api.clock();
    return Promise.all(
      pairs.map(async (pair) => {
        const rows = await covered.get(pair);
        if (rows) return pick(toSourced(rows), pair);
        const answer = answers.get(enrollmentKeyOf(pair));
        if (answer && 'value' in answer) return { value: answer.value, asOf: readAt, stale: false, source };
        const trouble = { error: answer?.error, since: readAt };
        const known = caches.enrollmentsOf.lastKnown(pair.username);
        return pick(toSourced(known ? { ...known, trouble } : { trouble }), pair);
      }),
    );
  };

  return {
    enrollmentsOf: new DataLoader(loadEnrollments, {
      name: 'enrollmentsOf',
      cacheKeyFn: lowerCase,
      maxBatchSize: mostKeys,
    }),
    enrollment: new DataLoader(loadPairs, { name: 'enrollment', cacheKeyFn: enrollmentKeyOf, maxBatchSize: mostKeys }),
    rosterPage: loader('rosterPage', caches.rosterPage, rosterPageNameOf),
    courseRun: loader('courseRun', caches.courseRun, String),
    courseModes: loader('courseModes', caches.courseModes, String),
    grade: loader('grade', caches.grade, gradeKeyOf, maxGrades),
    gradePage: loader('gradePage', caches.gradePage, gradePageNameOf),
    subsections: loader('subsections', caches.subsections, gradeKeyOf),
    progress: loader('progress', caches.progress, progressKeyOf),
    resumePointsOf: loader('resumePointsOf', caches.resumePointsOf, lowerCase),
    certificatesOf: loader('certificatesOf', caches.certificatesOf, lowerCase),
    certificatePage: api.certificatePage,
    lmsUser: loader('lmsUser', caches.lmsUser, lowerCase),
    lmsIdentity: loader('lmsIdentity', caches.lmsIdentity, ({ username }) => lowerCase(username)),
    mapping: loader('mapping', caches.mapping, lowerCase),
    upstreamTrouble: () => [...troubles.values()],
    plans: trace.records,
  };
}

function pick(rows: Sourced<LmsEnrollment[]> | Error, { courseKey }: EnrollmentKey) {
  if (rows instanceof Error) return rows;
  return { ...rows, value: rows.value.find((row) => row.courseKey === courseKey) };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a read failed without an error', { cause: error });
}
