import type { UpstreamFailure } from '../../entities/upstream-failure.js';

/**
 * Every kind of operation with its input: ids and words only, never a secret. A new kind is a line here, its body in
 * `src/app/operation-kinds.ts` and its description in the graph's enum; what is missing does not compile.
 */
export interface OperationInputs {
  /** Sees to it that learners have an LMS user and an API token there; those who lack either when no accounts are given. */
  REPAIR_EDX_LINKS: {
    accountIds?: readonly string[];
    /** Most learners of this operation. */
    limit?: number;
    /** Learners at a time. */
    parallel?: number;
  };
  /** Takes course runs of the LMS over: these, or its whole catalogue. */
  SYNC_COURSE_RUNS: { courseKeys?: readonly string[]; withModes?: boolean };
  /** Takes programs over from Discovery, and their learners from the LMS: these, or all. */
  SYNC_PROGRAMS: { programKeys?: readonly string[] };
  /** Pulls grades and certificates: of these runs, or of all that are looked after; of this account, or of everybody. */
  SYNC_GRADES: { courseKeys?: readonly string[]; accountId?: string; withCertificates?: boolean };
  /** Pulls grades, unless the stored ones will do, and writes them to a file that can be downloaded. */
  EXPORT_GRADES: { courseKeys?: readonly string[]; format: 'csv' | 'jsonl'; isStored?: boolean };
  /** Compares enrollments with the LMS: of these learners, in these course runs, or all. */
  RECONCILE: {
    accountIds?: readonly string[];
    courseKeys?: readonly string[];
    isDryRun?: boolean;
    enrollLocalOnly?: boolean;
  };
  /** Has enrollments that failed, or wait, tried at once; active ones too by force. */
  RETRY_ENROLLMENTS: {
    enrollmentIds?: readonly string[];
    accountIds?: readonly string[];
    courseKeys?: readonly string[];
    reasons?: readonly string[];
    isAll?: boolean;
    force?: boolean;
  };
  /** Enrolls or unenrolls whoever its rows name; a dry run says what would become of each. */
  BULK_ENROLL: { action: 'ENROLL' | 'UNENROLL'; isDryRun: boolean; force?: boolean };
  /** Writes the enrollments in a program that a file asks for, which its rows hold or an upload. */
  UPLOAD_PROGRAM_ENROLLMENTS: EnrollmentUpload;
  /** The same for course runs within a program. */
  UPLOAD_COURSE_ENROLLMENTS: EnrollmentUpload;
  /** Writes the learners of a program, as the LMS lists them, to a file that can be downloaded. */
  EXPORT_PROGRAM_ENROLLMENTS: { programId: string; format: 'json' | 'csv' };
  /** The same for a course run of the program, or for all of its active curriculum. */
  EXPORT_COURSE_ENROLLMENTS: { programId: string; courseKey?: string; format: 'json' | 'csv' };
  /** Writes the grades of a program's learners in a course run of it, as the LMS knows them by the partner's keys, to a file. */
  EXPORT_PROGRAM_GRADES: { programId: string; courseKey: string; format: 'json' | 'csv' };
  /** Writes a few enrollments in a program, for whoever waits for the answer. */
  WRITE_PROGRAM_ENROLLMENTS: EnrollmentWriteRequest;
  /** The same for course runs within a program. */
  WRITE_COURSE_ENROLLMENTS: EnrollmentWriteRequest;
  /** Compares every link with the LMS, reports where they disagree, and has that mended. */
  CHECK_EDX_LINKS: Record<string, never>;
}

/** A file whose rows are written as an upsert. */
export interface EnrollmentUpload {
  programId: string;
  isDryRun: boolean;
  /** Where the rows are; left out when they are the operation's own already. */
  uploadId?: string;
  /** Of a file that came with the request: what tells it from another. */
  sha256?: string;
  /** What became of each row is also written to a file that can be downloaded. */
  hasResultFile?: true;
}

/** Added only, changed only, or whichever applies. */
export type EnrollmentWriteMode = 'CREATE' | 'UPDATE' | 'UPSERT';

export interface EnrollmentWriteRequest {
  programId: string;
  mode: EnrollmentWriteMode;
  /** What tells its rows from others. */
  sha256: string;
}

export type OperationKind = keyof OperationInputs;

/** What came of an operation beside its rows, e.g. counters; ids and words only. */
export type OperationSummary = Record<string, unknown>;

/** Why an operation failed as a whole. */
export type OperationFailure = UpstreamFailure;
