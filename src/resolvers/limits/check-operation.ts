import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Viewer } from '../../access/viewer.js';
import { ForbiddenError, UnauthenticatedError } from '../../errors.js';
import { isIntrospecting } from './introspection.js';
import { limits } from './limits.js';
import { operationCost } from './operation-cost.js';
import { refuseUnstorableTexts } from './storable-text.js';

export interface OperationToCheck {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
  viewer: Viewer;
  introspection: 'staff' | 'off';
}

/**
 * What only the caller and the variables decide, so that no cache of documents may answer it: who introspects, what texts
 * come in, and how much an operation may cost. Runs before anything is resolved, for HTTP and WebSocket alike.
 *
 * @returns the operation's cost
 * @throws {@link GraphQLError} with `OPERATION_TOO_COSTLY`, `BAD_USER_INPUT`, `UNAUTHENTICATED` or `FORBIDDEN`
 */
export function checkOperation(check: OperationToCheck): number {
  const { document, operation, variables, viewer, introspection } = check;
  if (isIntrospecting(document, operation)) refuseIntrospection(viewer, introspection);
  refuseUnstorableTexts(variables);
  const cost = costOf(check);
  const limit = viewer.roles.has('STAFF') ? limits.staffCost : limits.cost;
  if (cost > limit)
    throw new GraphQLError(
      `The operation may cost ${cost}, which is above the limit of ${limit}: ask for smaller pages or fewer fields.`,
      { extensions: { code: 'OPERATION_TOO_COSTLY', http: { status: 400 } } },
    );
  return cost;
}

/** Of operations without variables: they cost the same each time, and are asked again as long as their document is remembered. */
const fixedCosts = new WeakMap<OperationDefinitionNode, number>();

/** Nothing for wrong variables: execution says so, with the positions. */
function costOf({ schema, document, operation, variables }: OperationToCheck): number {
  const { variableDefinitions = [] } = operation;
  const fixed = fixedCosts.get(operation);
  if (fixed !== undefined) return fixed;
  const { coerced } = getVariableValues(schema, variableDefinitions, variables);
  if (!coerced) return 0;
  const cost = operationCost(schema, document, operation, coerced);
  if (variableDefinitions.length === 0) fixedCosts.set(operation, cost);
  return cost;
}

function refuseIntrospection(viewer: Viewer, introspection: 'staff' | 'off'): void {
  if (introspection === 'off') throw wrapped(new ForbiddenError('Introspection is switched off.'));
  if (viewer.via === 'nobody')
    throw wrapped(new UnauthenticatedError('Introspection needs a signed-in member of staff.'));
  if (!viewer.roles.has('STAFF')) throw wrapped(new ForbiddenError('Introspection needs the role STAFF.'));
}

function wrapped(error: ForbiddenError | UnauthenticatedError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: error.code, http: { status: error.httpStatus } },
  });
}
