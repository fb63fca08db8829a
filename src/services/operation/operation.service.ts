import {
  type Operation,
  OperationEntity,
  type OperationRow,
  OperationRowEntity,
  type RowOutcome,
} from '../../entities/operation.entity.js';
import { NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import { findNewestPage, findPage, type Page, type PageRequest } from '../keyset.js';
import { type BeginOptions, beginOperation } from './begin.js';
import { type CancelDeps, requestCancellation } from './cancel.js';
import { type CarryOutDeps, carryOut } from './carry-out.js';
import { type OperationFilter, whereOperations } from './filter.js';
import { followOperation } from './follow.js';
import type { OperationInputs, OperationKind } from './inputs.js';
import type { OperationDefinition } from './kinds.js';
import { firstOfLane } from './lane.js';
import { resumeForgotten } from './resume-forgotten.js';
import { retryOperation } from './retry.js';

export type { Operation, OperationRow };

/**
 * Work that outlasts a request: stored with its job before anything happens, carried out by one process at a time, and gone on
 * with by another when that one is killed; every row says what became of it. Whoever calls has checked access.
 */
export interface OperationService {
  /**
   * Begins an operation, or answers the one that the same request, or an equal one that is not finished, has begun.
   *
   * @throws InvalidInputError `IDEMPOTENCY_KEY_REUSED`
   */
  begin<Kind extends OperationKind>(
    kind: Kind,
    input: OperationInputs[Kind],
    actor: Actor,
    options?: BeginOptions,
  ): Promise<Operation>;
  /** Whether one of the same lane is not finished, so that this one would wait. */
  isBusy<Kind extends OperationKind>(kind: Kind, input: OperationInputs[Kind]): Promise<boolean>;
  /** Carries it out as far as it comes: body of the job. */
  run(id: string, stop?: AbortSignal): Promise<void>;
  /**
   * Waits for the end, and does the work meanwhile when no worker does; for commands.
   *
   * @param onProgress - told of the operation now and then
   * @throws NotFoundError
   */
  follow(
    id: string,
    options?: { onProgress?: (operation: Operation) => void; signal?: AbortSignal },
  ): Promise<Operation>;
  /**
   * Stops it between two rows; rows that are left become CANCELLED. What has ended stays as it is. Harmless to repeat.
   *
   * @throws NotFoundError
   */
  cancel(id: string, actor: Actor): Promise<Operation>;
  /**
   * Begins an operation that does the rows again that failed or were not done. Answers the one that is under way already.
   *
   * @throws NotFoundError; ConflictError when it is not finished, or no row failed
   */
  retry(id: string, actor: Actor): Promise<Operation>;
  /** Gives those a job that nobody works on; body of the job of the schedule. @returns how many */
  resumeForgotten(): Promise<number>;
  findByIds(ids: readonly string[]): Promise<Operation[]>;
  /** Newest first. */
  list(filter: OperationFilter, page: PageRequest): Promise<Page<Operation>>;
  /** In the order of their numbers; rows that are still to be done are left out, and by `isFailed` those that succeeded. */
  rows(
    operationId: string,
    filter: { outcome?: RowOutcome | undefined; isFailed?: boolean | undefined },
    page: PageRequest,
  ): Promise<Page<OperationRow>>;
}

export function createOperationService(deps: CarryOutDeps & CancelDeps): OperationService {
  const { em, clock, kinds } = deps;

  const find = async (id: string): Promise<Operation> => {
    const operation = await em.fork().findOne(OperationEntity, { id });
    if (!operation) throw new NotFoundError('There is no such operation.');
    return operation;
  };

  return {
    begin(kind, input, actor, options = {}) {
      const definition: OperationDefinition<typeof kind> | undefined = kinds[kind];
      if (!definition) throw new Error(`there are no operations of kind ${kind}`);
      const begin = (tx: typeof em) => beginOperation(tx, kind, definition, input, { ...options, actor, now: clock() });
      return options.tx ? begin(options.tx) : em.fork().transactional(begin);
    },
    async isBusy(kind, input) {
      const definition: OperationDefinition<typeof kind> | undefined = kinds[kind];
      const lane = definition?.lane ? definition.lane(input) : kind;
      return lane !== null && (await firstOfLane(em.fork(), lane)) !== undefined;
    },
    run: (id, stop) => carryOut(deps, id, { stop, isJob: true }),
    follow: (id, options) => followOperation(deps, () => find(id), options),
    async cancel(id, actor) {
      await requestCancellation(deps, await find(id), actor);
      await carryOut(deps, id);
      return find(id);
    },
    retry: async (id, actor) => retryOperation(deps, await find(id), actor),
    resumeForgotten: () => resumeForgotten(em.fork()),
    findByIds: (ids) => em.fork().find(OperationEntity, { id: { $in: [...ids] } }),
    list: (filter, page) => findNewestPage(em.fork(), OperationEntity, whereOperations(filter, clock()), page),
    rows: (operationId, { outcome, isFailed = false }, page) => {
      // `<>` leaves out what is null, too.
      const wanted = isFailed ? { $ne: 'OK' as const } : { $ne: null };
      return findPage(em.fork(), OperationRowEntity, { operationId, outcome: outcome ?? wanted }, page);
    },
  };
}
