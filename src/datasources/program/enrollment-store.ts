import type { UpstreamName } from '../../errors.js';
import type { CallOptions } from '../upstream/call.js';
import type { EnrollmentPlace, PresentEnrollment } from './find-enrollments.js';
import type { RowAnswer, WriteMethod } from './write-answer.js';

/** Where rows are written. */
export interface WritePlace extends EnrollmentPlace {
  /** Of the program's active curriculum; the LMS wants it for enrollments in the program itself. */
  curriculumUuid?: string | undefined;
}

/** One learner, as a partner knows them. */
export interface EnrollmentWrite {
  externalKey: string;
  status: string;
  /** In a course run: whether the learner is one of its staff; left out, that stays as it is. */
  courseStaff?: boolean | undefined;
}

/** What is said of rows that were sent together. */
export type BatchAnswer =
  /** Row by row, by folded key. Of rows that are missing nothing was said. */
  | { kind: 'rows'; answers: ReadonlyMap<string, RowAnswer> }
  /** The same of each. */
  | { kind: 'all'; answer: RowAnswer }
  /** All are refused for what is wrong with one of them; `alone` is what to say of that one when it is sent alone. */
  | { kind: 'refused'; alone: RowAnswer }
  /** None is done, and why is not told; `what` tells a person of a row that fails so when it is sent alone. */
  | { kind: 'failed'; what: string; status: number };

/** Whoever keeps enrollments in programs: the LMS itself, or a Registrar in front of it. */
export interface EnrollmentStore {
  readonly upstream: UpstreamName;
  /**
   * Sends at most 25 rows whose keys differ.
   *
   * @throws UpstreamUnavailableError; UpstreamRejectedError when the program is not there
   */
  send(
    write: { place: WritePlace; method: WriteMethod; options: CallOptions },
    rows: readonly EnrollmentWrite[],
  ): Promise<BatchAnswer>;
  /** Everybody in a place, a page at a time. Learners without a key, whom the LMS made by itself, are left out. */
  list(place: EnrollmentPlace, options: CallOptions): AsyncIterable<PresentEnrollment[]>;
}
