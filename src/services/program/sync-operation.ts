import { NotFoundError, UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { RowResult, TakenRow } from '../operation/rows.js';
import type { OperationRun } from '../operation/run.js';
import type { ProgramLearners } from './learners.js';
import type { ProgramService } from './program.service.js';

type Run = OperationRun<'SYNC_PROGRAMS'>;

interface Deps {
  programs: Pick<ProgramService, 'sync' | 'list' | 'findByKey' | 'source'>;
  programLearners: Pick<ProgramLearners, 'read'>;
}

/**
 * Takes programs over from Discovery, and the learners of each from the LMS: one row for each program. A program that several
 * organizations author is a row, too, until a person has said which of them manages it.
 */
export function createSyncPrograms(deps: Deps): OperationDefinition<'SYNC_PROGRAMS'> {
  return {
    isJoined: true,
    async run(run) {
      const summary = run.checkpoint === undefined && run.retryOf === null ? await planPrograms(deps, run) : {};
      const count = { learners: 0, courseEnrollments: 0 };
      for (let [row] = await run.take(1); row; [row] = await run.take(1)) {
        run.signal.throwIfAborted();
        await run.record([await syncOne(deps, run, row, count)]);
      }
      return { ...summary, ...count };
    },
  };
}

async function planPrograms({ programs }: Deps, run: Run): Promise<Record<string, unknown>> {
  const { programKeys } = run.input;
  const { created, updated, undecided, misfits } = programKeys
    ? { created: [], updated: 0, undecided: [], misfits: [] }
    : await programs.sync({ purpose: 'job', signal: run.signal });
  const keys =
    programKeys ?? (await programs.list()).filter((program) => programs.source.isTied(program)).map(({ key }) => key);
  await run.plan(
    keys.map((key) => ({ key })),
    { checkpoint: { isPlanned: true }, total: keys.length + undecided.length },
  );
  await run.record(
    undecided.map(({ key, uuid }) => ({
      key,
      outcome: 'CONFLICT',
      reason: `It is not known which organization manages the program ${uuid || key}: linkProgram says that.`,
    })),
  );
  return { created: created.length, updated, undecided: undecided.length, misfits: misfits.length };
}

async function syncOne(
  { programs, programLearners }: Deps,
  run: Run,
  { number, key }: TakenRow,
  count: { learners: number; courseEnrollments: number },
): Promise<RowResult> {
  try {
    const program = await programs.findByKey(key ?? '');
    if (!program || !programs.source.isTied(program))
      throw new NotFoundError('There is no program of this key that can be asked for.');
    const found = await programLearners.read(program, { purpose: 'job', signal: run.signal });
    count.learners += found.learners;
    count.courseEnrollments += found.courseEnrollments;
    return { number, key, outcome: 'OK', reason: null };
  } catch (error) {
    if (error instanceof NotFoundError) return { number, key, outcome: 'NOT_FOUND', reason: error.message };
    if (error instanceof UpstreamRejectedError)
      return { number, key, outcome: 'UPSTREAM_REJECTED', reason: error.message };
    if (error instanceof UpstreamUnavailableError)
      return { number, key, outcome: 'UPSTREAM_TIMEOUT', reason: error.message };
    throw error;
  }
}
