/** How a synchronisation of grades and certificates went. */
export interface GradeSyncReport {
  /** Course runs whose grades were read to the end. */
  courseRuns: number;
  /** Runs that could not be read, or not to the end. */
  failedRuns: number;
  /** Runs that the LMS does not have. */
  missingRuns: number;
  /** Grades that were not stored before. */
  created: number;
  updated: number;
  unchanged: number;
  /** Grades of LMS users whom no account is linked to. */
  unknown: number;
  /** Grades that could not be read or stored. */
  failed: number;
  /** Undefined when they were left out. */
  certificates?: CertificateSyncCounts;
  /** The first of the remarks; whoever wants all of them is told as they come. */
  remarks: GradeRemark[];
}

export interface CertificateSyncCounts {
  /** Learners whose certificates were read. */
  learners: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Certificates that the LMS does not list any more. */
  withdrawn: number;
  /** Learners whose certificates could not be read or stored. */
  failed: number;
}

/** What a person should look at. */
export interface GradeRemark {
  courseKey: string | null;
  /** In the LMS; null when it is about a whole course run. */
  username: string | null;
  /** `UNREADABLE`: what the LMS says cannot be understood, is no grade, or cannot be stored. */
  kind: 'UNKNOWN_LEARNER' | 'FAILED' | 'UNREADABLE' | 'MISSING' | 'WITHDRAWN';
  /** A sentence for people. */
  reason: string;
}

export function emptyGradeReport(): GradeSyncReport {
  return {
    courseRuns: 0,
    failedRuns: 0,
    missingRuns: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    unknown: 0,
    failed: 0,
    remarks: [],
  };
}
