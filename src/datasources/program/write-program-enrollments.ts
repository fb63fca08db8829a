import type { UpstreamUnavailableError } from '../../errors.js';
import type { CallOptions } from '../upstream/call.js';
import type { EnrollmentStore, EnrollmentWrite, WritePlace } from './enrollment-store.js';
import { type EnrollmentPlace, findPresent, type PresentEnrollment } from './find-enrollments.js';
import { judgeRows } from './judge-rows.js';
import type { WriteMethod } from './write-answer.js';
import { type WrittenRow, writeBatch } from './write-batch.js';

/** Rows of one call: the LMS takes no more. */
export const mostRowsOfCall = 25;

/** What came of a write. */
export interface WriteResult {
  /** One for each row that is settled, in no particular order; all of them without trouble. */
  rows: WrittenRow[];
  /** Why the rows that are not among these could not be settled: nothing of theirs is known to have happened. */
  trouble: UpstreamUnavailableError | undefined;
}

/** Writes and looks up enrollments in programs, and in the course runs of programs. */
export interface ProgramEnrollmentWrites {
  /**
   * Writes rows, as many calls one after the other as it takes. A row that cannot be right is not sent. When a whole call is refused
   * for one of its rows, it is sent in halves until that row is alone; what is left unsaid is looked up.
   *
   * @throws UpstreamRejectedError when the program is not there at all; the signal's reason
   */
  write(
    place: WritePlace,
    rows: readonly EnrollmentWrite[],
    how: { method: WriteMethod },
    options: CallOptions,
  ): Promise<WriteResult>;
  /** Statuses of some learners in a place, by folded key. */
  find(place: EnrollmentPlace, foldedKeys: ReadonlySet<string>, options: CallOptions): Promise<Map<string, string>>;
  /** Everybody in a place, a page at a time. */
  list(place: EnrollmentPlace, options: CallOptions): AsyncIterable<PresentEnrollment[]>;
}

/** Builds the writes over whoever keeps the enrollments. */
export function createProgramEnrollmentWrites(store: EnrollmentStore): ProgramEnrollmentWrites {
  return {
    find: (place, keys, options) => findPresent(() => store.list(place, options), keys),
    list: (place, options) => store.list(place, options),
    async write(place, rows, { method }, options) {
      const { refused, sendable } = judgeRows(rows, place.courseKey === undefined ? 'program' : 'course');
      const settled = [...refused];
      for (let start = 0; start < sendable.length; start += mostRowsOfCall) {
        options.signal?.throwIfAborted();
        const batch = sendable.slice(start, start + mostRowsOfCall);
        const written = await writeBatch({ store, place, method, options }, batch);
        settled.push(...written.rows);
        if (written.trouble) return { rows: settled, trouble: written.trouble };
      }
      return { rows: settled, trouble: undefined };
    },
  };
}
