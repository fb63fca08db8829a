import type { OperationInputs, OperationKind, OperationSummary } from './inputs.js';
import type { OperationRun } from './run.js';

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
