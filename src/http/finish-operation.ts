import type { ExecutionResult, FormattedExecutionResult, GraphQLError, OperationDefinitionNode } from 'graphql';
import { DatabaseUnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { GraphContext } from '../resolvers/context.js';
import { causeOf, presentError } from '../resolvers/errors.js';
import { finishResult } from '../resolvers/finish-result.js';

/** What an operation came to. */
export interface OperationOutcome {
  result: { data?: ExecutionResult['data'] | undefined; extensions?: ExecutionResult['extensions'] | undefined };
  errors: readonly GraphQLError[] | undefined;
  context: GraphContext;
  operation: OperationDefinitionNode | undefined;
  /** Undefined when it was refused before that was known. */
  cost: number | undefined;
  /** Of `performance.now()`. */
  startedAt: number;
}

export interface FinishedOperation {
  answer: FormattedExecutionResult;
  /** Why nothing came of it, when that is so because the database is away: whoever stands between shall be able to tell. */
  outage: DatabaseUnavailableError | undefined;
}

export interface FinishOperationOptions {
  logger: Logger;
  /** Told of each operation: the code is that of its first error, or `OK`. */
  onOperation?: ((fact: { name: string; type: string; code: string; durationMs: number }) => void) | undefined;
}

/**
 * Makes the answer of an operation as its client may see it, and tells log and metrics of it. A subscription is told of when it
 * stands, or is refused.
 */
export type FinishOperation = (outcome: OperationOutcome) => FinishedOperation;

export function createFinishOperation({ logger, onOperation }: FinishOperationOptions): FinishOperation {
  // There is nothing in these lines to be looked through for secrets.
  const operationLog = logger.child({}, { redact: { paths: [] } });
  return ({ result, errors, context, operation, cost, startedAt }) => {
    const answer = finishResult(result, errors, { context, cost, logger });
    const durationMs = performance.now() - startedAt;
    const codes = [...new Set(errors?.map((error) => String(presentError(error).extensions?.code)))];
    const name = operation?.name?.value;
    const tell = () => {
      onOperation?.({
        name: nameForFigures(name, context),
        type: operation?.operation ?? 'none',
        code: codes[0] ?? 'OK',
        durationMs,
      });
      operationLog.info(
        {
          requestId: context.requestId,
          operation: name ?? 'anonymous',
          type: operation?.operation,
          accountId: context.viewer.account?.id,
          clientId: context.viewer.clientId,
          codes,
          cost,
          ms: Math.round(durationMs),
        },
        'operation',
      );
    };
    // The answer goes first.
    setImmediate(tell);
    return { answer, outage: outageBehind(answer.data, errors) };
  };
}

/** Strangers choose no names of figures. */
function nameForFigures(name: string | undefined, { viewer }: GraphContext): string {
  if (!name) return 'anonymous';
  return viewer.via === 'nobody' ? 'other' : name;
}

function outageBehind(
  data: FormattedExecutionResult['data'] | undefined,
  errors: readonly GraphQLError[] | undefined,
): DatabaseUnavailableError | undefined {
  const outage = errors?.map(causeOf).find((cause) => cause instanceof DatabaseUnavailableError);
  return outage && Object.values(data ?? {}).every((value) => value === null) ? outage : undefined;
}
