import type { RowOutcome } from '../../entities/operation.entity.js';

/** What became of a row, in the words of the LMS: its status where that was written, else what stands against it. */
export function wordOf({ outcome, status }: { outcome: RowOutcome | null | undefined; status: string }): string {
  switch (outcome) {
    case 'OK':
      return status;
    case 'DUPLICATED':
    case 'INVALID_STATUS':
    case 'CONFLICT':
    case 'NOT_IN_PROGRAM':
    case 'NOT_FOUND':
    case 'COURSE_NOT_FOUND':
      return outcome.toLowerCase().replaceAll('_', '-');
    // Portico's own ones: that vocabulary has one word for all other trouble.
    default:
      return 'internal-error';
  }
}
