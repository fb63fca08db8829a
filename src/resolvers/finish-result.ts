import type { ExecutionResult, FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Logger } from '../logger.js';
import type { GraphContext } from './context.js';
import { presentError, reportErrors } from './errors.js';

/**
 * The last step of every answer, whatever the transport: errors as clients may see them (and in the log), and what else a
 * client is told beside the data. STAFF sees what the operation costs, and by which plans the LMS was asked.
 *
 * @param cost - of the operation
 */
export function finishResult(
  result: { data?: ExecutionResult['data'] | undefined; extensions?: ExecutionResult['extensions'] | undefined },
  errors: readonly GraphQLError[] | undefined,
  { context, cost, logger }: { context: GraphContext; cost: number | undefined; logger: Logger },
): FormattedExecutionResult {
  if (errors) reportErrors(errors, logger.child({ requestId: context.requestId }));
  const trouble = context.learning.upstreamTrouble();
  const isStaff = context.viewer.roles.has('STAFF');
  const plans = isStaff ? context.learning.plans() : [];
  const extensions = {
    ...result.extensions,
    ...(trouble.length > 0 && { upstreams: trouble }),
    ...(cost !== undefined && isStaff && { cost }),
    ...(plans.length > 0 && { plans }),
  };
  return {
    ...(errors && { errors: errors.map((error) => presentError(error, context.requestId)) }),
    ...(result.data !== undefined && { data: result.data }),
    ...(Object.keys(extensions).length > 0 && { extensions }),
  };
}
