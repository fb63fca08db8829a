import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import type { OperationRun } from './run.js';

/**
 * Every kind of operation with its input: ids and words only, never a secret. A new kind is a line here, its body in
 * `src/app/operation-kinds.ts` and its description in the graph's enum; what is missing does not compile.
 */
export interface OperationInputs {
  /** Sees to it that learners have an LMS user and an API token there; those who lack either when no accounts are given. */
  REPAIR_EDX_LINKS: {
    accountIds?: readonly string[];
    /** Most learners of this operation. */
    limit?: number;
    /** Learners at a time. */
    parallel?: number;
  };
}
export type OperationKind = keyof OperationInputs;

/** What came of an operation beside its rows, e.g. counters; ids and words only. */
export type OperationSummary = Record<string, unknown>;

/** How operations of one kind are carried out. */
export interface OperationDefinition<Kind extends OperationKind> {
  /**
   * Operations of one lane run one after the other, in the order in which they were begun. Left out: all of the kind. Null: this
   * one is in nobody's way.
   */
  lane?(input: OperationInputs[Kind]): string | null;
  /** Whether asking for the same again, while that is not finished, answers the one that is there. */
  isJoined: boolean;
  /**
   * Does the work. May be called again for the same operation after its process was killed, or its upstream was away: it goes on
   * where `checkpoint` and the rows without outcome say.
   *
   * @throws UpstreamUnavailableError - the operation waits, and goes on; every other error that callers may see ends it as FAILED
   */
  run(run: OperationRun<Kind>): Promise<OperationSummary | undefined>;
}

export type OperationDefinitions = { readonly [Kind in OperationKind]: OperationDefinition<Kind> };

/** Why an operation failed as a whole. */
export type OperationFailure = UpstreamFailure;
