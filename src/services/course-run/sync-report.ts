/** How a synchronisation of course runs went. */
export interface CourseRunSyncReport {
  created: number;
  updated: number;
  unchanged: number;
  /** Runs that were asked for, or are stored here, and that the LMS does not have (any more); stored ones are kept. */
  missing: number;
  /** Runs of which nothing could be learned, or nothing stored. */
  failed: number;
  /** Keys that no LMS can have. */
  skipped: number;
  /** Of the modes, where they were asked for. */
  modes?: Omit<ModeSyncReport, 'remarks'>;
  /** Every run that is missing, failed, or was skipped, and whatever else a person should look at. */
  remarks: CourseRunRemark[];
}

export interface ModeSyncReport {
  /** Runs whose modes changed. */
  updated: number;
  unchanged: number;
  /** Runs whose modes could not be read or stored. */
  failed: number;
  /** Runs that do not offer both `audit` and `verified`. */
  lacking: number;
  remarks: CourseRunRemark[];
}

export interface CourseRunRemark {
  /** Of the run; `page 3` for a page of the catalogue whose runs are unknown. */
  key: string;
  /** `UNREADABLE`: what the LMS says of it cannot be understood, or not stored. */
  kind: 'INVALID_KEY' | 'MISSING' | 'FAILED' | 'UNREADABLE' | 'MODES';
  /** A sentence for people. */
  reason: string;
}

export function emptyReport(): CourseRunSyncReport {
  return { created: 0, updated: 0, unchanged: 0, missing: 0, failed: 0, skipped: 0, remarks: [] };
}
