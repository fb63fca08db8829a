import { randomUUID } from 'node:crypto';
import { type ExecutionArgs, execute } from 'graphql';
import type { Viewer } from '../../access/viewer.js';
import { DatabaseUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { watchOwnership } from '../access/ownership.js';
import type { CreateGraphContext } from '../context.js';
import { causeOf } from '../errors.js';
import { finishResult } from '../finish-result.js';
import { type FollowableChange, stateOf } from './followable-change.js';
import type { SharedAnswer } from './subscriber.js';

export interface EventAnswer {
  answer: SharedAnswer;
  /** Whether another with the same roles and scopes would have got the same. */
  isSameFor(other: Viewer): boolean;
}

export interface Asking {
  args: ExecutionArgs;
  viewer: Viewer;
  address: string | null;
}

/** Answers one event to one viewer: everything is read anew, and it is noted who else may have the answer. */
export type AnswerEvent = (event: FollowableChange, asking: Asking) => Promise<EventAnswer>;

export function createAnswerEvent({
  createContext,
  logger,
}: {
  createContext: CreateGraphContext;
  logger: Logger;
}): AnswerEvent {
  return async (event, { args, viewer, address }) => {
    const context = createContext({ viewer, requestId: randomUUID(), address });
    const watched = watchOwnership(context);
    const result = await execute({ ...args, rootValue: event, contextValue: watched.context });
    // Not what a subscriber waits for: the state itself will be there when the database is.
    const outage = result.errors?.map(causeOf).find((cause) => cause instanceof DatabaseUnavailableError);
    if (outage) throw outage;
    const finished = finishResult(result, result.errors, { context, cost: undefined, logger });
    return {
      answer: { state: stateOf(event), json: Buffer.from(JSON.stringify(finished)) },
      isSameFor: watched.isSameFor,
    };
  };
}
