import type { Clock } from '../clock.js';
import type { AnswerStore } from './answer-store.js';
import { createCompany } from './company.js';
import { type RosterPage, type RosterPageKey, rosterPageNameOf } from './enrollment/roster-page.js';
import type { RosterPages } from './enrollment/roster-pages.js';
import { type GradePageKey, gradePageNameOf, readGradePage } from './grade/grade-page.js';
import { type GradeKey, gradeKeyOf } from './grade/grade-reader.js';
import type { GradesInPassing } from './grades-in-passing.js';
import type { LmsIdentity } from './identity/identity-reader.js';
import type { IdentityKey } from './identity/plan.js';
import { answerEach } from './keyed-answers.js';
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
import { type ProgressKey, progressKeyOf } from './progress/progress-reader.js';
import { ReadCache, type ReadCacheOptions } from './read-cache.js';

/** One cache per kind of thing that the LMS is asked for. */
export interface LearningCaches {
  enrollmentsOf: ReadCache<string, LmsEnrollment[]>;
  rosterPage: ReadCache<RosterPageKey, RosterPage>;
  courseRun: ReadCache<string, LmsCourseRun | undefined>;
  courseModes: ReadCache<string, LmsCourseMode[]>;
  grade: ReadCache<GradeKey, LmsGrade | undefined>;
  gradePage: ReadCache<GradePageKey, { rows: LmsGrade[]; cursor: string | undefined }>;
  subsections: ReadCache<GradeKey, LmsSubsectionGrade[] | undefined>;
  progress: ReadCache<ProgressKey, LmsProgress | undefined>;
  resumePointsOf: ReadCache<string, LmsResumePoint[]>;
  certificatesOf: ReadCache<string, LmsCertificate[]>;
  lmsUser: ReadCache<string, LmsUser | undefined>;
  /** Only what tells who the user is, which is cheaper. */
  lmsIdentity: ReadCache<IdentityKey, LmsIdentity | undefined>;
  mapping: ReadCache<string, ThirdPartyMapping | undefined>;
}

/** Seconds: how long an answer is fresh, and how long one that says "none". */
const lives = {
  enrollmentsOf: [30, 30],
  rosterPage: [30, 30],
  courseRun: [300, 60],
  courseModes: [60, 60],
  grade: [60, 30],
  gradePage: [60, 30],
  subsections: [60, 30],
  progress: [60, 30],
  resumePointsOf: [60, 30],
  certificatesOf: [300, 60],
  lmsUser: [60, 30],
  lmsIdentity: [60, 30],
  mapping: [600, 30],
} as const satisfies Record<keyof LearningCaches, readonly [number, number]>;

/** Seconds: until an answer is so old it is given at once, where it is kept beyond the process, and read again behind. */
const answered: Partial<Record<keyof LearningCaches, number>> = {
  enrollmentsOf: 5 * 60,
  grade: 10 * 60,
  certificatesOf: 60 * 60,
};

/** Raised when what is kept changes its shape: older answers are not found any more then. */
const format = 1;

/** Keeps what the LMS was seen to say beyond this process, for when it cannot be asked. Never makes a reader wait, never fails. */
export interface LearningMemory {
  /** @param asOf - when the LMS was asked */
  gradesSeen(grades: readonly LmsGrade[], asOf: Date): void;
  /** All certificates that the LMS lists for a user; perhaps none. */
  certificatesSeen(username: string, certificates: readonly LmsCertificate[], asOf: Date): void;
}

/**
 * Caches of one view of the LMS: that of the service worker that `api` speaks for.
 *
 * @param keepsAnswers - without it, only those who ask while a read is under way share it
 * @param rosters - told which pages of a course run are read
 * @param gradesInPassing - told which grades are asked for
 * @param store - of learners' own state
 * @param shared - of everything else
 */
export function createLearningCaches({
  api,
  clock,
  keepsAnswers,
  memory,
  rosters,
  gradesInPassing,
  store,
  shared,
}: {
  api: LmsApi;
  clock: Clock;
  keepsAnswers: boolean;
  memory: LearningMemory;
  rosters: Pick<RosterPages, 'note'>;
  gradesInPassing: Pick<GradesInPassing, 'asked'>;
  store?: AnswerStore | undefined;
  shared?: AnswerStore | undefined;
}): LearningCaches {
  const cache = <K, V>(
    kind: keyof LearningCaches,
    nameOf: (key: K) => string,
    read: ReadCacheOptions<K, V>['read'],
    ownerOf?: (key: K) => string,
  ): ReadCache<K, V> =>
    new ReadCache({
      nameOf: (key) => `${format} ${api.identity} ${kind} ${nameOf(key)}`,
      read: async (keys, options) => {
        const answers = await read(keys, options);
        return new Map([...answers].map(([name, answer]) => [`${format} ${api.identity} ${kind} ${name}`, answer]));
      },
      ttlMs: keepsAnswers ? lives[kind][0] * 1000 : 0,
      negativeTtlMs: lives[kind][1] * 1000,
      ...(ownerOf && store ? { ownerOf, store, answerMs: (answered[kind] ?? 0) * 1000 } : { store: shared }),
      isNegative: (value) => value === undefined || (Array.isArray(value) && value.length === 0),
      upstream: 'lms',
      timeouts: api.timeouts,
      clock,
    });
  const lowerCase = (name: string) => name.toLowerCase();
  const { keyed } = api;
  const enrollmentsOf: LearningCaches['enrollmentsOf'] = cache(
    'enrollmentsOf',
    lowerCase,
    createCompany({
      read: keyed.readEnrollmentsOfUsers,
      nameOf: lowerCase,
      scarcity: () => api.scarcity('enrollment'),
      maxKeys: 100,
      pageRows: 100,
      rowsOf: (rows) => rows.length,
      readElsewhere: (usernames) => enrollmentsOf.readElsewhere(usernames),
    }),
    lowerCase,
  );
  const grade: LearningCaches['grade'] = cache(
    'grade',
    gradeKeyOf,
    async (keys, options) => {
      const asOf = clock();
      gradesInPassing.asked(keys);
      const answers = await keyed.readGrades(keys, options);
      const grades = [...answers.values()].flatMap((answer) =>
        'value' in answer && answer.value ? [answer.value] : [],
      );
      if (grades.length > 0) memory.gradesSeen(grades, asOf);
      const asked = new Set(keys.map(gradeKeyOf));
      for (const each of grades) if (!asked.has(gradeKeyOf(each))) grade.prime(each, each, asOf);
      return answers;
    },
    ({ username }) => username.toLowerCase(),
  );
  return {
    rosterPage: cache('rosterPage', rosterPageNameOf, (keys, options) => {
      for (const key of keys) rosters.note(key);
      return keyed.readRosterPages(keys, options);
    }),
    enrollmentsOf,
    courseRun: cache('courseRun', String, keyed.readCourses),
    courseModes: cache('courseModes', String, keyed.readCourseModes),
    grade,
    gradePage: cache('gradePage', gradePageNameOf, (keys, options) =>
      answerEach(keys, (key) => readGradePage(api, key, options), gradePageNameOf),
    ),
    subsections: cache('subsections', gradeKeyOf, keyed.readSubsections),
    progress: cache('progress', progressKeyOf, keyed.readProgress),
    resumePointsOf: cache('resumePointsOf', lowerCase, (usernames, options) =>
      answerEach(usernames, (username) => api.resumePointsOf(username, options), lowerCase),
    ),
    certificatesOf: cache(
      'certificatesOf',
      lowerCase,
      async (usernames, options) => {
        const asOf = clock();
        const answers = await keyed.readCertificates(usernames, options);
        for (const username of usernames) {
          const answer = answers.get(lowerCase(username));
          if (answer && 'value' in answer) memory.certificatesSeen(username, answer.value, asOf);
        }
        return answers;
      },
      lowerCase,
    ),
    lmsUser: cache('lmsUser', lowerCase, keyed.readAccounts),
    lmsIdentity: cache('lmsIdentity', ({ username }) => username.toLowerCase(), keyed.readIdentities),
    mapping: cache('mapping', lowerCase, keyed.readMappings),
  };
}
