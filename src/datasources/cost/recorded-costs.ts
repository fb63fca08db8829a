/** Milliseconds that an upstream takes for a call, and for each row of its answer. */
export interface Cost {
  callMs: number;
  rowMs: number;
}

export interface RecordedCost extends Cost {
  /** Rows of an everyday answer; 0 where there is always one. */
  usualRows: number;
}

/**
 * What reads of an LMS cost, fitted to medians of an Open edX "Teak" installation (gunicorn, 2 processes with 4 threads). They
 * serve until an LMS has shown its own costs; what matters in them are the proportions.
 */
export const recordedCosts = {
  'enrollment.list': { callMs: 29, rowMs: 0.5, usualRows: 100 },
  /** Filtered by several course runs, which the LMS matches as parts of keys. */
  'enrollment.list-by-runs': { callMs: 50, rowMs: 0.55, usualRows: 100 },
  'enrollment.list-of-user': { callMs: 30, rowMs: 5, usualRows: 5 },
  'enrollment.read': { callMs: 32, rowMs: 0, usualRows: 0 },
  'grade.read': { callMs: 31, rowMs: 0, usualRows: 0 },
  'grade.list': { callMs: 70, rowMs: 1.37, usualRows: 200 },
  /** Of one learner in one run: a row of the gradebook. */
  'grade.sections': { callMs: 68, rowMs: 0, usualRows: 0 },
  'certificate.list': { callMs: 36, rowMs: 10, usualRows: 1 },
  'certificate.read': { callMs: 32, rowMs: 0, usualRows: 0 },
  'account.list': { callMs: 25, rowMs: 18, usualRows: 25 },
  'account.by-email': { callMs: 43, rowMs: 0, usualRows: 0 },
  'account.search-emails': { callMs: 29, rowMs: 0.05, usualRows: 100 },
  'mapping.list': { callMs: 32, rowMs: 0.05, usualRows: 50 },
  'course.list': { callMs: 40, rowMs: 2, usualRows: 20 },
  'course.read': { callMs: 46, rowMs: 0, usualRows: 0 },
  /** Not measured: taken for a cheap read. */
  'course-mode.list': { callMs: 30, rowMs: 1, usualRows: 3 },
  /** Not measured: builds the outline of a course for one learner, as the block list does. */
  'progress.read': { callMs: 108, rowMs: 0, usualRows: 0 },
} as const satisfies Record<string, RecordedCost>;

/** A read of the LMS whose cost is known. */
export type Endpoint = keyof typeof recordedCosts;
