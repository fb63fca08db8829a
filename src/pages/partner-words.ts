import type { Operation, OperationRow } from '../services/operation/operation.service.js';
import type { ProgramPermission } from '../services/partner-grant/partner-roles.js';
import type { StateView } from '../web/partner-program.page.js';
import type { RowView } from '../web/partner-work.page.js';
import type { FixedText, Words } from '../words/words.js';

const rights: Readonly<Record<ProgramPermission, FixedText>> = {
  READ_METADATA: 'see the program',
  READ_ENROLLMENTS: 'read enrollments and grades',
  WRITE_ENROLLMENTS: 'change enrollments',
  READ_REPORTS: 'read reports',
};

/** What somebody may do with a program, in words. */
export function describeRights(permissions: Iterable<ProgramPermission>, words: Words): string {
  return words('You may: {rights}', { rights: words.list([...permissions].map((each) => words(rights[each]))) });
}

const kinds: Readonly<Record<string, FixedText>> = {
  UPLOAD_PROGRAM_ENROLLMENTS: 'Upload of learners of the program',
  UPLOAD_COURSE_ENROLLMENTS: 'Upload of learners of course runs',
  EXPORT_PROGRAM_ENROLLMENTS: 'Download of learners of the program',
  EXPORT_COURSE_ENROLLMENTS: 'Download of learners of course runs',
  EXPORT_PROGRAM_GRADES: 'Download of grades',
};
const checks: Readonly<Record<string, FixedText>> = {
  UPLOAD_PROGRAM_ENROLLMENTS: 'What a file of learners of the program would change',
  UPLOAD_COURSE_ENROLLMENTS: 'What a file of learners of course runs would change',
};

/** What an upload or a download is called. */
export function describeKind({ kind, input }: Pick<Operation, 'kind' | 'input'>, words: Words): string {
  const text = (input.isDryRun === true ? checks[kind] : undefined) ?? kinds[kind];
  return text ? words(text) : kind;
}

const states: Readonly<Record<string, { text: FixedText; tone: StateView['tone'] }>> = {
  QUEUED: { text: 'Waits for its turn', tone: 'wait' },
  RUNNING: { text: 'Under way', tone: 'wait' },
  SUCCEEDED: { text: 'Done', tone: 'good' },
  PARTIAL: { text: 'Done, some rows failed', tone: 'bad' },
  FAILED: { text: 'Failed', tone: 'bad' },
  CANCELED: { text: 'Stopped', tone: 'bad' },
};

export function describeState({ state }: Pick<Operation, 'state'>, words: Words): StateView {
  const known = states[state];
  return known ? { label: words(known.text), tone: known.tone } : { label: state, tone: 'wait' };
}

/** How far it is. */
export function describeProgress({ done, failed, total }: Operation, words: Words): string {
  if (total == null) return words('{done} rows so far', { done });
  return words('{done} of {total} rows, {failed} of them failed', { done, total, failed });
}

/** Why it failed as a whole, or what it waits for. */
export function describeTrouble({ failure, nextAttemptAt, finishedAt }: Operation, words: Words): string | undefined {
  if (!failure) return undefined;
  const reason = words.ofError(failure);
  if (finishedAt != null || nextAttemptAt == null) return reason;
  return words('{reason} It goes on by itself at {when}.', { reason, when: words.time(nextAttemptAt) });
}

const outcomes: Readonly<Record<NonNullable<OperationRow['outcome']>, FixedText>> = {
  OK: 'Done',
  DUPLICATED: 'Twice in the file',
  INVALID_STATUS: 'Wrong status',
  CONFLICT: 'Already there',
  NOT_IN_PROGRAM: 'Not in the program',
  NOT_FOUND: 'Not found',
  COURSE_NOT_FOUND: 'Unknown course run',
  INTERNAL_ERROR: 'Fault at the learning site',
  INVALID: 'Cannot be right',
  UPSTREAM_TIMEOUT: 'No answer',
  UPSTREAM_REJECTED: 'Refused by the learning site',
  UPSTREAM_FORBIDDEN: 'Not allowed',
  CANCELLED: 'Not done',
};

export function viewRow({ number, key, input, outcome, reason }: OperationRow, words: Words): RowView {
  const course = typeof input?.courseId === 'string' ? input.courseId : '';
  const status = typeof input?.status === 'string' ? input.status : '';
  return {
    key: key || words('(no key)'),
    place: [words('Row {number}', { number }), course, status].filter(Boolean).join(' · '),
    outcome: { label: words(outcomes[outcome ?? 'OK']), tone: outcome === 'OK' ? 'good' : 'bad' },
    reason: reason == null ? undefined : words.ofError({ message: reason }),
  };
}
