import type { Change } from '../changes/change.js';
import type { ChangeFeed } from '../changes/change-feed.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { AnswerStore } from './answer-store.js';
import { RosterPages } from './enrollment/roster-pages.js';
import type { GradeKey } from './grade/grade-reader.js';
import { createGradesInPassing } from './grades-in-passing.js';
import { createLearningCaches, type LearningMemory } from './learning-caches.js';
import { createLearningLoaders, type LearningLoaders } from './learning-loaders.js';
import type { LmsApi } from './lms/lms-api.js';
import type { OwnUser } from './own-enrollments.js';
import type { CallOptions } from './upstream/call.js';

type OneOrMany<T> = T | readonly T[];

/** What is known to have changed in the LMS, by kind. */
export interface Invalidation {
  /** LMS usernames. */
  enrollmentsOf?: OneOrMany<string>;
  /** Course runs whose learners, or what they take part as, changed. */
  rosterOf?: OneOrMany<string>;
  grade?: OneOrMany<GradeKey>;
  certificatesOf?: OneOrMany<string>;
  lmsUser?: OneOrMany<string>;
  /** Remote ids: Portico usernames. */
  mapping?: OneOrMany<string>;
  courseRun?: OneOrMany<string>;
  courseModes?: OneOrMany<string>;
}

/** Reads of learning data for the whole process: what one request has read, the next ones need not. */
export interface LearningReads extends Disposable {
  /**
   * Fresh loaders for one request, or one event of a subscription.
   *
   * @param options - purpose and priority of the calls. What a person waits for takes no longer than the time of one
   *   request in all; reads are shared with others, so that no `signal` ends them
   */
  forRequest(options: CallOptions, findOwn?: () => Promise<OwnUser | undefined>): LearningLoaders;
  /** To be told after each write to the LMS, and when the LMS says that something changed. */
  invalidate(what: Invalidation): void;
}

/**
 * @param keepsAnswers - whether what one request has read serves the next ones
 * @param memory - told what the LMS said of grades and certificates
 * @param store - where answers about learners are kept for other processes, and for the time after this one
 * @param shared - where other answers are kept for other processes
 * @param changes - changes of other processes invalidate here too; after a gap in the feed everything is read again
 */
export function createLearningReads({
  api,
  clock,
  logger,
  changes,
  keepsAnswers = true,
  memory = noMemory,
  store,
  shared,
}: {
  api: LmsApi;
  clock: Clock;
  keepsAnswers?: boolean;
  memory?: LearningMemory;
  store?: AnswerStore;
  shared?: AnswerStore | undefined;
  logger: Logger;
  changes: Pick<ChangeFeed, 'subscribe' | 'onResync'>;
}): LearningReads {
  const rosters = new RosterPages();
  const gradesInPassing = createGradesInPassing({
    api,
    clock,
    logger,
    onGrades(grades, asOf) {
      for (const grade of grades) caches.grade.prime(grade, grade, asOf);
      memory.gradesSeen(grades, asOf);
    },
  });
  const caches = createLearningCaches({ api, clock, keepsAnswers, memory, rosters, gradesInPassing, store, shared });
  const all = Object.values(caches);
  const invalidate = (what: Invalidation) => {
    for (const name of list(what.enrollmentsOf)) {
      caches.enrollmentsOf.invalidate(name);
      caches.resumePointsOf.invalidate(name);
    }
    for (const courseKey of list(what.rosterOf)) rosters.invalidate(courseKey, caches.rosterPage);
    for (const key of list(what.grade)) {
      caches.grade.invalidate(key);
      outdateParts(key);
    }
    for (const name of list(what.certificatesOf)) caches.certificatesOf.invalidate(name);
    for (const name of list(what.lmsUser)) {
      caches.lmsUser.invalidate(name);
      caches.lmsIdentity.invalidate({ username: name, email: null });
    }
    for (const id of list(what.mapping)) caches.mapping.invalidate(id);
    for (const key of list(what.courseRun)) caches.courseRun.invalidate(key);
    for (const key of list(what.courseModes)) caches.courseModes.invalidate(key);
  };
  /** What comes of the same work in the course run as the grade. */
  const outdateParts = (key: GradeKey) => {
    caches.subsections.invalidate(key);
    caches.progress.invalidate({ ...key, userId: undefined });
  };
  const stopListening = [
    changes.subscribe((change) => {
      if (change.topic === 'grade') {
        const key = { username: change.lmsUsername, courseKey: change.courseKey };
        caches.grade.forget(key);
        outdateParts(key);
      } else if (change.topic === 'certificates') caches.certificatesOf.forget(change.lmsUsername);
      else invalidate(invalidationOf(change));
    }),
    changes.onResync(() => {
      logger.info('changes may have been missed: learning data is read again');
      for (const cache of all) cache.invalidateAll();
    }),
  ];
  return {
    forRequest: (options, findOwn) => createLearningLoaders(caches, api, options, findOwn),
    invalidate,
    [Symbol.dispose]() {
      for (const stop of stopListening) stop();
      gradesInPassing[Symbol.dispose]();
    },
  };
}

const noMemory: LearningMemory = { gradesSeen() {}, certificatesSeen() {} };

/** What a committed change of ours says about the LMS. Without the learner's names there only time can tell. */
function invalidationOf(change: Change): Invalidation {
  if (change.topic === 'edx-link') return { lmsUser: list(change.lmsUsername), mapping: list(change.remoteId) };
  if (change.topic === 'course-runs')
    return { courseRun: change.courseKeys ?? [], courseModes: change.courseKeys ?? [] };
  if (change.topic !== 'enrollment' && change.topic !== 'lms-learner') return {};
  if (change.lmsUsername === undefined) return {};
  const { lmsUsername, courseKey } = change;
  return {
    enrollmentsOf: lmsUsername,
    rosterOf: courseKey,
    certificatesOf: lmsUsername,
    grade: { username: lmsUsername, courseKey },
  };
}

function list<T extends string | GradeKey>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return isMany(value) ? value : [value];
}

function isMany<T>(value: OneOrMany<T>): value is readonly T[] {
  return Array.isArray(value);
}
