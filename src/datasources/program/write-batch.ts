import type { RowOutcome } from '../../entities/operation.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { BatchAnswer, EnrollmentStore, EnrollmentWrite, WritePlace } from './enrollment-store.js';
import { findPresent } from './find-enrollments.js';
import { foldKey } from './judge-row.js';
import { answerByPresence, type RowAnswer, type WriteMethod } from './write-answer.js';

export interface WrittenRow {
  row: EnrollmentWrite;
  outcome: RowOutcome;
  /** Null for a row that went well. */
  reason: string | null;
}

export interface BatchWrite {
  store: EnrollmentStore;
  place: WritePlace;
  method: WriteMethod;
  options: CallOptions;
}

/** With none that was taken, so many rows that fail alone say that it is the upstream that fails, unless there are hardly more. */
const telling = 2;
const fewRows = 4;

/** What is known of a batch so far. */
interface Progress {
  settled: WrittenRow[];
  /** Rows of which nobody has said how they ended, with how it came to this. */
  unsaid: { row: EnrollmentWrite; what: string }[];
  isAnyTaken: boolean;
  size: number;
}

/**
 * Writes at most 25 rows whose keys differ.
 *
 * @returns the rows that are settled; `trouble` when there are others
 * @throws UpstreamRejectedError when the program is not there; the signal's reason
 */
export async function writeBatch(
  write: BatchWrite,
  rows: readonly EnrollmentWrite[],
): Promise<{ rows: WrittenRow[]; trouble: UpstreamUnavailableError | undefined }> {
  const progress: Progress = { settled: [], unsaid: [], isAnyTaken: false, size: rows.length };
  let trouble: UpstreamUnavailableError | undefined;
  try {
    await writeInParts(write, rows, progress);
    await lookUp(write, progress);
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError)) throw error;
    trouble = error;
  }
  return { rows: progress.settled, trouble };
}

async function writeInParts(write: BatchWrite, rows: readonly EnrollmentWrite[], progress: Progress): Promise<void> {
  let answer: BatchAnswer;
  try {
    answer = await write.store.send(write, rows);
  } catch (error) {
    const mayBeThere = error instanceof UpstreamUnavailableError && error.mayHaveHappened && write.method === 'POST';
    if (!mayBeThere) throw error;
    // Sending an addition again would answer that the learner is there already.
    for (const row of rows) progress.unsaid.push({ row, what: 'The answer was lost. Send the row again.' });
    return;
  }
  if (answer.kind === 'rows' || answer.kind === 'all') {
    progress.isAnyTaken = true;
    for (const row of rows)
      settle(row, answer.kind === 'all' ? answer.answer : answer.answers.get(foldKey(row.externalKey)), progress);
    return;
  }
  const [only] = rows;
  if (rows.length === 1 && only) {
    refuseAlone(write, only, { answer, progress });
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
function refuseAlone(
  { store, method }: BatchWrite,
  row: EnrollmentWrite,
  { answer, progress }: { answer: Extract<BatchAnswer, { kind: 'refused' | 'failed' }>; progress: Progress },
): void {
  if (answer.kind === 'refused') {
    progress.isAnyTaken = true;
    progress.settled.push({ row, ...answer.alone });
    return;
  }
  progress.unsaid.push({ row, what: answer.what });
  if (!progress.isAnyTaken && progress.size > fewRows && progress.unsaid.length >= telling)
    throw unavailable(store.upstream, 'server-error', { status: answer.status, mayHaveHappened: method === 'POST' });
}

/** Looks up what became of rows of which nothing was said. */
async function lookUp({ store, place, method, options }: BatchWrite, { unsaid, settled }: Progress): Promise<void> {
  const keys = new Set(unsaid.map(({ row }) => foldKey(row.externalKey)));
  const present = await findPresent(() => store.list(place, options), keys);
  for (const { row, what } of unsaid) {
    const found = present.get(foldKey(row.externalKey));
    settled.push({ row, ...answerByPresence({ status: row.status, method }, found, what) });
  }
}
