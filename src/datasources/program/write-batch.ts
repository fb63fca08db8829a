import type { RowOutcome } from '../../entities/operation.entity.js';
import { UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import type { LmsClient } from '../lms/lms-client.js';
import { errorCodeOf } from '../lms/refusals.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { type EnrollmentPlace, enrollmentsPath, findPresent } from './find-enrollments.js';
import { foldKey } from './judge-row.js';
import { answerByPresence, explainRefusal, type RowAnswer, readRowAnswers, type WriteMethod } from './write-answer.js';

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

export interface WrittenRow {
  row: EnrollmentWrite;
  outcome: RowOutcome;
  /** Null for a row that went well. */
  reason: string | null;
}

export interface BatchWrite {
  client: Pick<LmsClient, 'request'>;
  place: WritePlace;
  method: WriteMethod;
  options: CallOptions;
}

/** With none that was taken, so many rows that fail alone say that it is the LMS that fails, unless there are hardly more. */
const telling = 2;
const fewRows = 4;

/** What is known of a batch so far. */
interface Progress {
  settled: WrittenRow[];
  /** Rows of which the LMS has not said how they ended, with how it came to this. */
  unsaid: { row: EnrollmentWrite; what: string }[];
  isAnyTaken: boolean;
  size: number;
  /** Whether sending a row again does not do the same again. */
  isOnce: boolean;
}

/**
 * Writes at most 25 rows whose keys differ.
 *
 * @returns the rows that are settled; `trouble` when there are others
 * @throws UpstreamRejectedError when the LMS does not have the program; the signal's reason
 */
export async function writeBatch(
  write: BatchWrite,
  rows: readonly EnrollmentWrite[],
): Promise<{ rows: WrittenRow[]; trouble: UpstreamUnavailableError | undefined }> {
  const progress: Progress = {
    settled: [],
    unsaid: [],
    isAnyTaken: false,
    size: rows.length,
    isOnce: write.method === 'POST',
  };
  let trouble: UpstreamUnavailableError | undefined;
  try {
    await writeInParts(write, rows, progress);
    await lookUp(write, progress);
  } catch (error) {
    if (isUnknownCourse(error)) return { rows: rows.map((row) => ({ row, ...unknownCourse })), trouble: undefined };
    if (!(error instanceof UpstreamUnavailableError)) throw error;
    trouble = error;
  }
  return { rows: progress.settled, trouble };
}

/** What the LMS says of a course run that it does not have, or not in this program. */
const courseCodes = new Set(['course_does_not_exist', 'invalid_course_key', 'course_not_in_program']);
const unknownCourse: RowAnswer = {
  outcome: 'COURSE_NOT_FOUND',
  reason: 'The LMS does not have this course run in the program. Its command cache_programs brings it up to date.',
};

function isUnknownCourse(error: unknown): boolean {
  if (!(error instanceof UpstreamRejectedError) || error.status !== 404) return false;
  const code = errorCodeOf(error.body);
  return code !== undefined && courseCodes.has(code);
}

async function writeInParts(write: BatchWrite, rows: readonly EnrollmentWrite[], progress: Progress): Promise<void> {
  let answer: UpstreamAnswer;
  try {
    answer = await send(write, rows);
  } catch (error) {
    const mayBeThere = error instanceof UpstreamUnavailableError && error.mayHaveHappened && write.method === 'POST';
    if (!mayBeThere) throw error;
    // Sending an addition again would answer that the learner is there already.
    for (const row of rows) progress.unsaid.push({ row, what: 'The LMS’s answer was lost. Send the row again.' });
    return;
  }
  const { status, body } = answer;
  const level = write.place.courseKey === undefined ? 'program' : 'course';
  const answers = status < 300 || status === 422 ? readRowAnswers(body, level) : undefined;
  if (answers) {
    progress.isAnyTaken = true;
    for (const row of rows) settle(row, answers.get(foldKey(row.externalKey)), progress);
    return;
  }
  if (status < 300) throw unavailable('lms', 'bad-answer', { status, mayHaveHappened: write.method === 'POST' });
  const [only] = rows;
  if (rows.length === 1 && only) {
    refuseAlone(only, answer, progress);
    return;
  }
  const middle = Math.ceil(rows.length / 2);
  await writeInParts(write, rows.slice(0, middle), progress);
  await writeInParts(write, rows.slice(middle), progress);
}

function settle(row: EnrollmentWrite, answer: RowAnswer | undefined, { settled, unsaid }: Progress): void {
  if (answer) settled.push({ row, ...answer });
  else unsaid.push({ row, what: 'The LMS did not say what became of this row.' });
}

/** @throws UpstreamUnavailableError when it is not the row that is to blame */
function refuseAlone(row: EnrollmentWrite, { status, body }: UpstreamAnswer, progress: Progress): void {
  if (status !== 500) {
    progress.isAnyTaken = true;
    progress.settled.push({ row, outcome: 'UPSTREAM_REJECTED', reason: explainRefusal(body) });
    return;
  }
  progress.unsaid.push({
    row,
    what: 'The LMS fails with this row. Is the learner in the program by another key, and does the LMS know the organization?',
  });
  if (!progress.isAnyTaken && progress.size > fewRows && progress.unsaid.length >= telling)
    throw unavailable('lms', 'server-error', { status, mayHaveHappened: progress.isOnce });
}

/** Looks up what became of rows that the LMS has said nothing of. */
async function lookUp({ client, place, method, options }: BatchWrite, { unsaid, settled }: Progress): Promise<void> {
  const keys = new Set(unsaid.map(({ row }) => foldKey(row.externalKey)));
  const present = await findPresent(client, place, keys, options);
  for (const { row, what } of unsaid) {
    const found = present.get(foldKey(row.externalKey));
    settled.push({ row, ...answerByPresence({ status: row.status, method }, found, what) });
  }
}

function send({ client, place, method, options }: BatchWrite, rows: readonly EnrollmentWrite[]) {
  const { courseKey, curriculumUuid } = place;
  return client.request(
    {
      operation: 'program-enrollment.write',
      family: 'program-enrollments',
      method,
      path: enrollmentsPath(place),
      body: {
        json: rows.map(({ externalKey, status, courseStaff }) => ({
          student_key: externalKey,
          status,
          ...(courseKey === undefined && method !== 'PATCH' && { curriculum_uuid: curriculumUuid }),
          ...(courseKey !== undefined && courseStaff !== undefined && { course_staff: courseStaff }),
        })),
      },
      credentials: 'worker',
      isIdempotent: method !== 'POST',
      reads500: true,
      read: (answer) => {
        if (answer.status === 403) throw unavailable('lms', 'credentials', { status: 403 });
        if (answer.status === 404) throw notThere(answer);
        return answer;
      },
    },
    options,
  );
}

/** The LMS's words for what it does not have. */
function notThere(answer: UpstreamAnswer): UpstreamRejectedError {
  const code = errorCodeOf(answer.body);
  if (code === undefined || code === 'program_does_not_exist')
    return new UpstreamRejectedError(
      'The LMS does not know this program. It learns of programs by its command cache_programs: run that, then try again.',
      { upstream: 'lms', status: 404, body: answer.body },
    );
  return rejected('lms', 'program-enrollment.write', answer);
}
