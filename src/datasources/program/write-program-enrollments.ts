import type { UpstreamUnavailableError } from '../../errors.js';
import type { LmsClient } from '../lms/lms-client.js';
import type { CallOptions } from '../upstream/call.js';
import { findPresent, listPresent, type PresentEnrollment } from './find-enrollments.js';
import { judgeRows } from './judge-rows.js';
import type { WriteMethod } from './write-answer.js';
import type { EnrollmentWrite, WritePlace, WrittenRow } from './write-batch.js';
import { writeBatch } from './write-batch.js';

/** Rows of one call: the LMS takes no more. */
export const mostRowsOfCall = 25;

/** What came of a write. */
export interface WriteResult {
  /** One for each row that is settled, in no particular order; all of them without trouble. */
  rows: WrittenRow[];
  /** Why the rows that are not among these could not be settled: nothing of theirs is known to have happened. */
  trouble: UpstreamUnavailableError | undefined;
}

/** Writes and looks up enrollments in programs, and in the course runs of programs, at the LMS. */
export interface ProgramEnrollmentWrites {
  /**
   * Writes rows, as many calls one after the other as it takes. A row that cannot be right is not sent. When the LMS refuses a whole
   * call for one of its rows, it is sent in halves until that row is alone; what the LMS leaves unsaid is looked up.
   *
   * @throws UpstreamRejectedError when the LMS does not have the program at all; the signal's reason
   * @see LMS, `POST`, `PATCH` and `PUT` of `/api/program_enrollments/v1/programs/{uuid}/[courses/{key}/]enrollments/`
   */
  write(
    place: WritePlace,
    rows: readonly EnrollmentWrite[],
    how: { method: WriteMethod },
    options: CallOptions,
  ): Promise<WriteResult>;
  /** Statuses of some learners in a place, by folded key. */
  find(
    place: Pick<WritePlace, 'programUuid' | 'courseKey'>,
    foldedKeys: ReadonlySet<string>,
    options: CallOptions,
  ): Promise<Map<string, string>>;
  /** Everybody in a place, a page at a time. */
  list(place: Pick<WritePlace, 'programUuid' | 'courseKey'>, options: CallOptions): AsyncIterable<PresentEnrollment[]>;
}

export function createProgramEnrollmentWrites(client: Pick<LmsClient, 'request'>): ProgramEnrollmentWrites {
  return {
    find: (place, keys, options) => findPresent(client, place, keys, options),
    list: (place, options) => listPresent(client, place, options),
    async write(place, rows, { method }, options) {
      const { refused, sendable } = judgeRows(rows, place.courseKey === undefined ? 'program' : 'course');
      const settled = [...refused];
      for (let start = 0; start < sendable.length; start += mostRowsOfCall) {
        options.signal?.throwIfAborted();
        const batch = sendable.slice(start, start + mostRowsOfCall);
        const written = await writeBatch({ client, place, method, options }, batch);
        settled.push(...written.rows);
        if (written.trouble) return { rows: settled, trouble: written.trouble };
      }
      return { rows: settled, trouble: undefined };
    },
  };
}
