import type { OperationState, RowOutcome } from '../../entities/operation.entity.js';
import type { OperationKind } from '../../services/operation/inputs.js';
import { describeEnum } from '../describe-enum.js';

export const OperationKindEnum = describeEnum<OperationKind>('OperationKind', 'What an operation does.', {
  RECONCILE: 'Compares enrollments with the LMS: one row for each that differs, whose reason says how.',
  RETRY_ENROLLMENTS: 'Has enrollments that failed, or wait, tried at once.',
  BULK_ENROLL: 'Enrolls or unenrolls many people: one row for each.',
  UPLOAD_PROGRAM_ENROLLMENTS: 'Writes the enrollments in a program that a file asks for: one row for each of its rows.',
  UPLOAD_COURSE_ENROLLMENTS: 'Writes the enrollments in course runs of a program that a file asks for.',
  EXPORT_PROGRAM_ENROLLMENTS: 'Writes the learners of a program to a file, see `download`.',
  EXPORT_COURSE_ENROLLMENTS: 'Writes the learners of course runs of a program to a file, see `download`.',
  EXPORT_PROGRAM_GRADES: "Writes the grades of a program's learners in a course run to a file, see `download`.",
  WRITE_PROGRAM_ENROLLMENTS: 'Writes a few enrollments in a program.',
  WRITE_COURSE_ENROLLMENTS: 'Writes a few enrollments in course runs of a program.',
  CHECK_EDX_LINKS: 'Compares every link with the LMS; rows are those that differ, with how.',
  REPAIR_EDX_LINKS: 'Gives learners the LMS user and the API token that they lack.',
  SYNC_COURSE_RUNS: 'Takes course runs of the LMS over: titles, dates, modes.',
  SYNC_PROGRAMS: 'Takes programs of Discovery over, and their learners from the LMS: one row for each program.',
  SYNC_GRADES: 'Pulls grades and certificates of the LMS.',
  EXPORT_GRADES: 'Writes grades to a file, see `download`.',
});

export const OperationStateEnum = describeEnum<OperationState>('OperationState', 'How far an operation is.', {
  QUEUED: 'Waits for a worker, or for one before it that must not run at the same time.',
  RUNNING: 'Under way; where it waits for an upstream, `failure` and `nextAttemptAt` say so.',
  SUCCEEDED: 'Done, every row well.',
  PARTIAL: 'Done, some rows failed: `retryOperation` does those again.',
  FAILED: 'No row succeeded, or it failed as a whole: `failure` says why.',
  CANCELED: 'Stopped by somebody; rows that were left are CANCELLED.',
});

export const RowOutcomeEnum = describeEnum<RowOutcome>('RowOutcome', 'What became of a row of an operation.', {
  OK: 'Done, or nothing had to be done.',
  DUPLICATED: 'The same key stands in another row too: nothing was written for either.',
  INVALID_STATUS: 'The status is none, or cannot follow the present one.',
  CONFLICT: 'Another state of things stands against it.',
  NOT_IN_PROGRAM: 'The learner is not in the program.',
  NOT_FOUND: 'There is nobody, or nothing, by this key.',
  COURSE_NOT_FOUND: 'There is no such course run.',
  INTERNAL_ERROR: 'A fault of Portico; its log says what.',
  INVALID: 'The row cannot be read, or holds what can never be right.',
  UPSTREAM_TIMEOUT: 'The upstream did not answer in time.',
  UPSTREAM_REJECTED: 'The upstream refused.',
  UPSTREAM_FORBIDDEN: 'The upstream does not let Portico do this.',
  CANCELLED: 'The operation was canceled before this row was done.',
});
