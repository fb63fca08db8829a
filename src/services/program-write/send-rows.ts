import { foldKey } from '../../datasources/program/judge-row.js';
import { answerByPresence, type WriteMethod } from '../../datasources/program/write-answer.js';
import { mostRowsOfCall, type ProgramEnrollmentWrites } from '../../datasources/program/write-program-enrollments.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { createGroupedWrites } from '../grouped-writes.js';
import type { OperationKind } from '../operation/inputs.js';
import { type RowResult, storeResults } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import { keepInStep } from './keep-in-step.js';
import { type Batch, planBatches, type SendableRow } from './plan-batches.js';
import { readRowInput } from './row-input.js';
import type { WritableProgram } from './writable-program.js';

export interface SendDeps {
  writes: ProgramEnrollmentWrites;
  clock: () => Date;
}

export interface SendOptions {
  method: WriteMethod;
  /** What becomes of rows that the LMS could not be asked for; left out, the operation waits for the LMS. */
  onTrouble?: (trouble: UpstreamUnavailableError) => Omit<RowResult, 'number' | 'key'>;
}

/** Calls at a time. */
const parallel = 4;
/** Rows taken up at a time: enough that each course run of a program fills calls. */
const windowSize = 200;
/** Batches that are sent and not yet stored. */
const mostUnstored = 16;

interface SettledBatch {
  results: RowResult[];
  written: SendableRow[];
}

/**
 * Sends the rows that have no outcome, 25 in a call and some calls at a time, and stores what became of them. Each row is in one
 * call only; those of which an earlier run did not learn how they ended are looked up first.
 *
 * @throws UpstreamUnavailableError when the LMS is away; what was settled until then is stored
 */
export async function sendRows<Kind extends OperationKind>(
  deps: SendDeps,
  run: OperationRun<Kind>,
  program: WritableProgram,
  options: SendOptions,
): Promise<void> {
  const store = createGroupedWrites<SettledBatch>({
    lanes: 1,
    mostAtOnce: mostUnstored,
    write: (batches) =>
      run.change(async (tx) => {
        const now = deps.clock();
        const written = batches.flatMap((batch) => batch.written);
        if (written.length > 0) await keepInStep(tx, program, written, now);
        return storeResults(
          tx,
          run.id,
          batches.flatMap((batch) => batch.results),
          now,
        );
      }),
  });
  await settleDoubtful(deps, run, program, { ...options, store });
  const batches = createBatchSource(run);
  const unstored = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  const work = async () => {
    while (!failure && !run.signal.aborted) {
      const batch = await batches.next();
      if (!batch) return;
      try {
        const settled = await sendBatch(deps, program, { batch, options });
        const stored = store(settled)
          .catch((error: unknown) => {
            failure ??= { error };
          })
          .finally(() => unstored.delete(stored));
        unstored.add(stored);
        if (settled.trouble) failure ??= { error: settled.trouble };
        if (unstored.size >= mostUnstored) await Promise.race(unstored);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  await Promise.all(unstored);
  // What was fetched ahead was not sent. Were that not said, it would be looked up the next time.
  await run.giveBack(await batches.rest()).catch((error: unknown) => {
    failure ??= { error };
  });
  if (failure) throw failure.error;
}

/** Hands out batches, each once, whoever asks. */
function createBatchSource<Kind extends OperationKind>(
  run: OperationRun<Kind>,
): {
  next(): Promise<Batch | undefined>;
  /** Numbers of the rows that nobody has asked for. */
  rest(): Promise<number[]>;
} {
  const waiting: Batch[] = [];
  let isEmpty = false;
  let refill: Promise<void> | undefined;
  const fetchMore = () => {
    refill ??= run.take(windowSize).then((rows) => {
      waiting.push(...planBatches(rows, mostRowsOfCall));
      isEmpty = rows.length === 0;
      refill = undefined;
    });
    return refill;
  };
  return {
    async next() {
      while (waiting.length === 0 && !isEmpty) await fetchMore();
      const batch = waiting.shift();
      // Fetched while these are sent: nobody waits for the database between two calls.
      if (waiting.length < parallel && !isEmpty) fetchMore().catch(() => undefined);
      return batch;
    },
    async rest() {
      await refill?.catch(() => undefined);
      return waiting.splice(0).flatMap(({ rows }) => rows.map(({ number }) => number));
    },
  };
}

async function sendBatch(
  { writes }: SendDeps,
  program: WritableProgram,
  { batch, options }: { batch: Batch; options: SendOptions },
): Promise<SettledBatch & { trouble: UpstreamUnavailableError | undefined }> {
  const place = placeOf(program, batch.courseKey);
  const byFold = new Map(batch.rows.map((row) => [row.input.fold, row]));
  const { rows, trouble } = await writes.write(
    place,
    batch.rows.map(({ key, input: { status, courseStaff } }) => ({ externalKey: key, status, courseStaff })),
    { method: options.method },
    // Not ended with the operation: what is under way is waited for, so that its rows say what became of them.
    { purpose: 'job', priority: 'bulk' },
  );
  const settled: SettledBatch = { results: [], written: [] };
  for (const { row, outcome, reason } of rows) {
    const planned = byFold.get(foldKey(row.externalKey));
    if (!planned) continue;
    byFold.delete(planned.input.fold);
    settled.results.push(toResult(planned, { outcome, reason }));
    if (outcome === 'OK') settled.written.push(planned);
  }
  if (!trouble || !options.onTrouble) return { ...settled, trouble };
  const result = options.onTrouble(trouble);
  settled.results.push(...[...byFold.values()].map((row) => toResult(row, result)));
  return { ...settled, trouble: undefined };
}

/** Rows that were under way when a run ended without a word: what they were to be, they may be already. */
async function settleDoubtful<Kind extends OperationKind>(
  { writes }: SendDeps,
  run: OperationRun<Kind>,
  program: WritableProgram,
  { method, store }: SendOptions & { store: (batch: SettledBatch) => Promise<void> },
): Promise<void> {
  const doubtful = (await run.taken()).map(({ number, key, input }) => ({
    number,
    key: key ?? '',
    input: readRowInput(input),
  }));
  const byCourse = Map.groupBy(doubtful, ({ input }) => input.courseKey);
  for (const [courseKey, rows] of byCourse) {
    const folds = new Set(rows.map(({ input }) => input.fold));
    const present = await writes.find(placeOf(program, courseKey), folds, { purpose: 'job', signal: run.signal });
    const settled: SettledBatch = { results: [], written: [] };
    for (const row of rows) {
      const found = present.get(row.input.fold);
      // What is not there, or not so, is sent with the others. Whether a learner is staff cannot be seen.
      const isSettled = found === row.input.status && row.input.courseStaff === undefined;
      if (!isSettled && !(method === 'POST' && found !== undefined)) continue;
      const answer = answerByPresence({ status: row.input.status, method }, found, '');
      settled.results.push(toResult(row, answer));
      if (answer.outcome === 'OK') settled.written.push(row);
    }
    if (settled.results.length > 0) await store(settled);
  }
}

function placeOf({ ref, curriculumUuid }: WritableProgram, courseKey: string | undefined) {
  return { program: ref, curriculumUuid: curriculumUuid ?? undefined, courseKey };
}

function toResult(
  { number, key, input: { status, courseId } }: SendableRow,
  { outcome, reason = null, detail = null }: Omit<RowResult, 'number' | 'key'>,
): RowResult {
  return { number, key, outcome, reason, detail: { ...detail, status, ...(courseId !== undefined && { courseId }) } };
}
